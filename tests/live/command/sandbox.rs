//! What a capture and a reader can no longer reach, and what is said where the kernel can't help with that.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use super::*;
use crate::harness::Rights::{Namespace, Root};

pub const STRACE: &str = "strace -f -o /mnt/trace";

pub fn strace_is_missing(test: &str) -> bool {
    let missing = Command::new("strace").arg("-V").output().is_err();
    if missing {
        skip(test, "strace is not installed");
    }
    missing
}

/// What the self-test tells of each thing tried.
fn tried(flags: &str) -> Vec<(String, String)> {
    let ended = Run::spawn(command(&format!("sabueso sandbox-self-test {flags}"))).end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let things = ended.text().lines().filter(|line| !line.starts_with("system call"));
    things.filter_map(|line| line.split_once(": ")).map(|(what, result)| (what.to_owned(), result.to_owned())).collect()
}

fn nothing_works() {
    let whole = tried("--sandbox=require");
    assert_eq!(whole.len(), 26, "{whole:?}");
    let (unknown, refused) = whole.split_last().unwrap();
    assert_eq!((unknown.0.as_str(), unknown.1.as_str()), ("swapon", "ENOSYS"));
    for (what, result) in refused {
        assert_eq!(result, "EPERM", "{what}");
    }
    for (what, result) in tried("--sandbox=require --folder=/mnt") {
        let expected = match what.as_str() {
            "swapon" => "ENOSYS",
            "a folder" | "a file to write" | "a file to read" | "a file to read, in a thread" => "EACCES",
            _ => "EPERM",
        };
        assert_eq!(result, expected, "{what}");
    }
}

live_test!(nothing_works_that_a_capture_has_no_need_of, Namespace, {
    nothing_works();
});

live_test!(nothing_works_for_one_who_was_root, Root, {
    nothing_works();
    let off = tried("--sandbox=off");
    let works: Vec<_> = off.iter().filter(|(_, result)| result == "works").map(|(what, _)| what.as_str()).collect();
    let files = ["a file to read", "a file to read, in a thread", "a file to write", "a folder", "a program"];
    assert_eq!(works, files, "it is the sandbox that refused them");
});

fn confined(process: &str) {
    for thread in fs::read_dir(format!("/proc/{process}/task")).unwrap() {
        let thread = format!("{process}/task/{}", thread.unwrap().file_name().into_string().unwrap());
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            assert_eq!(status(&thread, set), ["0000000000000000"], "{set}");
        }
        assert_eq!((status(&thread, "NoNewPrivs"), status(&thread, "Seccomp")), (vec!["1".into()], vec!["2".into()]));
    }
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let core: Vec<&str> = limits.lines().find(|l| l.starts_with("Max core")).unwrap().split_whitespace().collect();
    assert_eq!(core, ["Max", "core", "file", "size", "0", "0", "bytes"]);
}

live_test!(a_capture_is_confined_before_the_first_packet, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("--sandbox=require -i here -w {PCAP} --print"));
    confined(&run.id());
    talk.send(0..10);
    let ended = run.interrupt();
    ended.succeeded_with(10);
    ended.says("in a sandbox of Landlock and seccomp");
    assert_eq!(ended.text().lines().count(), 10);
});

live_test!(one_capability_is_enough_for_an_ordinary_user, Root, {
    folder("200m", "777");
    let talk = Talk::new();
    let capability = "--inh-caps=+net_raw --ambient-caps=+net_raw";
    let mut ways = vec![format!("setpriv --reuid=65534 --regid=65534 --clear-groups {capability} sabueso")];
    fs::copy(env!("CARGO_BIN_EXE_sabueso"), "/mnt/installed").unwrap();
    let marked = Command::new("setcap").args(["cap_net_raw+ep", "/mnt/installed"]).output();
    match marked.is_ok_and(|output| output.status.success()) {
        true => ways.push("setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/installed".to_owned()),
        false => skip("a file with a capability", "setcap is not installed"),
    }
    for way in ways {
        let run = Run::start(command(&format!("{way} --sandbox=require -i here -w {PCAP}")));
        assert_eq!(status(&run.id(), "Uid")[0], "65534");
        confined(&run.id());
        let memory = fs::metadata(format!("/proc/{}/mem", run.id())).unwrap();
        assert_eq!(memory.uid(), 0, "the same user can't look into it");
        talk.send(0..10);
        run.interrupt().succeeded_with(10);
        assert!(numbers(PCAP).into_iter().eq(0..10));
        fs::remove_file(PCAP).unwrap();
    }
});

