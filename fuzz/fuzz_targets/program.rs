//! Any bytes as a program and a packet: a program that passes the check ends, and reads nothing outside.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::bpf::{Instruction, Program};
use sabueso::filter::{Executor, check};

fuzz_target!(|bytes: &[u8]| {
    let [count, rest @ ..] = bytes else { return };
    let split = (usize::from(*count) * 8).min(rest.len());
    let (code, packet) = rest.split_at(split);
    let instructions = code
        .chunks_exact(8)
        .map(|i| Instruction {
            code: u16::from_le_bytes([i[0], i[1] & 1]),
            jt: i[2],
            jf: i[3],
            k: u32::from_le_bytes([i[4], i[5], i[6], i[7]]),
        })
        .collect();
    let program = Program { instructions };
    let _ = (program.to_string(), program.c_text());
    let executor = Executor::new(&program);
    assert_eq!(executor.is_ok(), check(&program).is_ok());
    if let Ok(executor) = executor {
        let _ = executor.run(packet, packet.len() as u32 + 4);
    }
});
