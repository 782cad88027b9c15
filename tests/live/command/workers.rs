//! Several sockets that share the packets of an interface: each packet once, in order, or in files of their own.

use std::collections::BTreeMap;

use sabueso::live::Sender;

use super::*;
use crate::harness::Rights::Namespace;

/// A datagram of one of eight connections, by its number.
fn datagram(number: u32) -> Vec<u8> {
    let port = (number % 8) as u16;
    let mut packet = vec![0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1];
    for half in [1000 + port, 9, 12, 0] {
        packet.extend(half.to_be_bytes());
    }
    packet.extend(number.to_be_bytes());
    frame(MAC_HERE, &[8, 0], &packet)
}

/// The connection of a frame.
fn port(frame: &Captured) -> u16 {
    u16::from_be_bytes([frame.data[34], frame.data[35]])
}

/// Sends these numbers from the peer, not faster than the way to here takes them.
fn send_all(peer: &Peer, numbers: Range<u32>) {
    peer.run(move || {
        let mut sender = Sender::open("there", false).unwrap();
        for number in numbers {
            if sender.queued() == 50 {
                until("all is taken", || sender.flush().unwrap().then_some(()));
            }
            until("room in the ring", || sender.queue(&datagram(number)).then_some(()));
        }
        until("all is taken", || sender.flush().unwrap().then_some(()));
    });
}

const COUNT: u32 = 5000;

live_test!(packets_of_all_workers_come_once_and_in_order, Namespace, {
    folder("4m", "755");
    let peer = pair();
    for fanout in ["hash", "lb", "cpu", "queue"] {
        let run = capture(&format!("-i here --workers 3 --fanout {fanout} -Q in -w {PCAP}"));
        send_all(&peer, 0..COUNT);
        run.interrupt().succeeded_with(u64::from(COUNT));
        assert!(numbers(PCAP).into_iter().eq(0..COUNT), "{fanout}");
        assert!(read(PCAP).is_sorted_by_key(|f| f.time), "{fanout}");
    }
});

live_test!(workers_share_all_interfaces_too, Namespace, {
    folder("4m", "755");
    let peer = pair();
    for interfaces in ["-i any", "-i lo -i here"] {
        let run = capture(&format!("{interfaces} --workers 2 --fanout lb -Q in -w {PCAPNG} udp"));
        send_all(&peer, 0..1000);
        run.interrupt().succeeded_with(1000);
        assert!(numbers(PCAPNG).into_iter().eq(0..1000), "{interfaces}");
        assert!(read(PCAPNG).iter().all(|f| f.interface == "here"));
    }
});

live_test!(each_worker_has_a_file, Namespace, {
    folder("4m", "755");
    let peer = pair();
    for (fanout, ending) in [("hash", "pcap"), ("lb", "pcapng")] {
        let name = format!("/mnt/{fanout}.{ending}");
        let run = capture(&format!("-i here --workers 3 --fanout {fanout} --worker-files -Q in -w {name}"));
        send_all(&peer, 0..COUNT);
        run.interrupt().succeeded_with(u64::from(COUNT));
        let files: Vec<Vec<Captured>> = (0..3).map(|n| read(&format!("{name}.{n}"))).collect();
        let mut all: Vec<u32> = files.iter().flatten().map(number).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..COUNT), "{fanout}: each once");
        let mut whose: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (n, file) in files.iter().enumerate() {
            assert!(file.is_sorted_by_key(number), "{fanout}");
            file.iter().for_each(|frame| whose.entry(port(frame)).or_default().push(n));
        }
        if fanout == "hash" {
            assert!(whose.values().all(|workers| workers.iter().all(|worker| *worker == workers[0])), "{whose:?}");
        } else {
            assert!(files.iter().all(|file| file.len() > 1000), "one after the other");
        }
    }
});

live_test!(worker_files_on_a_full_disk_add_up, Namespace, {
    folder("128k", "755");
    let peer = pair();
    let run = capture(&format!("-i here --workers 2 --fanout lb --worker-files -Q in -w {PCAP}"));
    send_all(&peer, 0..COUNT);
    let ended = run.end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says("No space left on device");
    let kept: Vec<u32> = (0..2).flat_map(|n| numbers(&format!("{PCAP}.{n}"))).collect();
    assert_eq!(kept.len() as u64, ended.captured(), "{ended:?}");
    let lost = ended.count("dropped by sabueso, as the output had failed");
    assert_eq!(ended.captured() + lost + ended.dropped(), ended.received(), "{ended:?}");
    assert!(ended.received() <= u64::from(COUNT) && lost > 0, "{ended:?}");
});

live_test!(what_workers_can_not_do_is_refused, Namespace, {
    ip("link set lo up");
    for (flags, words) in [
        ("--workers 2 --wait", "--wait"),
        ("--workers 2 --worker-files -w - ", "-w -"),
        ("--workers 2 --worker-files -w /mnt/x -c 1", "-c"),
        ("--workers 2 --worker-files -w /mnt/x --print", "--print"),
        ("--worker-files -w /mnt/x", "--workers"),
        ("--workers 0", "0"),
    ] {
        let ended = Run::spawn(command(&format!("sabueso -Z root -i lo {flags}"))).end();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        ended.says(words);
    }
    let said = refused("sabueso -Z root -i lo --workers 2 --worker-files -w /mnt/x any{tcp}");
    assert!(said.contains("can't decide all of this filter"), "{said}");
});
