//! Names in expressions: who knows which address, port or protocol a name stands for.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{LazyLock, Mutex, PoisonError};

pub use crate::names::system::Transport;
use crate::names::system::{lines, read};

/// Answers for the names in an expression. All are asked while compiling, none later.
pub trait Names {
    /// The addresses of a host, in the resolver's order; empty where it is not known.
    fn host(&self, name: &str) -> Vec<IpAddr>;
    /// The number of a network as networks(5) lists it, in host order.
    fn network(&self, name: &str) -> Option<u32>;
    /// The port of a service.
    fn service(&self, name: &str, transport: Transport) -> Option<u16>;
    /// The number of an IP protocol.
    fn protocol(&self, name: &str) -> Option<u8>;
    /// The Ethernet address of a host as ethers(5) lists it.
    fn ether(&self, name: &str) -> Option<[u8; 6]>;
}

/// Knows no name: an expression with one in it is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn host(&self, _: &str) -> Vec<IpAddr> {
        Vec::new()
    }
    fn network(&self, _: &str) -> Option<u32> {
        None
    }
    fn service(&self, _: &str, _: Transport) -> Option<u16> {
        None
    }
    fn protocol(&self, _: &str) -> Option<u8> {
        None
    }
    fn ether(&self, _: &str) -> Option<[u8; 6]> {
        None
    }
}

/// The system's own: its resolver (which may ask the network), and /etc/services, /etc/protocols, /etc/networks and
/// /etc/ethers. Each is asked once in a run, so that an expression can be compiled again when nothing can be asked
/// any more (see [`sandbox`](crate::live::sandbox)).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNames;

static HOSTS: Mutex<BTreeMap<String, Vec<IpAddr>>> = Mutex::new(BTreeMap::new());
static SERVICES: LazyLock<HashMap<(String, String), u16>> = LazyLock::new(|| services(&read("/etc/services")));
static PROTOCOLS: LazyLock<HashMap<String, u8>> =
    LazyLock::new(|| by_name(&read("/etc/protocols"), |number| number.parse().ok()));
static NETWORKS: LazyLock<HashMap<String, u32>> = LazyLock::new(|| by_name(&read("/etc/networks"), network_number));
static ETHERS: LazyLock<HashMap<String, [u8; 6]>> = LazyLock::new(|| ethers(&read("/etc/ethers")));

impl Names for SystemNames {
    fn host(&self, name: &str) -> Vec<IpAddr> {
        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        let addresses = hosts.entry(name.to_owned()).or_insert_with(|| {
            let mut found = Vec::new();
            for address in (name, 0).to_socket_addrs().into_iter().flatten() {
                if !found.contains(&address.ip()) {
                    found.push(address.ip());
                }
            }
            found
        });
        addresses.clone()
    }

    fn network(&self, name: &str) -> Option<u32> {
        NETWORKS.get(name).copied()
    }

    fn service(&self, name: &str, transport: Transport) -> Option<u16> {
        SERVICES.get(&(name.to_owned(), transport.name().to_owned())).copied()
    }

    fn protocol(&self, name: &str) -> Option<u8> {
        PROTOCOLS.get(name).copied()
    }

    fn ether(&self, name: &str) -> Option<[u8; 6]> {
        ETHERS.get(name).copied()
    }
}

/// Lines of `name value alias…`; the first line with a name counts.
fn by_name<T: Copy>(text: &str, value: impl Fn(&str) -> Option<T>) -> HashMap<String, T> {
    let mut found = HashMap::new();
    for words in lines(text) {
        if let [name, number, aliases @ ..] = words.as_slice()
            && let Some(number) = value(number)
        {
            for name in std::iter::once(name).chain(aliases) {
                found.entry((*name).to_owned()).or_insert(number);
            }
        }
    }
    found
}

/// Ports by the name or alias of a service, and its transport.
fn services(text: &str) -> HashMap<(String, String), u16> {
    let mut found = HashMap::new();
    for (name, port, transport, aliases) in crate::names::system::services(text) {
        for name in std::iter::once(name).chain(aliases) {
            found.entry((name.to_owned(), transport.to_owned())).or_insert(port);
        }
    }
    found
}

/// Ethernet addresses by name.
fn ethers(text: &str) -> HashMap<String, [u8; 6]> {
    let mut found = HashMap::new();
    for (address, name) in crate::names::system::ethers(text) {
        found.entry(name.to_owned()).or_insert(address);
    }
    found
}

/// One to four decimal parts; missing ones at the end are 0.
fn network_number(text: &str) -> Option<u32> {
    let mut bytes = [0u8; 4];
    let mut parts = text.split('.');
    for byte in &mut bytes {
        match parts.next() {
            Some(part) => *byte = part.parse().ok()?,
            None => break,
        }
    }
    parts.next().is_none().then_some(u32::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_list_names_and_aliases() {
        let services = services("http 80/tcp www # web\nhttp 8080/tcp\ndomain 53/udp\nbad 70000/tcp\n");
        let get = |name: &str, transport: &str| services.get(&(name.to_owned(), transport.to_owned())).copied();
        assert_eq!(
            [get("http", "tcp"), get("www", "tcp"), get("domain", "tcp"), get("bad", "tcp")],
            [Some(80), Some(80), None, None]
        );
        let networks = by_name("loopback 127.0.0.0\nlab 10.1\n", network_number);
        assert_eq!(networks.get("loopback"), Some(&0x7f00_0000));
        assert_eq!(networks.get("lab"), Some(&0x0a01_0000));
        assert_eq!(ethers("02:0:0:0:0:1 gate\n").get("gate"), Some(&[2, 0, 0, 0, 0, 1]));
    }
}