live_test!(a_call_that_the_sandbox_does_not_know_ends_it_with_the_file_whole, Namespace, {
    folder("1m", "755");
    if strace_is_missing("a_call_that_the_sandbox_does_not_know_ends_it_with_the_file_whole") {
        return;
    }
    let talk = Talk::new();
    // The hundredth wait is another call.
    let fault = "-e trace=poll -e inject=poll:error=EINTR:syscall=getppid:when=100";
    let run = Run::start(command(&format!("{STRACE} {fault} sabueso -Z root -i here -w {PCAP}")));
    talk.send(0..500);
    let ended = run.end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says(&format!("system call {} was made, which the sandbox does not know", libc::SYS_getppid));
    let kept = read(PCAP).len() as u64;
    assert_eq!(kept, ended.captured(), "{ended:?}");
    assert!(numbers(PCAP).into_iter().eq(0..kept as u32));
});

live_test!(what_the_kernel_lacks_is_told_or_refused, Namespace, {
    folder("1m", "755");
    if strace_is_missing("what_the_kernel_lacks_is_told_or_refused") {
        return;
    }
    let _talk = Talk::new();
    for (wall, call, error) in [("Landlock", "landlock_create_ruleset", "ENOSYS"), ("seccomp", "seccomp", "EINVAL")] {
        let old = format!("{STRACE} -e trace={call} -e inject={call}:error={error} sabueso -Z root");
        let ended = Run::start(command(&format!("{old} -i here"))).interrupt_child();
        ended.says(&format!("the sandbox lacks {wall}"));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let said = refused(&format!("{old} --sandbox=require -i here"));
        assert!(said.contains(&format!("the sandbox lacks {wall}")) && said.contains("--sandbox=require"), "{said}");
        let ended = Run::start(command(&format!("{old} --sandbox=off -i here"))).interrupt_child();
        ended.says("not in a sandbox");
        assert!(!ended.said.iter().any(|line| line.contains("lacks")), "{ended:?}");
    }
});

impl Run {
    /// Interrupts the program that this one runs.
    fn interrupt_child(self) -> Ended {
        let id = self.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let child = children.split_whitespace().next().unwrap().parse().unwrap();
        kill(Pid::from_raw(child), Signal::SIGINT).unwrap();
        self.end()
    }
}

live_test!(reading_is_confined_and_stays_the_user_it_was, Root, {
    folder("1m", "755");
    fs::copy("captures/ping.pcap", PCAP).unwrap();
    let mut run = Run::spawn(command(&format!("sabueso --sandbox=require --follow -nn -r {PCAP}")));
    let lines = run.lines();
    lines.recv_timeout(LIMIT).unwrap();
    confined(&run.id());
    assert_eq!(status(&run.id(), "Uid"), ["0"; 4]);
    run.signal(Signal::SIGKILL);
});

live_test!(root_reads_one_file_after_another_whosever_it_is, Root, {
    folder("1m", "755");
    for (name, owner) in [("/mnt/a", 0), ("/mnt/b", 65534), ("/mnt/c", 1)] {
        fs::copy("captures/ping.pcap", name).unwrap();
        fs::set_permissions(name, Permissions::from_mode(0o600)).unwrap();
        chown(name, Some(owner), None).unwrap();
    }
    let ended = Run::spawn(command("sabueso --sandbox=require --count -r /mnt/a -r /mnt/b -r /mnt/c")).end();
    assert_eq!((ended.code, ended.text()), (Some(0), "84 packets\n"), "{ended:?}");
});

live_test!(more_news_of_interfaces_than_there_is_room_for_hides_nothing, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here -w {PCAP}"));
    talk.send(0..10);
    run.while_stopped(|| {
        let news: String = (0..500).map(|n| format!("link set lo alias number{n}\n")).collect();
        fs::write("/mnt/news", news + "link del here\n").unwrap();
        ip("-batch /mnt/news");
    });
    let ended = run.end();
    ended.says("here is gone");
    assert_eq!((ended.code, ended.captured()), (Some(1), 10), "{ended:?}");
});

live_test!(the_time_zone_is_known_though_its_file_is_closed, Namespace, {
    if !fs::exists("/usr/share/zoneinfo/Asia/Kolkata").unwrap() {
        return skip("the_time_zone_is_known_though_its_file_is_closed", "there is no time zone data");
    }
    let _talk = Talk::new();
    let mut command = command("sabueso -Z root -i here");
    command.env("TZ", "Asia/Kolkata");
    let mut run = Run::start(command);
    ip("link set here down");
    let line = run.told("here is down since");
    let minute = |text: &str| text.split(':').nth(1).unwrap().parse::<u64>().unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / 60 % 60;
    // Half an hour and five from UTC.
    let apart = (60 + minute(line.split_once("since").unwrap().1) - now) % 60;
    assert!(apart == 30 || apart == 29, "{line}, {now} minutes past the hour");
});

