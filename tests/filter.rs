//! The filter language from text to verdict.

use sabueso::bpf::{Program, code};
use sabueso::filter::{Capture, Executor, Matcher, Names, Options, Transport, check, compile, explain};
use sabueso::frame::{ByteOrder, LinkType};
use std::net::IpAddr;

/// A few names, none of them the system's.
struct TestNames;

impl Names for TestNames {
    fn host(&self, name: &str) -> Vec<IpAddr> {
        match name {
            "both" => vec!["10.0.0.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            "four" => vec!["10.0.0.1".parse().unwrap()],
            _ => Vec::new(),
        }
    }
    fn network(&self, name: &str) -> Option<u32> {
        (name == "lab").then_some(0x0a)
    }
    fn service(&self, name: &str, transport: Transport) -> Option<u16> {
        match (name, transport) {
            ("http", Transport::Tcp | Transport::Udp) => Some(80),
            ("shell", Transport::Tcp) => Some(514),
            _ => None,
        }
    }
    fn protocol(&self, name: &str) -> Option<u8> {
        (name == "tcp").then_some(6)
    }
    fn ether(&self, name: &str) -> Option<[u8; 6]> {
        (name == "gate").then_some([2, 0, 0, 0, 0, 1])
    }
}

fn options() -> Options<'static> {
    Options { names: &TestNames, ..Options::default() }
}

fn program(expression: &str) -> Program {
    compile(expression, LinkType::EN10MB, &options()).unwrap_or_else(|e| panic!("{}", e.render(expression)))
}

fn matches(program: &Program, packet: &[u8]) -> bool {
    Executor::new(program).unwrap().run(packet, packet.len() as u32) > 0
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// An Ethernet frame from 02:…:02 to 02:…:01.
fn ether(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = hex("020000000001 020000000002");
    frame.extend(kind.to_be_bytes());
    frame.extend(payload);
    frame
}

/// IPv4 from 10.0.0.1 to 10.0.0.2.
fn ipv4(protocol: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = hex("4500");
    packet.extend((20 + payload.len() as u16).to_be_bytes());
    packet.extend([0, 1]);
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    packet.extend(payload);
    packet
}

/// IPv6 from 2001:db8::1 to fe80::1.
fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = hex("60000000");
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next, 64]);
    packet.extend(hex("20010db8000000000000000000000001 fe800000000000000000000000000001"));
    packet.extend(payload);
    packet
}

