//! Namespaces, interfaces and senders for the tests, and a way to wait for what a capture brings.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::panic::UnwindSafe;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Uid, fork, gettid};
use sabueso::frame::{FrameFlags, LinkType, Source, Timestamp};
use sabueso::live::{Capture, CaptureOptions, Sender};

/// Set in the process that is already where the test is to run.
const INSIDE: &str = "SABUESO_LIVE_INSIDE";

/// What a test needs to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Root of a network namespace.
    Namespace,
    /// Root of the machine, in a network namespace.
    Root,
}

/// Runs this very test again in a network namespace, where it then runs `body`.
pub fn isolated(path: &str, rights: Rights, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let root = Uid::effective().is_root();
    let unshare = match rights {
        Rights::Namespace if allowed("-Urn") => "-Urn",
        _ if root && allowed("-n") => "-n",
        Rights::Namespace => return skip(path, "neither user namespaces nor root"),
        Rights::Root => return skip(path, "not root"),
    };
    // The first part of the path is the name of this program.
    let (_, test) = path.split_once("::").unwrap();
    let output = Command::new("unshare")
        .arg(unshare)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}");
    assert!(told.contains("1 passed"), "no test is called {test}:\n{told}");
    told.lines().filter(|line| line.starts_with("*skipped*")).for_each(say_aloud);
}

/// Runs `body` in a process of a single thread (a test has two), as a program that has just begun is.
pub fn alone(body: impl FnOnce() + UnwindSafe) {
    // SAFETY: no other thread of this process holds a lock: the other one only waits for the test.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            let failed = std::panic::catch_unwind(body).is_err();
            // SAFETY: ends the process without running what belongs to the parent.
            unsafe { libc::_exit(failed.into()) }
        }
        ForkResult::Parent { child } => assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0))),
    }
}

fn allowed(unshare: &str) -> bool {
    Command::new("unshare").args([unshare, "true"]).output().is_ok_and(|o| o.status.success())
}

/// Says that a test can't run here, and why.
pub fn skip(path: &str, reason: &str) {
    assert!(std::env::var_os("SABUESO_REQUIRE_LIVE").is_none(), "{path} can't run here: {reason}");
    say_aloud(&format!("*skipped* {path}: {reason}"));
}

