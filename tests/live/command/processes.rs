//! Which process a packet is of: the answers are compared with who really sent and received.
//!
//! In a network namespace the kernel tells nobody of processes that begin and end: these tests are about those that last.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::ChildStdin;

use serde_json::Value;

use super::*;
use crate::harness::Rights::{Namespace, Root};

/// A process that connects to a listener of ours, says a word and stays.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
}

impl Client {
    /// As this user, where that can be chosen.
    fn connect(to: SocketAddr, user: Option<u32>) -> Client {
        // The shell's own redirection needs bash; `exec` makes it the very process that was started.
        let script = format!("exec 3<>/dev/tcp/{}/{}; echo word >&3; read line", to.ip(), to.port());
        let mut command = Command::new("bash");
        command.args(["-c", &script]).stdin(Stdio::piped());
        if let Some(user) = user {
            command.uid(user);
        }
        let mut child = command.spawn().unwrap();
        Client { input: child.stdin.take(), child }
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    fn end(mut self) {
        drop(self.input.take());
        self.child.wait().unwrap();
    }
}

/// What each packet from a port says of its process: number, name, certainty.
fn told(lines: &str, port: u16) -> Vec<(u64, String, String)> {
    let packets = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let from = packets.filter(|packet| packet["tcp"]["src"] == port || packet["udp"]["src"] == port);
    from.map(|packet| {
        let of = &packet["process"];
        let word = |name: &str| of[name].as_str().unwrap_or_default().to_owned();
        (of["pid"].as_u64().unwrap(), word("name"), word("certainty"))
    })
    .collect()
}

fn all_are(told: &[(u64, String, String)], pid: u32, name: &str) {
    assert!(!told.is_empty());
    for found in told {
        assert_eq!(found, &(pid.into(), name.to_owned(), "exact".to_owned()), "{told:?}");
    }
}

/// A word, as it comes.
fn hears(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let (mut stream, from) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.read_exact(&mut [0; 5]).unwrap();
    (stream, from)
}

live_test!(both_ends_of_a_connection_have_their_processes, Namespace, {
    ip("link set lo up");
    let own_name = fs::read_to_string("/proc/self/comm").unwrap().trim_end().to_owned();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let listener = TcpListener::bind(address).unwrap();
        let server = listener.local_addr().unwrap();
        let run = capture(&format!("-i lo --processes --json -l tcp port {}", server.port()));
        let client = Client::connect(server, None);
        let (stream, from) = hears(&listener);
        let (pid, _kept) = (client.id(), stream);
        let ended = run.interrupt();
        client.end();
        let lines = ended.text();
        all_are(&told(lines, from.port()), pid, "bash");
        all_are(&told(lines, server.port()), std::process::id(), &own_name);
    }
});

