//! What no kernel can decide of a filter.

use sabueso::frame::LinkType;

use super::*;
use crate::harness::Rights::Namespace;

live_test!(texts_of_payloads_are_asked_for_live, Namespace, {
    folder("1m", "777");
    let talk = Talk::new();
    let mut command = command(&format!("sabueso -Z root -i here -w {PCAP}"));
    command.arg(r#"outbound or payload contains "\x00\x00\x00\x05" or payload ~ "\x07$""#);
    let run = Run::start(command);
    talk.send(0..10);
    talk.answer(20..22);
    let ended = run.interrupt();
    assert_eq!(numbers(PCAP), [5, 7, 20, 21], "{ended:?}");
    assert_eq!(ended.captured(), 4);
    assert_eq!(ended.count("passed over"), 8);
});

live_test!(packets_in_packets_are_found_on_all_interfaces, Namespace, {
    folder("1m", "777");
    let talk = Talk::new();
    let mut command = command(&format!("sabueso -Z root -i any -w {PCAP}"));
    command.arg("any { udp and src host 10.9.0.2 and len > 20 }");
    let run = Run::start(command);
    talk.send(0..3);
    talk.answer(7..9);
    run.interrupt().succeeded_with(3);
    let frames = read(PCAP);
    assert!(frames.iter().map(number).eq(0..3));
    assert!(frames.iter().all(|frame| frame.link_type == LinkType::LINUX_SLL2));
});

live_test!(a_list_too_long_for_the_kernel_is_gone_through_here, Namespace, {
    folder("1m", "777");
    let talk = Talk::new();
    // Networks of many sizes, which no search can halve.
    let nets: Vec<String> = (0..3000u32).map(|n| format!("net 11.{}.{}.{}/30", n / 250, n % 250, n % 60 * 4)).collect();
    std::fs::write("/mnt/filter", format!("{} or host 10.9.0.2", nets.join(" or "))).unwrap();
    let run = Run::start(command(&format!("sabueso -Z root -i here -w {PCAP} -F /mnt/filter")));
    talk.send(0..10);
    let ended = run.interrupt();
    ended.says("longer than a kernel takes");
    ended.succeeded_with(10);
});
