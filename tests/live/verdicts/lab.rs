//! The lab: a client, a router and a server, each in a network namespace, joined by two links; what each link says
//! is captured by the command itself.
//!
//!     client c0 ──── r0 router r1 ──── s0 server
//!
//! The client is the test's own namespace. Every conversation has a port of its own at the server, for which the
//! router has rules; so they all run at the same time.

use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::command::{Run, capture, folder};
use crate::harness::{Peer, described, ip, until};

/// Which of the two internet protocols a conversation is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    V4,
    V6,
}

use Family::{V4, V6};

impl Family {
    pub fn client(self) -> IpAddr {
        self.of(1, 1)
    }

    pub fn server(self) -> IpAddr {
        self.of(2, 1)
    }

    /// An address of a network of the lab: 1 is the client's, 2 the server's; others don't exist.
    pub fn of(self, network: u8, host: u8) -> IpAddr {
        match self {
            V4 => Ipv4Addr::new(10, 9, network, host).into(),
            V6 => Ipv6Addr::new(0xfd09, network.into(), 0, 0, 0, 0, 0, host.into()).into(),
        }
    }

    pub fn any(self) -> IpAddr {
        match self {
            V4 => Ipv4Addr::UNSPECIFIED.into(),
            V6 => Ipv6Addr::UNSPECIFIED.into(),
        }
    }
}

/// Where in the lab a capture is made, in the order of the way to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// All interfaces of the client, with what its kernel tells itself.
    Any,
    /// The client's own link.
    Client,
    /// The router's end of the client's link.
    Router,
    /// The server's own link.
    Server,
}

/// All of them, with the file that each is captured to.
pub const PLACES: [(Place, &str); 4] = [
    (Place::Any, "/mnt/any.pcapng"),
    (Place::Client, "/mnt/client.pcapng"),
    (Place::Router, "/mnt/router.pcapng"),
    (Place::Server, "/mnt/server.pcapng"),
];

/// A network that the client has no route to.
pub const NOWHERE: u8 = 55;

pub struct Lab {
    pub router: Peer,
    pub server: Peer,
}

impl Lab {
    /// Builds it, with rules of nftables for what the router forwards and for what the server takes in.
    pub fn new(forward: &str, input: &str) -> Lab {
        folder("64m", "755");
        let lab = Lab { router: Peer::new(), server: Peer::new() };
        let (router, server) = (lab.router.id(), lab.server.id());
        ip("link set lo up");
        ip(&format!("link add c0 type veth peer name r0 netns {router}"));
        ip(&format!("link add s0 netns {server} type veth peer name r1 netns {router}"));
        tune();
        lab.router.run(|| {
            tune();
            sysctl("ipv4/ip_forward", "1");
            sysctl("ipv6/conf/all/forwarding", "1");
            ip("link set lo up");
            end("r0", 1, 254);
            end("r1", 2, 254);
        });
        lab.server.run(|| {
            tune();
            sysctl("ipv4/tcp_abort_on_overflow", "1");
            ip("link set lo up");
            end("s0", 2, 1);
            gateway("s0", 2);
        });
        end("c0", 1, 1);
        gateway("c0", 1);
        ip(&format!("route add unreachable {}/32", V4.of(NOWHERE, 1)));
        ip(&format!("route add unreachable {}/128", V6.of(NOWHERE, 1)));
        for (peer, link) in [(&lab.router, "r0"), (&lab.router, "r1"), (&lab.server, "s0")] {
            peer.run(move || up(link));
        }
        up("c0");
        let chain = |hook: &str, rules: &str| {
            let sets: String =
                ["dead", "refused", "open"].map(|set| format!("set {set} {{\ntype inet_service\n}}\n")).concat();
            let begin = format!("type filter hook {hook} priority 0");
            format!("table inet lab {{\n{sets}chain {hook} {{\n{begin}\n{rules}\n}}\n}}")
        };
        let (forward, input) = (chain("forward", forward), chain("input", input));
        lab.router.run(move || nft(&forward));
        lab.server.run(move || nft(&input));
        lab
    }

    /// Begins to capture everywhere.
    pub fn capture(&self) -> Vec<Run> {
        PLACES
            .into_iter()
            .map(|(place, file)| {
                let flags = |interface: &str| format!("-i {interface} -w {file}");
                match place {
                    Place::Client => capture(&flags("c0")),
                    Place::Any => capture(&flags("any")),
                    Place::Router => {
                        let flags = flags("r0");
                        self.router.run(move || capture(&flags))
                    }
                    Place::Server => {
                        let flags = flags("s0");
                        self.server.run(move || capture(&flags))
                    }
                }
            })
            .collect()
    }

    /// From now on the router drops what goes to or comes from this port.
    pub fn kill(&self, port: u16) {
        self.router.run(move || nft(&format!("add element inet lab dead {{ {port} }}")));
    }

    /// From now on the router refuses what goes to this port, by ICMP.
    pub fn refuse(&self, port: u16) {
        self.router.run(move || nft(&format!("add element inet lab refused {{ {port} }}")));
    }

    /// From now on the router lets through what its rules held back for this port.
    pub fn let_through(&self, port: u16) {
        self.router.run(move || nft(&format!("add element inet lab open {{ {port} }}")));
    }
}

/// A kernel that gives up soon (the schedule is the usual one, only shorter) and tells of every error.
fn tune() {
    for (file, value) in [
        ("ipv4/tcp_syn_retries", "1"),
        ("ipv4/tcp_syn_linear_timeouts", "0"),
        ("ipv4/tcp_retries2", "3"),
        ("ipv4/tcp_orphan_retries", "1"),
        ("ipv4/icmp_ratemask", "0"),
        ("ipv4/icmp_msgs_per_sec", "1000000"),
        ("ipv4/icmp_msgs_burst", "100000"),
        ("ipv6/icmp/ratelimit", "0"),
        ("ipv6/conf/default/accept_dad", "0"),
        ("ipv6/conf/default/router_solicitations", "0"),
    ] {
        sysctl(file, value);
    }
}

/// Sets what this kernel has: older ones have fewer.
fn sysctl(file: &str, value: &str) {
    let file = format!("/proc/sys/net/{file}");
    if !Path::new(&file).exists() {
        return;
    }
    fs::write(&file, value).unwrap_or_else(|error| panic!("{file}: {error}"));
}

/// Gives an interface of this namespace its addresses and puts it up.
fn end(link: &str, network: u8, host: u8) {
    sysctl(&format!("ipv6/conf/{link}/accept_dad"), "0");
    ip(&format!("link set {link} mtu {}", if network == 2 { 1400 } else { 1500 }));
    ip(&format!("address add {}/24 dev {link}", V4.of(network, host)));
    ip(&format!("address add {}/64 dev {link} nodad", V6.of(network, host)));
    // Three requests, as usual, but sooner after each other.
    for table in ["arp_cache", "ndisc_cache"] {
        ip(&format!("ntable change name {table} dev {link} retrans 300"));
    }
    ip(&format!("link set {link} up"));
}

fn gateway(link: &str, network: u8) {
    for family in [V4, V6] {
        ip(&format!("route add default via {} dev {link}", family.of(network, 254)));
    }
}

fn up(link: &'static str) {
    until("the link is up", || described(link).contains("state UP").then_some(()));
}

/// Runs a script of nft(8).
fn nft(script: &str) {
    let mut nft = Command::new("nft").args(["-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = nft.stdin.take().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || input.write_all(script.as_bytes()).unwrap());
        let output = nft.wait_with_output().unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    });
}
