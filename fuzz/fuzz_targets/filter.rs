//! Any text as a filter, for the link type that the first byte picks: it is refused, or makes a program that a kernel
//! would take and that decides the same with and without the optimiser.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::bpf::MAX_INSTRUCTIONS;
use sabueso::filter::{Capture, Executor, Matcher, Options, check, compile, warnings};
use sabueso::frame::LinkType;

const PACKETS: [&[u8]; 3] = [
    &[0; 200],
    b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0\x45\0\0\x3c\0\x01\0\0\x40\x06\0\0\x0a\0\0\x01\x0a\0\0\x02\0\x50\0\x35\0\0\0\0\0\0\0\0\x50\x02\0\0\0\0\0\0\
      GET / HTTP/1.1\r\nHost: example.org\r\n\r\nand enough of what follows that nothing is read past the end of it, whatever is asked",
    b"\x01\0\x5e\0\0\x01\x02\0\0\0\0\x02\x81\0\0\x05\x86\xdd\x60\0\0\0\0\x14\x11\x40\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\
      \x17\xc1\x17\xc1\0\x20\0\0\0\0\x65\x58\0\0\x07\0and enough of what follows that nothing is read past the end of it, whatever is asked of this one",
];

fuzz_target!(|bytes: &[u8]| {
    let [link, capture, text @ ..] = bytes else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let link = LinkType::NAMED[usize::from(*link) % LinkType::NAMED.len()].0;
    let capture = if capture & 1 == 0 { Capture::None } else { Capture::Live };
    let optimized = Options { capture, ..Options::default() };
    let plain = Options { optimize: false, ..optimized };
    let _ = warnings(text);
    let program = match compile(text, link, &optimized) {
        Ok(program) => program,
        Err(error) => {
            assert!(!error.render(text).contains('\u{1b}'));
            return;
        }
    };
    assert!(program.instructions.len() > MAX_INSTRUCTIONS || check(&program).is_ok());
    let optimized = Executor::new(&program).expect("a compiled program is valid");
    let matcher = Matcher::new(text, link, &Options { capture, ..Options::default() }).expect("it compiled");
    let plain = compile(text, link, &plain).expect("what compiles with the optimiser compiles without it");
    let plain = Executor::new(&plain).expect("a compiled program is valid");
    for packet in PACKETS {
        let len = packet.len() as u32;
        // What the optimiser does not read cannot refuse a packet: it may take more, never less.
        assert!(plain.run(packet, len) == 0 || optimized.run(packet, len) > 0);
        // Questions can only narrow what the program accepts.
        assert!(!matcher.matches(link, packet, len) || optimized.run(packet, len) > 0);
    }
});