live_test!(rotated_files_are_made_where_the_user_may_not_make_any, Root, {
    folder("1m", "755");
    let talk = Talk::new();
    let flags = format!("--sandbox=require -i here -w {PCAP} --rotate-packets 100 -W 3 -U");
    let run = Run::start(command(&format!("sabueso {flags}")));
    confined(&run.id());
    talk.send(0..1000);
    run.interrupt().succeeded_with(1000);
    let mut names: Vec<_> = fs::read_dir("/mnt").unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    let mut held: Vec<u32> = names.iter().flat_map(|name| numbers(name.to_str().unwrap())).collect();
    held.sort_unstable();
    assert!(held.into_iter().eq(700..1000));
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    for name in names {
        let file = fs::metadata(&name).unwrap();
        assert_eq!((file.uid(), file.gid()), (nobody.uid.as_raw(), nobody.gid.as_raw()), "{name:?}");
        assert_eq!(file.permissions().mode() & 0o7777, 0o600);
    }
});

live_test!(a_recorder_makes_its_files_where_the_user_may_not_make_any, Root, {
    folder("1m", "700");
    fs::write(PCAP, "somebody's").unwrap();
    let talk = Talk::new();
    let flags = format!("--sandbox=require -i here -w {PCAP} --recorder 100kB --after 1h --trigger udp[8:4]=20");
    let mut run = Run::start(command(&format!("sabueso {flags}")));
    confined(&run.id());
    talk.send(0..21);
    assert!(run.told("triggered").ends_with("/mnt/out.pcap1"));
    run.interrupt().says("21 packets recorded in 1 file");
    assert!(numbers("/mnt/out.pcap1").into_iter().eq(0..21));
    assert_eq!(fs::read(PCAP).unwrap(), b"somebody's");
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    assert_eq!(fs::metadata("/mnt/out.pcap1").unwrap().uid(), nobody.uid.as_raw());
});

live_test!(the_command_after_a_file_is_the_callers_and_outlives_the_capture, Root, {
    folder("1m", "777");
    let talk = Talk::new();
    let script = "#!/bin/sh\nuntil [ -e /mnt/go ]; do :; done\necho \"$(id -u) $(nice)\" >\"$1.done\"\n";
    fs::write("/mnt/command", script).unwrap();
    fs::set_permissions("/mnt/command", Permissions::from_mode(0o755)).unwrap();
    let mut caller = command(&format!("sabueso -i here -w {PCAP} --rotate-packets 10 -z /mnt/command"));
    caller.envs([("SUDO_UID", "12345"), ("SUDO_GID", "12346"), ("SUDO_USER", "caller")]);
    // Its output would end with the last command, not with itself.
    let mut run = caller.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("it captures", || fs::exists(PCAP).unwrap().then_some(()));
    until("it is confined", || (status(&run.id().to_string(), "Seccomp") == ["2"]).then_some(()));
    talk.send(0..25);
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGINT).unwrap();
    let ended = until("the end, though commands are running", || run.try_wait().unwrap());
    assert_eq!(ended.code(), Some(0));
    fs::write("/mnt/go", "").unwrap();
    for file in [PCAP.to_owned(), format!("{PCAP}1"), format!("{PCAP}2")] {
        let told = until("the command has run", || {
            fs::read_to_string(format!("{file}.done")).ok().filter(|told| told.ends_with('\n'))
        });
        assert_eq!(told, "12345 19\n");
    }
});

live_test!(without_a_broker_the_capture_makes_its_files_itself, Namespace, {
    folder("1m", "755");
    if strace_is_missing("without_a_broker_the_capture_makes_its_files_itself") {
        return;
    }
    let talk = Talk::new();
    let fault = "-e trace=socketpair -e inject=socketpair:error=EMFILE";
    let flags = format!("-Z root -i here -w {PCAP} --rotate-packets 10 -c 25");
    let run = Run::start(command(&format!("{STRACE} {fault} sabueso {flags}")));
    talk.send(0..25);
    let ended = run.end();
    ended.succeeded_with(25);
    ended.says("no process of its own makes the files");
    assert!(numbers(PCAP).into_iter().eq(0..10) && numbers("/mnt/out.pcap2").into_iter().eq(20..25));
    let said = refused(&format!("{STRACE} {fault} sabueso --sandbox=require {flags}"));
    assert!(said.contains(PCAP) && said.contains("Too many open files"), "{said}");
});
