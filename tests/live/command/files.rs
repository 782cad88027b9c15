//! Who the command is while it captures, and whose and what the file is.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::*;
use crate::harness::Rights::{Namespace, Root};

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A capture's user and group, once it is seen that it holds no privilege; the file must be theirs.
fn unprivileged(run: &Run) -> (u32, u32) {
    let of = |name| status(&run.id(), name);
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(of(set), ["0000000000000000"], "{set}");
    }
    assert_eq!(of("NoNewPrivs"), ["1"]);
    assert_eq!(of("Groups"), Vec::<String>::new());
    let one = |ids: Vec<String>| {
        assert!(ids.iter().all(|id| *id == ids[0] && *id != "0"), "{ids:?}");
        ids[0].parse::<u32>().unwrap()
    };
    let ids = (one(of("Uid")), one(of("Gid")));
    let file = fs::metadata(PCAP).unwrap();
    assert_eq!((file.uid(), file.gid()), ids);
    assert_eq!(mode(PCAP), 0o600);
    fs::remove_file(PCAP).unwrap();
    ids
}

live_test!(root_captures_as_somebody_else_without_any_capability, Root, {
    folder("1m", "755");
    let _talk = Talk::new();
    let flags = format!("-i here -w {PCAP}");

    let mut by_default = Run::spawn(command(&format!("sabueso {flags}")));
    by_default.told("running as");
    by_default.told("listening on");
    unprivileged(&by_default);
    by_default.interrupt().succeeded_with(0);

    let mut caller = command(&format!("sabueso {flags}"));
    caller.envs([("SUDO_UID", "12345"), ("SUDO_GID", "12346"), ("SUDO_USER", "caller")]);
    let mut caller = Run::spawn(caller);
    caller.told("running as caller");
    caller.told("listening on");
    assert_eq!(unprivileged(&caller), (12345, 12346));
    caller.interrupt().succeeded_with(0);

    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    let mut named = command(&format!("sabueso -Z nobody {flags}"));
    named.envs([("SUDO_UID", "12345"), ("SUDO_GID", "12346")]);
    let mut named = Run::spawn(named);
    named.told("running as nobody");
    named.told("listening on");
    assert_eq!(unprivileged(&named), (nobody.uid.as_raw(), nobody.gid.as_raw()));
    named.interrupt().succeeded_with(0);

    let said = refused(&format!("sabueso -Z nosuchuser {flags}"));
    assert!(said.contains("no user nosuchuser"), "{said}");
    assert!(!fs::exists(PCAP).unwrap());
});

live_test!(the_file_goes_on_after_root_is_given_up, Root, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = Run::start(command(&format!("sabueso -i here -w {PCAP}")));
    talk.send(0..100);
    run.interrupt().succeeded_with(100);
    assert!(numbers(PCAP).into_iter().eq(0..100));
});

live_test!(a_new_file_is_for_its_owner_alone, Namespace, {
    folder("1m", "755");
    let _talk = Talk::new();
    let run = capture(&format!("-i here -w {PCAP}"));
    assert_eq!(mode(PCAP), 0o600);
    run.interrupt().succeeded_with(0);
    assert_eq!(mode(PCAP), 0o600);
});

live_test!(a_file_that_is_there_is_replaced_and_keeps_its_mode, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    fs::write(PCAP, [7; 10_000]).unwrap();
    fs::set_permissions(PCAP, Permissions::from_mode(0o644)).unwrap();
    let run = capture(&format!("-i here -w {PCAP}"));
    talk.send(0..3);
    run.interrupt().succeeded_with(3);
    assert!(numbers(PCAP).into_iter().eq(0..3));
    assert_eq!(fs::metadata(PCAP).unwrap().len(), pcap_len(3));
    assert_eq!(mode(PCAP), 0o644);
});

live_test!(no_clobber_leaves_a_file_alone, Namespace, {
    folder("1m", "755");
    let _talk = Talk::new();
    fs::write(PCAP, "precious").unwrap();
    let said = refused(&format!("sabueso -Z root -i here --no-clobber -w {PCAP}"));
    assert!(said.contains("--no-clobber") && said.contains(PCAP), "{said}");
    assert_eq!(fs::read(PCAP).unwrap(), b"precious");
    capture(&format!("-i here --no-clobber -w {PCAPNG}")).interrupt().succeeded_with(0);
});

live_test!(a_link_is_followed_only_where_nobody_else_can_make_one, Namespace, {
    folder("1m", "1777");
    let talk = Talk::new();
    fs::create_dir("/mnt/own").unwrap();
    fs::set_permissions("/mnt/own", Permissions::from_mode(0o755)).unwrap();
    let target = "/mnt/own/target";
    fs::write(target, "precious").unwrap();
    symlink(target, PCAP).unwrap();
    symlink("/mnt/own/nothing", "/mnt/dangling.pcap").unwrap();
    for link in [PCAP, "/mnt/dangling.pcap"] {
        let said = refused(&format!("sabueso -Z root -i here -w {link}"));
        assert!(said.contains("link") && said.contains(link), "{said}");
    }
    assert_eq!(fs::read(target).unwrap(), b"precious");
    assert!(!fs::exists("/mnt/own/nothing").unwrap());

    symlink("target", "/mnt/own/link").unwrap();
    let run = capture("-i here -w /mnt/own/link");
    talk.send(0..3);
    run.interrupt().succeeded_with(3);
    assert!(numbers(target).into_iter().eq(0..3));
});

live_test!(a_fifo_is_written_to_as_it_is, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    mkfifo(PCAP, Mode::from_bits_truncate(0o644)).unwrap();
    let reader = thread::spawn(|| numbers(PCAP));
    let run = capture(&format!("-i here -w {PCAP}"));
    talk.send(0..100);
    run.interrupt().succeeded_with(100);
    assert!(reader.join().unwrap().into_iter().eq(0..100));
    assert_eq!(mode(PCAP), 0o644);
});

live_test!(a_file_that_cannot_be_made_is_named, Namespace, {
    let _talk = Talk::new();
    let said = refused("sabueso -Z root -i here -w /nosuchfolder/out.pcap");
    assert!(said.contains("/nosuchfolder/out.pcap") && said.contains("No such file"), "{said}");
});

live_test!(a_file_that_its_owner_cannot_have_is_not_left_behind, Namespace, {
    folder("1m", "755");
    let _talk = Talk::new();
    let said = refused(&format!("setpriv --bounding-set=-chown sabueso -Z nobody -i here -w {PCAP}"));
    assert!(said.contains(PCAP) && said.contains("can't be given to user"), "{said}");
    assert!(!fs::exists(PCAP).unwrap());
});
