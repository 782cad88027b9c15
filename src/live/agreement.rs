//! Whether the kernel and our executor decide alike: programs attached to a real socket, over real packets.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use proptest::prelude::*;

use super::sys::attach_filter;
use crate::bpf::{Instruction, Program, code};
use crate::file::{ReadOptions, Reader};
use crate::filter::{Capture, Executor, Options, check, compile};
use crate::frame::{LinkType, Source};

/// Two ends of a datagram socket: a filter at the far end sees just the bytes that are sent.
struct Pair {
    near: OwnedFd,
    far: OwnedFd,
}

impl Pair {
    fn new() -> Self {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let (near, far) = socketpair(AddressFamily::Unix, SockType::Datagram, None, flags).unwrap();
        Pair { near, far }
    }

    /// How many bytes the kernel keeps of a packet.
    fn kept(&self, packet: &[u8]) -> usize {
        send(self.near.as_raw_fd(), packet, MsgFlags::empty()).unwrap();
        match recv(self.far.as_raw_fd(), &mut [0; LONGEST], MsgFlags::empty()) {
            Ok(len) => len,
            Err(Errno::EAGAIN) => 0,
            Err(error) => panic!("{error}"),
        }
    }

    fn agrees(&self, program: &Program, packets: &[Vec<u8>], about: &str) {
        attach_filter(self.far.as_fd(), &program.instructions).unwrap();
        let executor = Executor::new(program).unwrap();
        for packet in packets {
            let len = packet.len();
            let expected = (executor.run(packet, len as u32) as usize).min(len);
            assert_eq!(self.kept(packet), expected, "{about} on {packet:02x?}\n{program}");
        }
    }
}

const LONGEST: usize = 1600;

/// The Ethernet frames of the captures that the tests have, each whole and cut somewhere in its headers.
fn packets() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut packets = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let Ok(mut reader) = Reader::open(&entry.unwrap().path(), ReadOptions::default()) else { continue };
        while let Ok(Some(block)) = reader.next_block() {
            for frame in block.frames().filter(|frame| frame.link_type == LinkType::EN10MB).take(8) {
                // An empty datagram can't be told from one that was refused.
                let data = &frame.data[..frame.data.len().min(LONGEST)];
                if !data.is_empty() {
                    packets.push(data.to_vec());
                    packets.push(data[..1 + packets.len() % data.len().min(80)].to_vec());
                }
            }
        }
    }
    packets
}

#[test]
fn the_kernel_decides_the_examples_of_the_manual_as_the_executor_does() {
    let packets = packets();
    assert!(packets.len() > 500, "only {} packets", packets.len());
    let pair = Pair::new();
    let manual = include_str!("../../docs/filter.md");
    let blocks = manual.split("```filter\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut compiled = 0;
    for expression in blocks.flat_map(str::lines) {
        for optimize in [true, false] {
            let options = Options { capture: Capture::None, optimize, ..Options::default() };
            let Ok(program) = compile(expression, LinkType::EN10MB, &options) else { continue };
            // What only a packet socket's packets have beside them.
            if program.instructions.iter().any(|i| i.k >= crate::bpf::ANCILLARY) {
                continue;
            }
            pair.agrees(&program, &packets, expression);
            compiled += 1;
        }
    }
    assert!(compiled > 100, "only {compiled} programs");
}

/// Any but two, in which a kernel wraps and this, as libpcap, does not: a shift by what is in a register (32 and more give
/// 0 here), and a load from there (a sum beyond 32 bits is outside of the packet here). Filters of the language do
/// neither unless they are written to.
fn instruction() -> impl Strategy<Value = Instruction> {
    let codes = vec![
        0x20, 0x28, 0x30, 0x00, 0x80, 0x01, 0x81, 0xb1, 0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c,
        0x44, 0x54, 0x5c, 0x64, 0x74, 0x84, 0x94, 0x9c, 0xa4, 0x05, 0x15, 0x1d, 0x25, 0x35, 0x45, 0x4d, 0x06, 0x16,
        0x07, 0x87,
    ];
    let k = prop_oneof![8 => 0u32..16, 4 => 0u32..100, 1 => any::<u16>().prop_map(u32::from)];
    (prop::sample::select(codes), 0u8..4, 0u8..4, k).prop_map(|(code, jt, jf, k)| Instruction { code, jt, jf, k })
}

proptest! {
    #[test]
    fn the_kernel_takes_what_passes_the_check_and_runs_it_alike(
        instructions in prop::collection::vec(instruction(), 1..30),
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..120), 1..6),
    ) {
        let mut program = Program { instructions };
        program.instructions.push(Instruction::new(code::RET | code::A, 0));
        let pair = Pair::new();
        let taken = attach_filter(pair.far.as_fd(), &program.instructions);
        prop_assert_eq!(taken.is_ok(), check(&program).is_ok(), "{:?}\n{}", taken, program);
        if taken.is_ok() {
            pair.agrees(&program, &packets, "random");
        }
    }
}
