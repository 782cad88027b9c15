//! What always holds of filters: no text makes the compiler panic, no program runs for ever or outside its packet,
//! and the optimiser changes no verdict.

use proptest::prelude::*;
use sabueso::bpf::{Instruction, MEMORY_WORDS, Program, code};
use sabueso::filter::{Capture, Executor, Matcher, Options, check, compile};
use sabueso::frame::{ByteOrder, LinkType};

/// Why a program refused a packet, if it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Returned(u32),
    /// A read outside the packet, or a division by zero.
    Stopped,
}

/// The rules of bpf(4), one instruction at a time, as plainly as can be.
fn reference(program: &Program, data: &[u8], wire_len: u32) -> Verdict {
    use Verdict::{Returned, Stopped};
    let read = |offset: u64, size: u64| -> Option<u32> {
        let from = usize::try_from(offset).ok()?;
        let bytes = data.get(from..from.checked_add(size as usize)?)?;
        Some(bytes.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
    };
    let (mut a, mut x, mut memory, mut at) = (0u32, 0u32, [0u32; MEMORY_WORDS as usize], 0usize);
    for _ in 0..=program.instructions.len() {
        let i = program.instructions[at];
        at += 1;
        let operand = if i.code & code::X == code::X { x } else { i.k };
        let size = match i.code & 0x18 {
            code::B => 1,
            code::H => 2,
            _ => 4,
        };
        match i.code & 0x07 {
            code::LD => {
                let loaded = match i.code & 0xe0 {
                    code::IMM => Some(i.k),
                    code::ABS => read(i.k.into(), size),
                    code::IND => read(u64::from(x) + u64::from(i.k), size),
                    code::MEM => Some(memory[i.k as usize]),
                    _ => Some(wire_len),
                };
                match loaded {
                    Some(value) => a = value,
                    None => return Stopped,
                }
            }
            code::LDX => {
                let loaded = match i.code & 0xe0 {
                    code::IMM => Some(i.k),
                    code::MEM => Some(memory[i.k as usize]),
                    code::LEN => Some(wire_len),
                    _ => read(i.k.into(), 1).map(|byte| (byte & 0xf) * 4),
                };
                match loaded {
                    Some(value) => x = value,
                    None => return Stopped,
                }
            }
            code::ST => memory[i.k as usize] = a,
            code::STX => memory[i.k as usize] = x,
            code::ALU => {
                a = match i.code & 0xf0 {
                    code::ADD => a.wrapping_add(operand),
                    code::SUB => a.wrapping_sub(operand),
                    code::MUL => a.wrapping_mul(operand),
                    code::DIV if operand == 0 => return Stopped,
                    code::DIV => a / operand,
                    code::MOD if operand == 0 => return Stopped,
                    code::MOD => a % operand,
                    code::OR => a | operand,
                    code::AND => a & operand,
                    code::XOR => a ^ operand,
                    code::LSH => {
                        if operand < 32 {
                            a << operand
                        } else {
                            0
                        }
                    }
                    code::RSH => {
                        if operand < 32 {
                            a >> operand
                        } else {
                            0
                        }
                    }
                    _ => a.wrapping_neg(),
                }
            }
            code::JMP => {
                let holds = match i.code & 0xf0 {
                    code::JA => {
                        at += i.k as usize;
                        continue;
                    }
                    code::JEQ => a == operand,
                    code::JGT => a > operand,
                    code::JGE => a >= operand,
                    _ => a & operand != 0,
                };
                at += usize::from(if holds { i.jt } else { i.jf });
            }
            code::RET => return Returned(if i.code & code::A == code::A { a } else { i.k }),
            _ => {
                if i.code & code::TXA == code::TXA {
                    a = x
                } else {
                    x = a
                }
            }
        }
    }
    panic!("the program goes on for ever");
}

fn host() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["10.0.0.1", "10.0.0.2", "192.168.1.9", "2001:db8::1", "fe80::1"]).prop_map(String::from)
}

fn number() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["0", "1", "2", "5", "8", "17", "31", "64", "80", "255", "0x800", "65535", "4294967295"])
        .prop_map(String::from)
}

fn arithmetic() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        number(),
        prop::sample::select(vec![
            "len",
            "ip[0]",
            "ip[2:2]",
            "tcp[13]",
            "udp[4:2]",
            "ether[12:2]",
            "ip6[6]",
            "arp[7]",
            "l4[0:2]",
            "payload[0]"
        ])
        .prop_map(String::from),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            (
                prop::sample::select(vec!["ip", "tcp", "udp", "ether", "icmp"]),
                inner,
                prop::sample::select(vec!["", ":2", ":4"])
            )
                .prop_map(|(protocol, index, size)| format!("{protocol}[{index}{size}]")),
        ]
    })
}

