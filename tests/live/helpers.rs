//! The processes that do what a confined one may not: what they do, for whom, and what they refuse.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use sabueso::file::{CreateOptions, Folder};
use sabueso::helper::{Broker, Runner};
use sabueso::live::privileges::{self, Identity};
use sabueso::live::sandbox::Level;

use crate::harness::Rights::{Namespace, Root};
use crate::harness::*;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sabueso");

/// A folder of this mode that ends with the test.
fn folder(mode: u32) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sabueso-helpers-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
    folder
}

fn nobody() -> Identity {
    privileges::choose(Some("nobody")).unwrap().unwrap()
}

/// The only process that this thread has started.
fn child() -> String {
    let children = fs::read_to_string("/proc/thread-self/children").unwrap();
    let mut children = children.split_whitespace().map(str::to_owned);
    let last = children.next_back().unwrap();
    assert_eq!(children.next(), None);
    last
}

fn until_it_ends(process: &str) {
    until("the helper ends", || (status(process, "State")[0] == "Z").then_some(()));
}

fn broker(stem: &Path, identity: Option<&Identity>) -> Broker {
    Broker::start(Path::new(PROGRAM), stem, identity, Level::Require).unwrap()
}

/// Makes, writes, renames and removes a file.
fn works(broker: &mut Broker, folder: &Path) -> (u32, u32) {
    let (first, second) = (folder.join("out.pcap"), folder.join("out.pcap1"));
    let options = CreateOptions { clobber: false, owner: None };
    broker.create(&first, &options).unwrap().write_all(b"packets").unwrap();
    let file = fs::metadata(&first).unwrap();
    assert_eq!((fs::read(&first).unwrap(), file.permissions().mode() & 0o7777), (b"packets".to_vec(), 0o600));
    let told = broker.create(&first, &options).unwrap_err().to_string();
    assert!(told.contains("--no-clobber"), "{told}");
    broker.rename(&first, &second).unwrap();
    assert!(!first.exists() && second.exists());
    broker.create(&second, &CreateOptions::default()).unwrap().write_all(b"new").unwrap();
    assert_eq!(fs::read(&second).unwrap(), b"new");
    broker.remove(&second).unwrap();
    assert_eq!(broker.remove(&second).unwrap_err().raw_os_error(), Some(libc::ENOENT));
    (file.uid(), file.gid())
}

live_test!(a_broker_makes_files_where_its_user_may_not, Root, {
    let folder = folder(0o755);
    let nobody = nobody();
    let mut broker = broker(&folder.join("out"), Some(&nobody));
    let process = child();
    assert_eq!(status(&process, "Uid"), vec![nobody.uid.to_string(); 4]);
    assert_eq!(status(&process, "Seccomp"), ["2"]);
    for (set, held) in [("CapPrm", "2"), ("CapEff", "2"), ("CapInh", "0"), ("CapBnd", "0"), ("CapAmb", "0")] {
        assert_eq!(status(&process, set), [format!("{held:0>16}")], "{set}: CAP_DAC_OVERRIDE alone");
    }
    assert_eq!(works(&mut broker, &folder), (nobody.uid.as_raw(), nobody.gid.as_raw()));
    drop(broker);
    until_it_ends(&process);
    fs::remove_dir_all(folder).unwrap();
});

live_test!(a_broker_whose_user_may_has_no_capability, Root, {
    let folder = folder(0o755);
    let nobody = nobody();
    chown(&folder, Some(nobody.uid.as_raw()), None).unwrap();
    let mut broker = broker(&folder.join("out"), Some(&nobody));
    let process = child();
    for set in ["CapPrm", "CapEff", "CapInh", "CapBnd", "CapAmb"] {
        assert_eq!(status(&process, set), ["0000000000000000"], "{set}");
    }
    assert_eq!(works(&mut broker, &folder), (nobody.uid.as_raw(), nobody.gid.as_raw()));
    fs::remove_dir_all(folder).unwrap();
});

live_test!(a_broker_makes_nothing_elsewhere, Namespace, {
    let folder = folder(0o755);
    let mut broker = broker(&folder.join("out"), None);
    works(&mut broker, &folder);
    let outside = folder.parent().unwrap().join("sabueso-outside");
    let inside = folder.join("out1");
    fs::write(&inside, "").unwrap();
    for path in [outside.clone(), folder.join("other"), folder.join("out/../../sabueso-outside"), "out".into()] {
        for refused in [
            broker.create(&path, &CreateOptions::default()).map(drop),
            broker.rename(&inside, &path),
            broker.rename(&path, &inside),
            broker.remove(&path),
        ] {
            let told = refused.unwrap_err().to_string();
            assert!(told.contains("only files whose names begin with"), "{told}");
        }
    }
    // A link leads outside, where Landlock ends it.
    std::os::unix::fs::symlink(&outside, folder.join("out2")).unwrap();
    fs::write(&outside, "precious").unwrap();
    assert!(broker.create(&folder.join("out2"), &CreateOptions::default()).is_err());
    assert_eq!(fs::read(&outside).unwrap(), b"precious");
    fs::remove_file(outside).unwrap();
    fs::remove_dir_all(folder).unwrap();
});

live_test!(a_broker_that_can_t_be_is_told_of, Namespace, {
    let stem = Path::new("/tmp/out");
    assert!(Broker::start(Path::new("/nosuchprogram"), stem, None, Level::Require).is_err());
    assert!(Broker::start(Path::new("/bin/true"), stem, None, Level::Require).is_err(), "it ends at once");
});

live_test!(a_command_runs_on_each_file_as_somebody_else, Root, {
    let folder = folder(0o777);
    let command = folder.join("command");
    fs::write(&command, "#!/bin/sh\necho \"$# $(id -u) $(nice) $(grep CapPrm /proc/self/status)\" >\"$1.done\"\n")
        .unwrap();
    fs::set_permissions(&command, Permissions::from_mode(0o755)).unwrap();
    let nobody = nobody();
    let mut runner = Runner::start(Path::new(PROGRAM), command.as_os_str(), Some(&nobody)).unwrap();
    let process = child();
    let files: Vec<PathBuf> = (0..30).map(|n| folder.join(format!("file {n}"))).collect();
    files.iter().for_each(|file| runner.run(file).unwrap());
    // What was asked for is done though nobody waits for it.
    drop(runner);
    until_it_ends(&process);
    for file in files {
        let told = fs::read_to_string(format!("{}.done", file.display())).unwrap();
        assert_eq!(told, format!("1 {} 19 CapPrm:\t0000000000000000\n", nobody.uid));
    }
    fs::remove_dir_all(folder).unwrap();
});

live_test!(a_command_is_never_run_by_root, Root, {
    for user in [None, Some("root"), Some("nobody")] {
        let invoker = privileges::invoker(user).unwrap().unwrap();
        assert!(!invoker.uid.is_root(), "{user:?}");
    }
});
