//! What numbers are called: hosts by whoever can be asked, ports and stations by the system's lists.

use std::collections::HashMap;
use std::fmt::Debug;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};

/// A transport protocol that services are listed for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Transport {
    Tcp,
    Udp,
    Sctp,
}

impl Transport {
    /// As services(5) has it.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Sctp => "sctp",
        }
    }
}

/// Who knows what hosts are called.
pub trait Hosts: Debug {
    /// The name of a host, as the outside has it; none where there is none, or none in time.
    fn name(&mut self, address: IpAddr) -> Option<&str>;
}

/// An IPv4 network: an address and its mask.
pub type Network = (Ipv4Addr, Ipv4Addr);

/// The names that are shown in place of numbers.
#[derive(Debug, Default)]
pub struct Names {
    /// Who is asked for hosts; where nobody is, they stay numbers.
    pub hosts: Option<Box<dyn Hosts>>,
    /// Only hosts of these networks have IPv4 addresses that are named (`-f`).
    pub near: Option<Vec<Network>>,
    /// Names end before their domain (`-N`).
    pub without_domain: bool,
    services: HashMap<(Transport, u16), String>,
    stations: HashMap<[u8; 6], String>,
}

impl Names {
    /// The names of services(5) and ethers(5); none where a file can't be read, as for the C library.
    pub fn of_system() -> Self {
        Names::listed(&read("/etc/services"), &read("/etc/ethers"))
    }

    fn listed(services: &str, stations: &str) -> Self {
        let mut names = Names::default();
        for (name, port, transport, _) in self::services(services) {
            // Ports of SCTP stay numbers, as tcpdump has them.
            let known = [Transport::Tcp, Transport::Udp];
            if let Some(transport) = known.into_iter().find(|known| known.name() == transport) {
                names.services.entry((transport, port)).or_insert_with(|| name.to_owned());
            }
        }
        for (address, name) in ethers(stations) {
            names.stations.entry(address).or_insert_with(|| name.to_owned());
        }
        names
    }

    /// The name of a host.
    pub fn host(&mut self, address: IpAddr) -> Option<&str> {
        if let (IpAddr::V4(address), Some(near)) = (address, &self.near)
            && !near.iter().any(|(network, mask)| address & *mask == *network & *mask)
        {
            return None;
        }
        let name = self.hosts.as_mut()?.name(address)?;
        if self.without_domain { name.split('.').next() } else { Some(name) }
    }

    /// The name of the service on a port.
    pub fn service(&self, transport: Transport, port: u16) -> Option<&str> {
        self.services.get(&(transport, port)).map(String::as_str)
    }

    /// The name of the host with an Ethernet address.
    pub fn station(&self, address: [u8; 6]) -> Option<&str> {
        self.stations.get(&address).map(String::as_str)
    }
}

/// A file's text; empty where it cannot be read, as for the C library.
pub(crate) fn read(path: &str) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

/// The words of each line, without comments.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| line.split('#').next().unwrap_or("").split_whitespace().collect())
}

/// Lines of `name port/transport alias…`: name, port, transport and aliases.
pub(crate) fn services(text: &str) -> impl Iterator<Item = (&str, u16, &str, Vec<&str>)> {
    lines(text).filter_map(|words| {
        let (name, rest) = words.split_first()?;
        let (place, aliases) = rest.split_first()?;
        let (port, transport) = place.split_once('/')?;
        Some((*name, port.parse().ok()?, transport, aliases.to_vec()))
    })
}

/// Lines of `address name`.
pub(crate) fn ethers(text: &str) -> impl Iterator<Item = ([u8; 6], &str)> {
    lines(text).filter_map(|words| {
        let [address, name, ..] = words.as_slice() else { return None };
        let bytes: Vec<u8> = address.split(':').map(|b| u8::from_str_radix(b, 16).ok()).collect::<Option<_>>()?;
        Some((bytes.try_into().ok()?, *name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct One(IpAddr, &'static str);

    impl Hosts for One {
        fn name(&mut self, address: IpAddr) -> Option<&str> {
            (address == self.0).then_some(self.1)
        }
    }

    #[test]
    fn the_first_line_of_a_port_and_transport_counts() {
        let names =
            Names::listed("www 80/tcp http\nhttp 80/tcp\nqotd 17/udp # quote\nbad 70000/tcp\n", "2:0:0:0:0:1 gate\n");
        assert_eq!(names.service(Transport::Tcp, 80), Some("www"));
        assert_eq!(names.service(Transport::Udp, 80), None);
        assert_eq!(names.service(Transport::Udp, 17), Some("qotd"));
        assert_eq!(names.station([2, 0, 0, 0, 0, 1]), Some("gate"));
        assert_eq!(names.station([2, 0, 0, 0, 0, 2]), None);
    }

    #[test]
    fn names_are_cut_before_their_domain_and_only_given_to_hosts_that_are_near() {
        let address = IpAddr::from([10, 1, 2, 3]);
        let mut names = Names { hosts: Some(Box::new(One(address, "a.example.org"))), ..Names::default() };
        assert_eq!(names.host(address), Some("a.example.org"));
        assert_eq!(names.host(IpAddr::from([10, 1, 2, 4])), None);
        names.without_domain = true;
        assert_eq!(names.host(address), Some("a"));
        let mask = Ipv4Addr::new(255, 255, 0, 0);
        names.near = Some(vec![(Ipv4Addr::new(10, 1, 0, 9), mask)]);
        assert_eq!(names.host(address), Some("a"));
        names.near = Some(vec![(Ipv4Addr::new(10, 2, 0, 9), mask)]);
        assert_eq!(names.host(address), None);
    }
}