/// Says it on standard error though the test may pass: what the macros print there is kept back.
fn say_aloud(line: &str) {
    io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Runs ip(8); words are separated by blanks.
pub fn ip(words: &str) {
    let output = Command::new("ip").args(words.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "ip {words}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What `ip -d link show` says of an interface.
pub fn described(interface: &str) -> String {
    let output = Command::new("ip").args(["-d", "link", "show", interface]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// How many want an interface to be promiscuous.
pub fn promiscuity(interface: &str) -> u32 {
    let text = described(interface);
    let (_, rest) = text.split_once("promiscuity ").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

/// The values of a line of /proc/PROCESS/status (proc(5)), which tells who a process is and what it may.
pub fn status(process: &str, name: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.split_whitespace().map(str::to_owned).collect()
}

/// Another network namespace, in which a thread of this process lives.
pub struct Peer {
    jobs: mpsc::Sender<Box<dyn FnOnce() + Send>>,
    thread: i32,
}

impl Peer {
    pub fn new() -> Peer {
        let (jobs, taken) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        let (told, thread) = mpsc::channel();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            told.send(gettid().as_raw()).unwrap();
            taken.into_iter().for_each(|job| job());
        });
        Peer { jobs, thread: thread.recv().unwrap() }
    }

    /// Runs something there; sockets made there stay there.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = mpsc::channel();
        self.jobs.send(Box::new(move || done.send(job()).unwrap())).unwrap();
        result.recv().unwrap()
    }

    /// The number of the thread that lives there.
    pub fn id(&self) -> i32 {
        self.thread
    }

    pub fn ip(&self, words: &'static str) {
        self.run(move || ip(words));
    }
}

pub const HERE: &str = "10.9.0.1";
pub const THERE: &str = "10.9.0.2";
pub const MAC_HERE: [u8; 6] = [2, 0, 0, 0, 0, 1];
pub const MAC_THERE: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// `here` in this namespace and `there` in another, joined by a veth pair on which nothing is said but what
/// the test says: no neighbour discovery, no IPv6.
pub fn pair() -> Peer {
    let peer = Peer::new();
    ip("link set lo up");
    let thread = peer.thread;
    ip(&format!(
        "link add here address 02:00:00:00:00:01 type veth peer name there address 02:00:00:00:00:02 netns {thread}"
    ));
    ip("link set here addrgenmode none");
    ip("address add 10.9.0.1/24 dev here");
    ip("link set here up");
    ip("neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev here nud permanent");
    peer.ip("link set lo up");
    peer.ip("link set there addrgenmode none");
    peer.ip("address add 10.9.0.2/24 dev there");
    peer.ip("link set there up");
    peer.ip("neighbour add 10.9.0.1 lladdr 02:00:00:00:00:01 dev there nud permanent");
    let running = |end| sabueso::live::interfaces::find(end).unwrap().running;
    until("here has a carrier", || running("here").then_some(()));
    peer.run(move || until("there has a carrier", || running("there").then_some(())));
    peer
}

/// A UDP socket of the peer, connected to a port of this side that nobody listens on.
pub fn udp_from(peer: &Peer, port: u16) -> UdpSocket {
    peer.run(move || {
        let socket = UdpSocket::bind((THERE, 0)).unwrap();
        socket.connect((HERE, port)).unwrap();
        socket
    })
}

/// Sends, though an answer to an earlier one may have been that nobody listens.
pub fn send(socket: &UdpSocket, data: &[u8]) {
    if socket.send(data).is_err() {
        socket.send(data).unwrap();
    }
}

/// Sends frames as they are out of an interface of this thread's namespace.
pub fn send_frames(interface: &str, frames: &[Vec<u8>]) {
    send_through(&mut Sender::open(interface, false).unwrap(), frames);
}

/// Sends frames as they are; nothing was sent before.
pub fn send_through(sender: &mut Sender, frames: &[Vec<u8>]) {
    for frame in frames {
        until("room in the ring", || sender.queue(frame).then_some(()));
        until("it is taken", || sender.flush().unwrap().then_some(()));
    }
    assert_eq!(sender.sent().frames, frames.len() as u64);
}

/// An Ethernet frame from `there`.
pub fn frame(to: [u8; 6], tags_and_type: &[u8], payload: &[u8]) -> Vec<u8> {
    [&to[..], &MAC_THERE, tags_and_type, payload].concat()
}

/// A TUN interface that is up for as long as the file is open.
pub fn tun(name: &str) -> File {
    tun_of(name, libc::ARPHRD_NONE)
}

/// The same with a hardware type of choice: TUN can pass for nearly anything.
pub fn tun_of(name: &str, hardware: u16) -> File {
    const TUNSETIFF: libc::c_ulong = 0x4004_54ca;
    const TUNSETLINK: libc::c_ulong = 0x4004_54cd;
    let file = OpenOptions::new().read(true).write(true).open("/dev/net/tun").unwrap();
    // SAFETY: all-zero bytes are a valid `ifreq`, the first call reads just that, and the second takes a number.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
            *to = from.cast_signed();
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as i16;
        assert_eq!(libc::ioctl(file.as_raw_fd(), TUNSETIFF, &raw const request), 0);
        assert_eq!(libc::ioctl(file.as_raw_fd(), TUNSETLINK, libc::c_ulong::from(hardware)), 0);
    }
    ip(&format!("link set {name} addrgenmode none"));
    ip(&format!("link set {name} up"));
    file
}

/// A frame that was captured.
#[derive(Clone, Debug)]
pub struct Captured {
    pub data: Vec<u8>,
    pub wire_len: u32,
    pub time: Timestamp,
    pub flags: FrameFlags,
    pub link_type: LinkType,
    pub interface: String,
}

pub fn open(interface: &str) -> Capture {
    open_with(interface, &CaptureOptions::default())
}

pub fn open_with(interface: &str, options: &CaptureOptions) -> Capture {
    Capture::open(&[interface], options).unwrap()
}

/// Adds the frames of the next block; false at the end.
pub fn take<S: Source<Error: Debug>>(source: &mut S, frames: &mut Vec<Captured>) -> bool {
    let Some(block) = source.next_block().unwrap() else { return false };
    frames.extend(block.frames().map(|frame| {
        Captured {
            data: frame.data.to_vec(),
            wire_len: frame.wire_len,
            time: frame.time,
            flags: frame.flags,
            link_type: frame.link_type,
            interface: block.section.interfaces[frame.interface as usize]
                .name()
                .map(|name| String::from_utf8(name.to_vec()).unwrap())
                .unwrap_or_default(),
        }
    }));
    true
}

/// All frames from now until this many have come.
pub fn frames(capture: &mut Capture, count: usize) -> Vec<Captured> {
    let mut frames = Vec::new();
    until("enough frames", || {
        assert!(take(capture, &mut frames), "the capture ended after {} frames", frames.len());
        (frames.len() >= count).then_some(())
    });
    frames
}

/// All frames until the end of a capture that is stopped now.
pub fn rest(capture: &mut Capture) -> Vec<Captured> {
    capture.stop().unwrap();
    let mut frames = Vec::new();
    until("the end", || (!take(capture, &mut frames)).then_some(()));
    frames
}

/// Asks until there is an answer, at most for a while.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < limit, "waited in vain: {what}");
        thread::yield_now();
    }
}