fn tcp(src: u16, dst: u16, flags: u8) -> Vec<u8> {
    let mut header = [src.to_be_bytes(), dst.to_be_bytes()].concat();
    header.extend([0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
    header.extend(b"GET /");
    header
}

fn udp(src: u16, dst: u16, payload: &[u8]) -> Vec<u8> {
    let mut header = [src.to_be_bytes(), dst.to_be_bytes(), (8 + payload.len() as u16).to_be_bytes(), [0, 0]].concat();
    header.extend(payload);
    header
}

fn vlan(tag: u16, kind: u16, payload: &[u8]) -> Vec<u8> {
    ether(0x8100, &[&tag.to_be_bytes(), &kind.to_be_bytes(), payload].concat())
}

const IP: u16 = 0x0800;
const IP6: u16 = 0x86dd;

fn tcp4() -> Vec<u8> {
    ether(IP, &ipv4(6, 0, &tcp(1234, 80, 0x02)))
}

fn tcp6() -> Vec<u8> {
    ether(IP6, &ipv6(6, &tcp(1234, 80, 0x12)))
}

fn arp() -> Vec<u8> {
    ether(0x0806, &hex("0001 0800 06 04 0001 020000000002 0a000001 000000000000 0a000002"))
}

/// For each expression the packets that it takes and those that it leaves.
#[track_caller]
fn takes(expression: &str, taken: &[Vec<u8>], left: &[Vec<u8>]) {
    for optimize in [true, false] {
        let options = Options { optimize, ..options() };
        let program =
            compile(expression, LinkType::EN10MB, &options).unwrap_or_else(|e| panic!("{}", e.render(expression)));
        assert_eq!(check(&program), Ok(()), "{expression}");
        for packet in taken {
            assert!(matches(&program, packet), "'{expression}' leaves {packet:02x?}\n{program}");
        }
        for packet in left {
            assert!(!matches(&program, packet), "'{expression}' takes {packet:02x?}\n{program}");
        }
    }
}

#[test]
fn protocols_hosts_and_ports() {
    let later_fragment = ether(IP, &ipv4(6, 0x0010, &tcp(1234, 80, 2)));
    takes("", &[tcp4(), arp(), vec![]], &[]);
    takes("tcp", &[tcp4(), tcp6(), later_fragment.clone()], &[arp()]);
    takes("tcp port 80", &[tcp4(), tcp6()], &[arp(), later_fragment.clone()]);
    takes("src port 80", &[], &[tcp4(), tcp6()]);
    takes("portrange 79-81 and not portrange 100-1000", &[tcp4(), tcp6()], &[arp()]);
    takes("host 10.0.0.1", &[tcp4(), arp()], &[tcp6()]);
    takes("host 10.0.0.1 and 10.0.0.2", &[tcp4(), arp()], &[tcp6()]);
    takes("ip host 10.0.0.1", &[tcp4()], &[arp(), tcp6()]);
    takes("net 10", &[tcp4(), arp()], &[tcp6()]);
    takes("dst net fe80::/10", &[tcp6()], &[tcp4()]);
    takes("ether src 02:00:00:00:00:02", &[tcp4(), arp()], &[]);
    takes("icmp6 or arp", &[arp()], &[tcp4(), tcp6()]);
    takes("ip proto 6 or 17", &[tcp4()], &[tcp6()]);
}

#[test]
fn precedence_is_the_languages_own() {
    // `and` and `or` bind equally, from left to right; `not` binds tightest.
    takes("tcp or arp and host 10.9.9.9", &[], &[tcp4(), arp()]);
    takes("tcp or (arp and host 10.9.9.9)", &[tcp4()], &[arp()]);
    takes("not host 10.0.0.1 and tcp", &[tcp6()], &[tcp4(), arp()]);
    // `%` takes everything to its right.
    takes("7 % 4 * 2 = 7", &[tcp4()], &[]);
    takes("1 | 2 ^ 3 = 1", &[tcp4()], &[]);
    takes("10 - 2 - 3 = 5", &[tcp4()], &[]);
    takes("1 << 2 + 1 = 8", &[tcp4()], &[]);
}

#[test]
fn a_bare_id_takes_the_qualifier_before_it() {
    takes("port 22 or 80", &[tcp4(), tcp6()], &[arp()]);
    takes("port (22 or not 53)", &[tcp4(), arp()], &[]);
    takes("tcp src port 9 or dst 80 or 10.0.0.2", &[tcp4(), arp()], &[]);
    takes("host not 10.0.0.9", &[tcp4(), tcp6()], &[]);
    for wrong in ["(port 80) or 443", "port 80 or tcp or 443", "10.0.0.1", "host ((10.0.0.1))"] {
        assert!(compile(wrong, LinkType::EN10MB, &options()).is_err(), "{wrong}");
    }
}

#[test]
fn arithmetic_reads_headers() {
    takes("tcp[tcpflags] & tcp-syn != 0", &[tcp4()], &[tcp6(), arp()]);
    takes("tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420", &[tcp4()], &[tcp6()]);
    takes("ip[8] / 2 = 32 and -1 = 0xffffffff", &[tcp4()], &[arp()]);
    takes("ether[ip[8] - 64] = 2", &[tcp4()], &[arp()]);
    takes("ip[0] / (ip[1] + ip[1]) = 0", &[], &[tcp4()]);
    takes("len = 59 and greater 59 and less 59", &[tcp4()], &[arp()]);
    takes("byte 20 & 0x40 and not byte 20 & 0x01", &[], &[tcp4()]);
}

#[test]
fn layers_move_what_follows() {
    let tagged = vlan(5, IP, &ipv4(6, 0, &tcp(1234, 80, 2)));
    takes("vlan 5 and tcp port 80", std::slice::from_ref(&tagged), &[tcp4()]);
    takes("vlan 6", &[], std::slice::from_ref(&tagged));
    takes("ip or vlan", &[tcp4(), tagged.clone()], &[arp()]);
    takes("vlan or ip", std::slice::from_ref(&tagged), &[tcp4()]);
    let labelled = ether(0x8847, &[hex("00064140"), ipv4(6, 0, &tcp(1, 80, 0))].concat());
    takes("mpls 100 and tcp port 80", std::slice::from_ref(&labelled), &[tcp4()]);
    let session = ether(0x8864, &[hex("11000027 0000 0021"), ipv4(6, 0, &tcp(1, 80, 0))].concat());
    takes("pppoes 0x27 and host 10.0.0.1", std::slice::from_ref(&session), &[tcp4()]);
    let inner = ether(IP, &ipv4(17, 0, &udp(1, 53, b"")));
    let geneve = ether(IP6, &ipv6(17, &udp(9, 6081, &[hex("0000 6558 00000700"), inner].concat())));
    takes("geneve 7 and udp port 53 and ip", std::slice::from_ref(&geneve), &[tcp4()]);
    takes("geneve 8", &[], std::slice::from_ref(&geneve));
}

#[test]
fn five_tunnels_fit() {
    let nested = "geneve and geneve and geneve and geneve and geneve";
    assert_eq!(check(&program(nested)), Ok(()));
    assert!(compile(&format!("{nested} and geneve"), LinkType::EN10MB, &options()).is_err());
    assert_eq!(check(&program("(geneve and port 1) or (geneve and port 2) or (geneve and host 10.0.0.1)")), Ok(()));
}

#[test]
fn scopes_leave_what_follows_alone() {
    let tagged = vlan(5, IP, &ipv4(6, 0, &tcp(1234, 80, 2)));
    takes("vlan 5 { tcp port 80 } or arp", &[tagged.clone(), arp()], &[tcp4()]);
    takes("vlan { not ip } or ip", &[tcp4()], &[tagged.clone(), arp()]);
    takes("vlan {4, 5-6}", std::slice::from_ref(&tagged), &[tcp4()]);
    takes("vlan {4, 6-7} { ip }", &[], std::slice::from_ref(&tagged));
    let inner = ether(IP, &ipv4(17, 0, &udp(1, 53, b"")));
    let vxlan = ether(IP, &ipv4(17, 0, &udp(9, 4789, &[hex("08000000 00002a00"), inner.clone()].concat())));
    takes("vxlan 42 { udp port 53 }", std::slice::from_ref(&vxlan), &[inner.clone(), tcp4()]);
    takes("vxlan 41", &[], std::slice::from_ref(&vxlan));
    let gre = ether(IP, &ipv4(47, 0, &[hex("2000 0800 00000001"), ipv4(6, 0, &tcp(1, 80, 0))].concat()));
    takes("gre { tcp port 80 and src host 10.0.0.1 }", std::slice::from_ref(&gre), &[tcp4()]);
    let nested = ether(IP, &ipv4(41, 0, &ipv6(6, &tcp(1, 80, 0))));
    takes("ipip { ip6 and tcp dst port 80 }", std::slice::from_ref(&nested), &[tcp4(), tcp6()]);
}

#[test]
fn both_families_have_transport_bytes() {
    takes("l4[13] & tcp-syn != 0", &[tcp4(), tcp6()], &[arp()]);
    takes("l4[2:2] = 80 and payload[0:4] = 0x47455420", &[tcp4(), tcp6()], &[arp()]);
    let options = ether(IP6, &ipv6(60, &[hex("0600 000000000000"), tcp(1, 80, 0x02)].concat()));
    takes("payload[0:2] = 1 or payload[3] = 0x20", &[tcp4(), tcp6(), options.clone()], &[arp()]);
    let fragment =
        |offset: &str| ether(IP6, &ipv6(44, &[hex("0600"), hex(offset), hex("00000000"), tcp(1, 80, 0x02)].concat()));
    takes("l4[13] = 2", &[tcp4(), options, fragment("0001")], &[tcp6(), fragment("0008")]);
    let datagram = ether(IP, &ipv4(17, 0, &udp(9, 53, b"\x12\x34")));
    takes("payload[0:2] + 1 = 0x1235 and ip[9] + payload[1] = 17 + 0x34", &[datagram], &[tcp4()]);
}

/// The expression selects just the first packets, and its kernel program accepts at least these and refuses the last.
fn asks(expression: &str, taken: &[&Vec<u8>], left: &[&Vec<u8>], refused: &[&Vec<u8>]) {
    let kernel = program(expression);
    assert_eq!(check(&kernel), Ok(()), "{expression}");
    for optimize in [true, false] {
        let options = Options { optimize, ..options() };
        let matcher = Matcher::new(expression, LinkType::EN10MB, &options).unwrap();
        let selects = |packet: &Vec<u8>| matcher.matches(LinkType::EN10MB, packet, packet.len() as u32);
        for packet in taken {
            assert!(selects(packet) && matches(&kernel, packet), "{expression} leaves {packet:02x?}\n{kernel}");
        }
        for packet in left.iter().chain(refused) {
            assert!(!selects(packet), "{expression} takes {packet:02x?}");
        }
    }
    for packet in refused {
        assert!(!matches(&kernel, packet), "the kernel takes {packet:02x?} for {expression}\n{kernel}");
    }
}

fn datagram(text: &[u8]) -> Vec<u8> {
    ether(IP, &ipv4(17, 0, &udp(9, 53, text)))
}

#[test]
fn texts_of_payloads_are_asked_for_behind_all_else() {
    let hello = datagram(b"hello world\r\n");
    let (get4, get6) = (tcp4(), tcp6());
    asks(r#"payload contains "GET ""#, &[&get4, &get6], &[&hello], &[&arp()]);
    asks(r#"payload contains "lo w" and udp port 53"#, &[&hello], &[&datagram(b"low")], &[&get4, &arp()]);
    asks(r#"payload ~ "^h[a-z]+ (?i)WORLD" or arp"#, &[&hello, &arp()], &[&get4], &[]);
    asks(r#"not payload contains "GET""#, &[&hello, &arp()], &[&get6], &[]);
    asks(r#"ip and not (tcp and payload contains "GET")"#, &[&hello], &[&get4], &[&get6]);
    asks(r#"payload contains "\x0d\n" and payload ~ "d\r\n$""#, &[&hello], &[&get4], &[&arp()]);
    // What pads a short frame is no payload.
    let mut padded = datagram(b"end");
    padded.extend(b"padding");
    asks(r#"payload ~ "end$""#, &[&padded], &[&hello], &[&arp()]);
    asks(r#"payload contains "padding""#, &[], &[&padded], &[&arp()]);
    let tagged = vlan(5, IP, &ipv4(6, 0, &tcp(1234, 80, 2)));
    asks(r#"vlan 5 { payload contains "GET" } or arp"#, &[&tagged, &arp()], &[], &[&get4, &hello]);
    asks(r#"payload contains "GET""#, &[&get4], &[], &[&tagged]);
}

#[test]
fn any_looks_into_every_layer() {
    let inner = ether(IP, &ipv4(17, 0, &udp(1, 53, b"secret")));
    let vxlan = ether(IP, &ipv4(17, 0, &udp(9, 4789, &[hex("08000000 00002a00"), inner.clone()].concat())));
    let tagged = vlan(5, IP, &ipv4(17, 0, &udp(1, 53, b"")));
    let twice = vlan(5, 0x8100, &[hex("0007 0800"), ipv4(17, 0, &udp(1, 53, b""))].concat());
    let mpls = ether(0x8847, &[hex("00064140"), ipv4(17, 0, &udp(1, 53, b""))].concat());
    let nested = ether(IP, &ipv4(41, 0, &ipv6(6, &tcp(1, 80, 0))));
    let deep = [tagged, twice, mpls, vxlan.clone(), inner.clone()];
    asks("any { udp port 53 }", &deep.each_ref(), &[&nested], &[&tcp4(), &arp()]);
    asks("any { udp port 53 } and ip", &[&vxlan, &inner], &[&deep[0]], &[&tcp4(), &tcp6(), &arp()]);
    asks("any { ip6 } and not ip6", &[&nested], &[&vxlan], &[&tcp4(), &arp(), &tcp6()]);
    asks(r#"any { udp and payload contains "secret" }"#, &[&vxlan], &[&nested], &[&tcp4(), &arp()]);
    asks(
        "any { ether dst 02:00:00:00:00:01 and arp }",
        &[&vlan(5, 0x0806, &arp()[14..]), &arp()],
        &[&vxlan],
        &[&tcp4()],
    );
    // What an error quotes was not sent.
    let error = ether(IP, &ipv4(1, 0, &[hex("0301 0000 00000000"), ipv4(17, 0, &udp(1, 53, b""))].concat()));
    asks("any { udp port 53 }", &[], &[&error], &[]);
}

#[test]
fn questions_are_no_words_of_the_language() {
    for wrong in [
        r#"payload contains GET"#,
        r#"payload contains"#,
        r#"payload "GET""#,
        r#"payload ~ "(""#,
        r#"payload ~ "x"#,
        r#"payload ~ "(x{100}){100}{100}""#,
        "any host 10.0.0.1",
        "any { }",
        "any { tcp",
        "any { any { nosuch } }",
    ] {
        assert!(compile(wrong, LinkType::EN10MB, &options()).is_err(), "{wrong}");
    }
    let many = vec![r#"payload contains "x""#; 65].join(" or ");
    assert!(compile(&many, LinkType::EN10MB, &options()).unwrap_err().message.contains("64"));
    let files = Options { capture: Capture::Received, ..options() };
    assert!(compile(r#"ifindex 2 and payload contains "x""#, LinkType::EN10MB, &files).is_err());
    assert!(compile(r#"outbound and payload contains "x""#, LinkType::EN10MB, &files).is_ok());
}

#[test]
fn sets_are_lists() {
    takes("port {22, 80, 8000-8100}", &[tcp4(), tcp6()], &[arp()]);
    takes("tcp dst port {81-90, 443}", &[], &[tcp4()]);
    takes("host {10.0.0.9, 2001:db8::1}", &[tcp6()], &[tcp4()]);
}

#[test]
fn names_are_asked_for() {
    takes("host both", &[tcp4(), tcp6(), arp()], &[]);
    takes("ip6 host both", &[tcp6()], &[tcp4()]);
    takes("port http", &[tcp4()], &[arp()]);
    takes("ip proto \\tcp", &[tcp4()], &[tcp6()]);
    takes("dst net lab and ether dst gate", &[tcp4()], &[tcp6()]);
    for unknown in ["host nobody", "ip6 host four", "port nothing", "udp port shell", "proto \\none", "net none"] {
        assert!(compile(unknown, LinkType::EN10MB, &options()).is_err(), "{unknown}");
    }
}

#[test]
fn a_packet_that_is_cut_before_what_is_asked_is_left() {
    let packet = tcp4();
    for (expression, needed) in [("tcp port 1234", 36), ("tcp port 80", 38), ("not port 22", 38), ("ip", 14)] {
        let program = program(expression);
        assert!(matches(&program, &packet[..needed]), "{expression}");
        assert!(!matches(&program, &packet[..needed - 1]), "{expression}");
    }
}

#[test]
fn link_types_differ() {
    let ip = |link, expression: &str, packet: &[u8]| {
        let program = compile(expression, link, &options()).unwrap();
        matches(&program, packet)
    };
    let raw = ipv4(6, 0, &tcp(1, 80, 0));
    assert!(ip(LinkType::RAW, "tcp port 80", &raw));
    assert!(ip(LinkType::IPV4, "tcp port 80", &raw));
    assert!(!ip(LinkType::IPV6, "tcp port 80 or ip6 and less 1", &raw));
    let cooked = [hex("0004 0001 0006 020000000001 0000 0800"), raw.clone()].concat();
    assert!(ip(LinkType::LINUX_SLL, "outbound and host 10.0.0.1", &cooked));
    let cooked2 = [hex("0800 0000 00000007 0001 04 06 020000000001 0000"), raw.clone()].concat();
    assert!(ip(LinkType::LINUX_SLL2, "outbound and ifindex 7 and tcp", &cooked2));
    let radiotap = [
        hex("0000 0800 00000000 8801 0000 010203040506 010203040506 010203040506 0000 0000"),
        hex("aaaa03 000000 0800"),
        raw.clone(),
    ]
    .concat();
    assert!(ip(LinkType::IEEE802_11_RADIO, "type data and dir tods and tcp port 80", &radiotap));
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let file = Options { capture: Capture::File { byte_order: order }, ..options() };
        let family: u32 = 2;
        let family = if order == ByteOrder::Little { family.to_le_bytes() } else { family.to_be_bytes() };
        let packet = [family.as_slice(), &raw].concat();
        assert!(matches(&compile("ip", LinkType::NULL, &file).unwrap(), &packet));
    }
}

#[test]
fn what_a_capture_cannot_answer_is_refused() {
    let file = Options { capture: Capture::File { byte_order: ByteOrder::Little }, ..options() };
    assert!(compile("inbound", LinkType::EN10MB, &file).is_err());
    assert!(compile("ifindex 1", LinkType::EN10MB, &file).is_err());
    assert!(compile("inbound", LinkType::LINUX_SLL, &file).is_ok());
    assert!(compile("vlan", LinkType::RAW, &file).is_err());
    assert!(compile("ip", LinkType::USB_LINUX_MMAPPED, &file).is_err());
    assert!(compile("link[0] = 1", LinkType::USB_LINUX_MMAPPED, &file).is_ok());
}

#[test]
fn live_the_kernel_has_the_outer_tag() {
    let live = Options { capture: Capture::Live, ..options() };
    let program = compile("vlan 5 and tcp port 80", LinkType::EN10MB, &live).unwrap();
    assert_eq!(check(&program), Ok(()));
    let asks = |k| program.instructions.iter().any(|i| i.code == (code::LD | code::ABS | code::B) && i.k == k);
    assert!(asks(0xffff_f030) && asks(0xffff_f02c), "tag present, tag\n{program}");
}

#[test]
fn a_mistake_is_shown_where_it_is() {
    let table = [
        ("tcp and 10.0.0.1", "no qualifier is left for this", 8, 16),
        ("10.0.0.1", "expected a protocol", 0, 8),
        ("port 70000", "70000 is no port", 5, 10),
        ("host 300.1.2.3", "'300.1.2.3' is no IPv4 address", 5, 14),
        ("ip[0:3] = 1", "1, 2 or 4 bytes", 5, 6),
        ("tcp port 80 &", "expected 'and', 'or' or the end, found &", 12, 13),
        ("TCP", "expected a protocol", 0, 3),
        ("net 10.0.0.1/8", "bits are set", 4, 14),
        ("tcp and", "found the end", 7, 7),
        ("vlan 5000", "the highest here is 4095", 0, 9),
        ("ip and ip[0] / 0 = 1", "division by zero", 15, 16),
        ("ip[0] << 32 = 1", "a shift by more than 31 bits", 9, 11),
        ("host $", "hexadecimal", 5, 6),
        ("ip6 and arp", "matches no packet", 0, 11),
    ];
    for (expression, message, start, end) in table {
        let error = compile(expression, LinkType::EN10MB, &options()).expect_err(expression);
        assert!(error.message.contains(message), "{expression}: {}", error.message);
        assert_eq!((error.span.start, error.span.end), (start, end), "{expression}: {}", error.message);
    }
    let help = |expression| compile(expression, LinkType::EN10MB, &options()).unwrap_err().help.unwrap_or_default();
    assert!(help("10.0.0.1").contains("host 10.0.0.1"));
    assert!(help("len-14 > 5").contains("len - "));
    assert!(help("TCP").contains("'tcp'"));
}

#[test]
fn hostile_text_is_refused_with_a_limit() {
    let deep =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(100_000), close.repeat(100_000));
    for text in [
        deep("(", "ip", ")"),
        deep("not ", "ip", ""),
        deep("-", "1 = 1", ""),
        deep("vlan { ", "ip", "}"),
        deep("ip[", "0", "]"),
        format!("1 = 1{}", " + 1".repeat(100_000)),
        "ip or ".repeat(200_000),
    ] {
        assert!(compile(&text, LinkType::EN10MB, &options()).is_err());
    }
    // Long is no crime: this is a list, which is taken to the end.
    let long = vec!["host 10.0.0.7"; 20_000].join(" or ") + " or tcp";
    assert!(matches(&program(&long), &tcp4()));
}

#[test]
fn long_lists_are_searched() {
    let ports = |count: u32| (0..count).map(|i| format!("port {}", 1000 + i * 7)).collect::<Vec<_>>().join(" or ");
    let list = program(&format!("{} or port 80", ports(60)));
    assert!(list.instructions.len() < 180, "{}", list.instructions.len());
    assert!(matches(&list, &tcp4()) && matches(&list, &tcp6()) && !matches(&list, &arp()));
    let hosts: Vec<String> = (0..1000).map(|i| format!("10.{}.{}.9", i / 256, i % 256)).collect();
    let list = program(&format!("not host ({})", hosts.join(" or ")));
    assert_eq!(check(&list), Ok(()), "jumps of any length");
    assert!(matches(&list, &tcp4()));
    let range = program("ip[8] = 60 or ip[8] = 61 or ip[8] = 62 or ip[8] = 63 or ip[8] = 64");
    assert_eq!(range.instructions.len(), 7, "{range}");
}

#[test]
fn each_stage_can_be_shown() {
    let told = explain("not vlan {5, 7} and udp[4:2] - len > 8", LinkType::EN10MB, &options()).unwrap();
    assert!(
        told.predicate.starts_with("all of\n  not\n    all of\n      any of\n        [12:2] = 0x8100\n"),
        "{}",
        told.predicate
    );
    assert!(told.predicate.ends_with("  ([4*([18] & 0xf) + 22:2] - len) > 8\n"), "{}", told.predicate);
    assert!(told.graph.starts_with("1: [12:2] = 0x8100 ? "), "{}", told.graph);
    assert_eq!(told.program, program("not vlan {5, 7} and udp[4:2] - len > 8"));
    assert_eq!(explain("", LinkType::EN10MB, &options()).unwrap().graph, "accept\n");
}

#[test]
fn the_manual_compiles() {
    let manual = include_str!("../docs/filter.md");
    let (mut link, mut tried) = (None, 0);
    for line in manual.lines() {
        match line.strip_prefix("```") {
            Some(fence) if link.is_none() && fence.starts_with("filter") => {
                let name = fence["filter".len()..].trim();
                link = Some(if name.is_empty() { LinkType::EN10MB } else { LinkType::parse(name).expect(name) });
            }
            Some(_) => link = None,
            None => {
                let Some(link) = link else { continue };
                compile(line, link, &options()).unwrap_or_else(|e| panic!("{}", e.render(line)));
                tried += 1;
            }
        }
    }
    assert!(tried > 80, "{tried}");
}

#[test]
fn programs_are_short() {
    for (expression, most) in
        [("tcp port 80", 18), ("port 80", 22), ("host 10.0.0.1", 14), ("ip", 4), ("ip or not ip", 1)]
    {
        let program = program(expression);
        assert!(program.instructions.len() <= most, "{expression}: {}\n{program}", program.instructions.len());
    }
}
