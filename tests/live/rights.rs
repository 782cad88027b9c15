//! What a capture needs, what it says when it doesn't have it, and what is left afterwards.

use std::net::UdpSocket;

use caps::{CapSet, Capability};
use sabueso::live::{Capture, CaptureOptions, Error, privileges};

use crate::harness::Rights::{Namespace, Root};
use crate::harness::*;

fn refused(interface: &str) -> Error {
    Capture::open(&[interface], &CaptureOptions::default()).expect_err("must be refused")
}

live_test!(one_capability_is_enough, Namespace, {
    let _peer = pair();
    for set in [CapSet::Effective, CapSet::Permitted] {
        caps::set(None, set, &[Capability::CAP_NET_RAW].into()).unwrap();
    }
    let mut capture = open("here");
    assert!(rest(&mut capture).is_empty());
});

live_test!(without_it_the_message_says_what_to_do, Namespace, {
    let _peer = pair();
    caps::drop(None, CapSet::Effective, Capability::CAP_NET_RAW).unwrap();
    let error = refused("here");
    assert!(matches!(error, Error::Denied { capability: "CAP_NET_RAW", .. }));
    let message = error.to_string();
    for part in ["here", "CAP_NET_RAW", "sudo", "setcap cap_net_raw+ep /"] {
        assert!(message.contains(part), "{message}");
    }
});

live_test!(interfaces_that_are_down_or_unknown_are_refused, Namespace, {
    ip("link add idle type veth peer name idler");
    assert!(matches!(refused("idle"), Error::Down { interface } if interface == "idle"));
    assert!(matches!(refused("none"), Error::NoInterface(name) if name == "none"));
    assert!(matches!(refused("lo"), Error::Down { .. }), "down in a new namespace");
    let nothing: [&str; 0] = [];
    assert!(matches!(Capture::open(&nothing, &CaptureOptions::default()), Err(Error::NothingNamed)));
});

live_test!(root_becomes_nobody_and_goes_on_capturing, Root, {
    alone(root_becomes_nobody);
});

fn root_becomes_nobody() {
    ip("link set lo up");
    let mut capture = open("lo");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let nobody = privileges::choose(Some("nobody")).unwrap().unwrap();
    let dropped = privileges::drop_to(Some(nobody.clone())).unwrap();
    assert_eq!((dropped.identity, dropped.bounding), (Some(nobody.clone()), true));
    assert_eq!(status("thread-self", "Uid"), vec![nobody.uid.to_string(); 4]);
    assert_eq!(status("thread-self", "Gid"), vec![nobody.gid.to_string(); 4]);
    assert_eq!(status("thread-self", "Groups"), Vec::<String>::new());
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(status("thread-self", set), ["0000000000000000"], "{set}");
    }
    assert_eq!(status("thread-self", "NoNewPrivs"), ["1"]);
    assert!(nix::unistd::setuid(nix::unistd::Uid::from_raw(0)).is_err());
    assert!(matches!(refused("lo"), Error::Denied { .. }));

    socket.send_to(b"seen by nobody", socket.local_addr().unwrap()).unwrap();
    let captured = rest(&mut capture);
    assert_eq!(captured.iter().map(|f| &f.data[42..]).collect::<Vec<_>>(), [b"seen by nobody"]);
}

live_test!(unknown_users_are_refused, Root, {
    assert!(matches!(privileges::choose(Some("no such user")), Err(privileges::Error::NoUser(_))));
    let chosen = privileges::choose(None).unwrap().unwrap();
    assert!(!chosen.uid.is_root());
});

live_test!(a_thread_that_keeps_its_rights_is_noticed, Root, {
    assert!(matches!(privileges::drop_to(None), Err(privileges::Error::Kept(_))), "a test has two threads");
});
