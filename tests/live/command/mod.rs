//! The command itself, run as a user runs it: what it captures, says and leaves behind, and how it ends.
//!
//! A test has a folder of its own (`/mnt`, as its mount namespace has it), talks with a [`Talk`], captures with
//! a [`Run`] and looks at what [`Ended`] tells and at what is in the file.

mod coming;
mod counters;
mod faults;
mod files;
mod flows;
mod interfaces;
mod lists;
mod losses;
mod processes;
mod questions;
mod replay;
mod rotation;
mod run;
mod sandbox;
mod screen;
mod signals;
mod workers;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::ops::Range;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sabueso::file::{ReadOptions, Reader};

use crate::harness::*;

/// How long something that must come may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Where most tests capture to.
const PCAP: &str = "/mnt/out.pcap";
const PCAPNG: &str = "/mnt/out.pcapng";

/// A peer that sends numbered datagrams, each of which has arrived before the next is sent; nothing else is said.
struct Talk {
    _peer: Peer,
    there: UdpSocket,
    here: UdpSocket,
}

impl Talk {
    fn new() -> Talk {
        let peer = pair();
        let here = UdpSocket::bind((HERE, 9)).unwrap();
        let there = udp_from(&peer, 9);
        here.connect(there.local_addr().unwrap()).unwrap();
        for socket in [&here, &there] {
            socket.set_read_timeout(Some(LIMIT)).unwrap();
        }
        Talk { _peer: peer, there, here }
    }

    /// Sends these numbers from there to here.
    fn send(&self, numbers: Range<u32>) {
        say(&self.there, &self.here, numbers);
    }

    /// Sends these numbers from here to there.
    fn answer(&self, numbers: Range<u32>) {
        say(&self.here, &self.there, numbers);
    }
}

fn say(from: &UdpSocket, to: &UdpSocket, numbers: Range<u32>) {
    for n in numbers {
        from.send(&n.to_be_bytes()).unwrap();
        assert_eq!(to.recv(&mut [0; 4]).unwrap(), 4);
    }
}

/// Makes `/mnt` an empty folder of this size and mode that ends with the test.
pub fn folder(size: &str, mode: &str) {
    unshare(CloneFlags::CLONE_NEWNS).unwrap();
    for words in ["--make-rprivate /", &format!("-t tmpfs -o size={size},mode={mode} none /mnt")] {
        let mount = Command::new("mount").args(words.split_whitespace()).output().unwrap();
        assert!(mount.status.success(), "mount {words}: {}", String::from_utf8_lossy(&mount.stderr));
    }
}

/// Length of a pcap file that holds this many datagrams of a [`Talk`].
fn pcap_len(datagrams: u64) -> u64 {
    const FILE_HEADER: u64 = 24;
    const RECORD: u64 = 16 + 14 + 20 + 8 + 4;
    FILE_HEADER + datagrams * RECORD
}

fn until_saved(datagrams: u64) {
    until("all in the file", || (fs::metadata(PCAP).unwrap().len() >= pcap_len(datagrams)).then_some(()));
}

/// All frames of a capture file, which must be whole.
fn read(path: &str) -> Vec<Captured> {
    let mut reader = Reader::open(Path::new(path), ReadOptions::default()).unwrap();
    let mut frames = Vec::new();
    while take(&mut reader, &mut frames) {}
    frames
}

/// The number in each frame of a file.
fn numbers(path: &str) -> Vec<u32> {
    read(path).iter().map(number).collect()
}

fn number(frame: &Captured) -> u32 {
    u32::from_be_bytes(*frame.data.last_chunk().unwrap())
}

/// A command of these words, separated by blanks, where `sabueso` is ours.
fn command(words: &str) -> Command {
    let mut words =
        words.split_whitespace().map(|word| if word == "sabueso" { env!("CARGO_BIN_EXE_sabueso") } else { word });
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    for name in ["SUDO_UID", "SUDO_GID", "SUDO_USER"] {
        command.env_remove(name);
    }
    command
}

/// A capture under way with these flags. It stays root of its user namespace, which may have no other user.
pub fn capture(flags: &str) -> Run {
    Run::start(command(&format!("sabueso -Z root {flags}")))
}

/// What is said by a capture that fails as it is begun.
fn refused(words: &str) -> String {
    let ended = Run::spawn(command(words)).end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.output, b"");
    ended.said.join("\n")
}

/// A process, and what it says on standard error.
pub struct Run {
    child: Child,
    output: Option<ChildStdout>,
    errors: Receiver<String>,
    said: Vec<String>,
}

/// What a process came to.
#[derive(Debug)]
pub struct Ended {
    /// None if a signal ended it.
    pub code: Option<i32>,
    said: Vec<String>,
    output: Vec<u8>,
}

impl Run {
    fn spawn(mut command: Command) -> Run {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = lines(child.stderr.take().unwrap());
        Run { output: child.stdout.take(), child, errors, said: Vec::new() }
    }

    /// One that captures by now.
    fn start(command: Command) -> Run {
        let mut run = Run::spawn(command);
        run.told("listening on");
        run
    }

    /// The next line on standard error with these words.
    fn told(&mut self, words: &str) -> String {
        loop {
            let Ok(line) = self.errors.recv_timeout(LIMIT) else { panic!("no {words} in {:?}", self.said) };
            self.said.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Standard output, line by line.
    fn lines(&mut self) -> Receiver<String> {
        lines(self.output.take().unwrap())
    }

    fn id(&self) -> String {
        self.child.id().to_string()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Does something while it is held up.
    fn while_stopped(&self, job: impl FnOnce()) {
        self.signal(Signal::SIGSTOP);
        until("it stops", || (status(&self.id(), "State")[0] == "T").then_some(()));
        job();
        self.signal(Signal::SIGCONT);
    }

    pub fn interrupt(self) -> Ended {
        self.signal(Signal::SIGINT);
        self.end()
    }

    /// Waits for it to end by itself.
    fn end(mut self) -> Ended {
        let output = self.output.take().map(|mut output| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                output.read_to_end(&mut bytes).unwrap();
                bytes
            })
        });
        let status = until("the end", || self.child.try_wait().unwrap());
        let mut said = std::mem::take(&mut self.said);
        said.extend(self.errors.iter());
        Ended { code: status.code(), said, output: output.map(|o| o.join().unwrap()).unwrap_or_default() }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // A test that failed leaves it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (line, lines) = mpsc::channel();
    thread::spawn(move || BufReader::new(from).lines().map_while(Result::ok).try_for_each(|l| line.send(l)));
    lines
}

impl Ended {
    /// How many packets the last line with these words tells of.
    fn count(&self, words: &str) -> u64 {
        let line = self.said.iter().rev().find(|line| line.contains(words));
        line.map_or(0, |line| line.split_once(" packet").unwrap().0.parse().unwrap())
    }

    fn captured(&self) -> u64 {
        self.count("captured")
    }

    fn received(&self) -> u64 {
        self.count("received by filter")
    }

    fn dropped(&self) -> u64 {
        self.count("dropped by kernel")
    }

    /// Ended well, with this many packets and none lost.
    fn succeeded_with(&self, captured: u64) {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert_eq!((self.captured(), self.received(), self.dropped()), (captured, captured, 0), "{self:?}");
    }

    fn says(&self, words: &str) {
        assert!(self.said.iter().any(|line| line.contains(words)), "no {words} in {self:?}");
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.output).unwrap()
    }
}