fn term() -> impl Strategy<Value = String> {
    let direction = || prop::sample::select(vec!["", "src ", "dst ", "src and dst "]);
    prop_oneof![
        4 => prop::sample::select(vec!["ip", "ip6", "arp", "tcp", "udp", "icmp", "sctp", "stp", "iso", "ipx", "atalk",
            "broadcast", "ip multicast", "vlan", "vlan 5", "vlan {5, 7-9}", "mpls", "mpls 100", "pppoes", "geneve",
            "vlan 5 { tcp }", "gre { ip }", "vxlan 7 { udp port 53 }", "ipip { tcp }", "ip protochain 6", "less 60", "llc"])
            .prop_map(String::from),
        3 => (direction(), host()).prop_map(|(d, h)| format!("{d}host {h}")),
        1 => (direction(), prop::sample::select(vec!["10", "10.0.0.0/31", "2001:db8::/32", "0.0.0.0/0"]))
            .prop_map(|(d, n)| if n == "2001:db8::/32" { format!("{d}net {n}") } else { format!("ip {d}net {n}") }),
        3 => (prop::sample::select(vec!["", "tcp ", "udp "]), direction(), prop::sample::select(vec!["port 53", "port 80",
            "portrange 1-1024", "port {22, 80-90, 443}"])).prop_map(|(p, d, n)| format!("{p}{d}{n}")),
        2 => (arithmetic(), prop::sample::select(vec!["=", "!=", ">", "<", ">=", "<="]), arithmetic())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    term().prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["and", "or"]), inner.clone())
                .prop_map(|(a, joint, b)| format!("{a} {joint} ({b})")),
            (inner.clone(), prop::sample::select(vec!["and", "or"]), inner.clone())
                .prop_map(|(a, joint, b)| format!("{a} {joint} {b}")),
            inner.clone().prop_map(|a| format!("not ({a})")),
        ]
    })
}