live_test!(who_is_refused_is_told_who_listens_at_another_address, Namespace, {
    folder("16m", "755");
    ip("link set lo up");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let run = capture(&format!("-i lo --processes -w {PCAPNG} tcp"));
    let refusing = SocketAddr::new([127, 0, 0, 2].into(), at.port());
    assert_eq!(TcpStream::connect(refusing).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    until("both packets are in the file", || {
        run.signal(Signal::SIGUSR2);
        (read(PCAPNG).len() >= 2).then_some(())
    });
    assert_eq!(run.interrupt().code, Some(0));
    let own_name = fs::read_to_string("/proc/self/comm").unwrap().trim_end().to_owned();
    let expected = format!("{own_name} {} at {at}", std::process::id());
    let flows = Run::spawn(command(&format!("sabueso flows --json {PCAPNG}"))).end();
    let flow: Value = serde_json::from_str(flows.text()).unwrap();
    assert_eq!(flow["server"]["listener"], expected);
    assert_eq!(flow["verdict"]["connect"]["outcome"], "ECONNREFUSED");
    let flows = Run::spawn(command(&format!("sabueso flows {PCAPNG}"))).end();
    assert!(flows.text().contains(&format!("  the port's listener is {expected}")), "{flows:?}");
});

live_test!(datagrams_have_processes_too, Namespace, {
    ip("link set lo up");
    let (here, there) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    here.connect(there.local_addr().unwrap()).unwrap();
    let run = capture("-i lo --processes --json -l udp");
    here.send(b"word").unwrap();
    there.recv(&mut [0; 4]).unwrap();
    let ended = run.interrupt();
    let told = told(ended.text(), here.local_addr().unwrap().port());
    assert!(told.iter().all(|(pid, ..)| *pid == u64::from(std::process::id())), "{told:?}");
    assert_eq!(told.len(), 1);
});

live_test!(a_filter_takes_the_packets_of_one_process_live_and_from_the_file, Namespace, {
    folder("16m", "755");
    ip("link set lo up");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let clients = [Client::connect(server, None), Client::connect(server, None)];
    let streams = clients.each_ref().map(|_| hears(&listener));
    // What is said from now on is of connections that are there already.
    let wanted = clients[0].id();
    let run = capture(&format!("-i lo -w {PCAPNG} tcp and pid {wanted}"));
    let all = capture("-i lo -w /mnt/all.pcapng --processes tcp");
    for (stream, _) in &streams {
        let mut stream = stream;
        std::io::Write::write_all(&mut stream, b"well\n").unwrap();
    }
    // The answers of the kernels: each has the word when its acknowledgement was seen.
    let acknowledged = |file: &str| read(file).iter().filter(|frame| frame.data.len() < 70).count();
    for run in [&run, &all] {
        run.signal(Signal::SIGUSR2);
    }
    until("both are in the file", || {
        all.signal(Signal::SIGUSR2);
        (acknowledged("/mnt/all.pcapng") >= 2).then_some(())
    });
    for run in [run, all] {
        assert_eq!(run.interrupt().code, Some(0));
    }
    let from_file = |file: &str, filter: &str| {
        let words = format!("sabueso -r {file} --fields tcp.srcport,process.pid --no-header {filter}");
        Run::spawn(command(&words)).end().text().to_owned()
    };
    let theirs = from_file(PCAPNG, "");
    assert!(!theirs.is_empty());
    for line in theirs.lines() {
        assert!(line.ends_with(&format!("\t{wanted}")), "{theirs}");
    }
    assert_eq!(theirs, from_file("/mnt/all.pcapng", &format!("pid {wanted}")));
    assert_eq!(theirs, from_file("/mnt/all.pcapng", &format!("--where process.pid=={wanted}")));
    let flows = Run::spawn(command("sabueso flows --json /mnt/all.pcapng")).end();
    let flows: Vec<Value> = flows.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let pid = |end: &Value| end["process"]["pid"].as_u64().unwrap();
    let mut ends: Vec<[u64; 2]> = flows.iter().map(|flow| [pid(&flow["client"]), pid(&flow["server"])]).collect();
    let mut expected = clients.each_ref().map(|client| [client.id(), std::process::id()].map(u64::from));
    // Who called whom is a guess: the handshakes were before the capture.
    for pair in ends.iter_mut().chain(&mut expected) {
        pair.sort();
    }
    ends.sort();
    expected.sort();
    assert_eq!(ends, expected);
    clients.into_iter().for_each(Client::end);
});

live_test!(a_user_is_named_whose_process_it_is, Root, {
    ip("link set lo up");
    let nobody = 65534;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let run = capture("-i lo --processes --json -l tcp");
    let client = Client::connect(server, Some(nobody));
    let (stream, from) = hears(&listener);
    let (pid, _kept) = (client.id(), stream);
    let ended = run.interrupt();
    client.end();
    all_are(&told(ended.text(), from.port()), pid, "bash");
    let packets = ended.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut of_client = packets.filter(|packet| packet["tcp"]["src"] == from.port());
    let packet = of_client.next().unwrap();
    assert_eq!((&packet["process"]["uid"], &packet["process"]["user"]), (&nobody.into(), &"nobody".into()));
});

live_test!(sockets_lists_who_listens, Namespace, {
    ip("link set lo up");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ended = Run::spawn(command("sabueso sockets --json")).end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let sockets = ended.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut found = sockets.filter(|socket| socket["local"]["port"] == port);
    let socket = found.next().unwrap();
    assert_eq!((&socket["kind"], &socket["state"]), (&"tcp".into(), &"listening".into()));
    assert_eq!(socket["processes"][0]["pid"], std::process::id());
    assert!(found.next().is_none());
    let table = Run::spawn(command("sabueso sockets")).end();
    assert!(table.text().lines().any(|line| line.contains(&format!("127.0.0.1:{port}"))), "{table:?}");
});
