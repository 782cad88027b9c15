//! A command and its packets.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::harness::Rights::Root;

/// A command line and a script of bash that it runs.
fn running(words: &str, script: &str) -> Command {
    let mut command = command(words);
    command.args(["--", "bash", "-c", script]);
    command
}

/// The connections that were told on standard error.
fn flows(ended: &Ended) -> Vec<Value> {
    ended.said.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The control groups of commands.
fn groups() -> Vec<String> {
    let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
    let all = roots.iter().filter_map(|root| fs::read_dir(root).ok()).flatten();
    let names = all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("sabueso-run-")).collect()
}

/// Takes a connection that says a word.
fn hears(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let (mut stream, from) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.read_exact(&mut [0; 5]).unwrap();
    (stream, from)
}

live_test!(only_the_packets_of_the_command_are_taken, Root, {
    folder("16m", "777");
    ip("link set lo up");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    // The last of three generations connects, and waits for a line.
    let talk = format!("exec 3<>/dev/tcp/{}/{}; echo word >&3; read line <&3", at.ip(), at.port());
    let script = format!("bash -c 'bash -c \"{talk}\"; true'; exit 5");
    let run = Run::start(running(&format!("sabueso run --json -w {PCAPNG}"), &script));
    let (mut theirs, from) = hears(&listener);
    let mut other = TcpStream::connect(at).unwrap();
    other.write_all(b"noise").unwrap();
    let (_kept, noise) = hears(&listener);
    // By then its socket was looked for.
    until("its first packets are in the file", || {
        run.signal(Signal::SIGUSR2);
        (read(PCAPNG).len() >= 4).then_some(())
    });
    theirs.write_all(b"well\n").unwrap();
    let ended = run.end();
    assert_eq!(ended.code, Some(5), "{ended:?}");
    let [flow] = &flows(&ended)[..] else { panic!("{ended:?}") };
    assert_eq!((&flow["client"]["port"], &flow["server"]["port"]), (&from.port().into(), &at.port().into()));
    assert_eq!((&flow["sent"]["payload_bytes"], &flow["received"]["payload_bytes"]), (&5.into(), &5.into()));
    assert_eq!(flow["client"]["process"]["name"], "bash", "{flow}");
    let ports = Run::spawn(command(&format!("sabueso -r {PCAPNG} --fields tcp.srcport --no-header"))).end();
    let ports: Vec<u16> = ports.text().lines().map(|line| line.parse().unwrap()).collect();
    assert!(ports.contains(&from.port()) && ports.contains(&at.port()) && !ports.contains(&noise.port()), "{ports:?}");
});

live_test!(the_end_of_the_command_is_passed_on, Root, {
    ip("link set lo up");
    let before = groups();
    for (script, code) in [("exit 0", 0), ("exit 42", 42), ("kill -9 $$", 137)] {
        assert_eq!(Run::spawn(running("sabueso run", script)).end().code, Some(code), "{script}");
    }
    let ended = Run::spawn(command("sabueso run -- /no/such/command")).end();
    assert_eq!(ended.code, Some(127), "{ended:?}");
    ended.says("/no/such/command");
    // Those of tests that run beside this one are there as long as they do.
    let is_left = |name: &&String| {
        let pid = name.trim_start_matches("sabueso-run-");
        !before.contains(*name) && !Path::new("/proc").join(pid).exists()
    };
    assert_eq!(groups().iter().find(is_left), None);
});

live_test!(it_runs_as_who_called_sudo, Root, {
    ip("link set lo up");
    let mut command = running("sabueso run", "id -u; id -g; test -r /etc/shadow; echo $?");
    command.env("SUDO_UID", "65534").env("SUDO_GID", "65534").env("SUDO_USER", "nobody");
    let ended = Run::spawn(command).end();
    assert_eq!((ended.code, ended.text()), (Some(0), "65534\n65534\n1\n"), "{ended:?}");
    let ended = Run::spawn(running("sabueso run", "id -u")).end();
    assert_eq!(ended.text(), "0\n", "root's command is root's");
});

live_test!(a_network_of_its_own_has_loopback_alone, Root, {
    let script = "ip -o link | wc -l; exec 3<>/dev/tcp/127.0.0.1/81; exec 3<>/dev/tcp/192.0.2.1/80; true";
    let ended = Run::spawn(running("sabueso run --isolate --json", script)).end();
    assert_eq!((ended.code, ended.text()), (Some(0), "1\n"), "{ended:?}");
    let [flow] = &flows(&ended)[..] else { panic!("{ended:?}") };
    assert_eq!(flow["server"]["port"], 81);
    assert_eq!(flow["verdict"]["connect"]["outcome"], "ECONNREFUSED");
    ended.says("1 times there was no route");
});

live_test!(a_terminated_run_ends_the_command_too, Root, {
    ip("link set lo up");
    let mut run = Run::start(running("sabueso run", "echo $$; exec sleep 1000"));
    let pid = run.lines().recv_timeout(LIMIT).unwrap();
    assert!(Path::new("/proc").join(&pid).exists());
    run.signal(Signal::SIGTERM);
    assert_eq!(run.end().code, Some(128 + 15));
    assert!(!Path::new("/proc").join(&pid).exists());
});