/// Expressions with questions that no kernel can answer.
fn asking() -> impl Strategy<Value = String> {
    let question = prop::sample::select(vec![
        r#"payload contains "\x00""#,
        r#"payload ~ "^.[\x00-\x80]""#,
        "any { udp port 53 }",
        "any { ip and len > 40 }",
        r#"any { tcp and payload contains "\x01" }"#,
        r#"vlan { payload contains "\x00" }"#,
    ]);
    prop_oneof![question.prop_map(String::from), expression()].prop_recursive(4, 12, 2, |inner| {
        let joint = prop::sample::select(vec!["and", "or"]);
        prop_oneof![
            (inner.clone(), joint, inner.clone()).prop_map(|(a, joint, b)| format!("{a} {joint} ({b})")),
            inner.clone().prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn link_type() -> impl Strategy<Value = LinkType> {
    let often = vec![LinkType::EN10MB, LinkType::RAW, LinkType::LINUX_SLL2, LinkType::IEEE802_11_RADIO, LinkType::PPP];
    prop_oneof![prop::sample::select(often), (0u16..320).prop_map(LinkType)]
}

/// Packets that look like something often enough.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let kinds = prop::sample::select(vec![
        &[0x08, 0x00][..],
        &[0x86, 0xdd],
        &[0x08, 0x06],
        &[0x81, 0x00],
        &[0x88, 0x47],
        &[0x88, 0x64],
        &[0x00, 0x20],
    ]);
    let headers = prop::sample::select(vec![
        &[0x45, 0, 0, 60, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 0, 53, 0, 0, 0, 0][..],
        &[
            0x46, 0, 0, 60, 0, 1, 0, 1, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9, 1, 1, 1, 1, 0, 53, 0x17, 0xc1, 0, 9, 0,
            0,
        ],
        &[0x60, 0, 0, 0, 0, 20, 6, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0, 5, 0x08, 0x00, 0x45, 0, 0, 60, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 0x17, 0xc1],
        &[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2],
        &[0, 6, 0x41, 0x40, 0x45, 0, 0, 60],
    ]);
    (prop::collection::vec(any::<u8>(), 12), kinds, headers, prop::collection::vec(any::<u8>(), 0..80), 0usize..140)
        .prop_map(|(front, kind, header, rest, len)| {
            let mut packet = [&front, kind, header, &rest].concat();
            packet.truncate(len);
            packet
        })
}

fn capture() -> impl Strategy<Value = Capture> {
    prop::sample::select(vec![Capture::None, Capture::Live, Capture::File { byte_order: ByteOrder::Big }])
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,60}", link in link_type()) {
        let _ = compile(&text, link, &Options::default()).map_err(|error| error.render(&text));
    }

    #[test]
    fn no_order_of_words_makes_it_panic(
        words in prop::collection::vec(prop::sample::select(vec!["tcp", "ip", "src", "dst", "host", "port", "net", "10.0.0.1",
            "80", "and", "or", "not", "(", ")", "[", "]", "{", "}", ",", ":", "=", "<", "-", "+", "%", "/", "vlan", "len",
            "ether", "02:00:00:00:00:01", "::1", "type", "mgt", "llc", "vpi", "sio", "\\tcp", "8-9", "vxlan", "gre", "mask"]), 0..14),
        link in link_type(),
    ) {
        let text = words.join(" ");
        let _ = compile(&text, link, &Options::default()).map_err(|error| error.render(&text));
    }

    #[test]
    fn the_optimiser_changes_no_verdict(
        expression in expression(), link in link_type(), capture in capture(),
        packets in prop::collection::vec(packet(), 12),
    ) {
        let optimized = Options { capture, ..Options::default() };
        let plain = Options { optimize: false, ..optimized };
        let Ok(plain) = compile(&expression, link, &plain) else { return Ok(()) };
        let optimized = match compile(&expression, link, &optimized) {
            Ok(program) => program,
            Err(error) => {
                prop_assert!(error.message.contains("matches no packet"), "{}", error.message);
                Program::constant(0)
            }
        };
        prop_assert_eq!(check(&optimized), Ok(()), "{}", expression);
        prop_assert!(optimized.instructions.len() <= plain.instructions.len(), "{}", expression);
        for packet in &packets {
            let len = packet.len() as u32;
            let Verdict::Returned(expected) = reference(&plain, packet, len) else { continue };
            let got = Executor::new(&optimized).unwrap().run(packet, len);
            prop_assert_eq!(got > 0, expected > 0, "{} on {:02x?}\n{}\n{}", expression, packet, optimized, plain);
        }
    }

    #[test]
    fn the_kernel_takes_all_that_is_selected(
        expression in asking(), link in link_type(), packets in prop::collection::vec(packet(), 12),
        optimize in any::<bool>(),
    ) {
        let options = Options { optimize, ..Options::default() };
        let Ok(matcher) = Matcher::new(&expression, link, &options) else { return Ok(()) };
        let program = match compile(&expression, link, &options) {
            Ok(program) => program,
            Err(error) => return Err(TestCaseError::fail(format!("{expression}: {}", error.message))),
        };
        prop_assert_eq!(check(&program), Ok(()), "{}", expression);
        let kernel = Executor::new(&program).unwrap();
        for packet in &packets {
            let len = packet.len() as u32;
            prop_assert!(
                kernel.run(packet, len) > 0 || !matcher.matches(link, packet, len),
                "{} on {:02x?}\n{}", expression, packet, program
            );
        }
    }

    #[test]
    fn the_executor_keeps_the_rules(
        instructions in prop::collection::vec(instruction(), 1..40), packet in packet(), extra in 0u32..2000,
    ) {
        let mut program = Program { instructions };
        program.instructions.push(Instruction::new(code::RET | code::A, 0));
        prop_assert_eq!(Executor::new(&program).err(), check(&program).err());
        let Ok(executor) = Executor::new(&program) else { return Ok(()) };
        let len = packet.len() as u32 + extra;
        let expected = match reference(&program, &packet, len) {
            Verdict::Returned(value) => value,
            Verdict::Stopped => 0,
        };
        prop_assert_eq!(executor.run(&packet, len), expected, "{}", program);
    }
}

/// An instruction that is more often right than not.
fn instruction() -> impl Strategy<Value = Instruction> {
    let codes = vec![
        0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x00, 0x80, 0x01, 0x81, 0xb1, 0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24,
        0x2c, 0x34, 0x3c, 0x44, 0x54, 0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0x94, 0x9c, 0xa4, 0x05, 0x15, 0x1d, 0x25,
        0x35, 0x45, 0x4d, 0x06, 0x16, 0x07, 0x87,
    ];
    let code = prop_oneof![20 => prop::sample::select(codes), 1 => any::<u16>()];
    let k = prop_oneof![8 => 0u32..16, 4 => 0u32..100, 1 => any::<u32>()];
    (code, 0u8..4, 0u8..4, k).prop_map(|(code, jt, jf, k)| Instruction { code, jt, jf, k })
}
