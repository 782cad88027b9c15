//! The interfaces of this machine (or network namespace), as `-D` lists them and `-i` names them.

use std::fs;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::path::Path;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrStorage, socket};
use pnet_datalink::NetworkInterface;

use super::{Error, kernel, link, sys};
use crate::frame::LinkType;
use crate::names::system::Network;

/// The name that stands for all interfaces at once.
pub const ANY: &str = "any";

/// An interface, as it was when it was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InterfaceInfo {
    /// Text from outside: a name may hold any byte but `/`, `:` and white space; what is not UTF-8 is replaced.
    pub name: String,
    /// The kernel's number for it; 0 for [`ANY`].
    pub index: u32,
    /// Set up to carry traffic.
    pub up: bool,
    /// Able to: up, and with a carrier where it needs one.
    pub running: bool,
    pub loopback: bool,
    /// Its Ethernet address.
    pub mac: Option<[u8; 6]>,
    pub addresses: Vec<IpAddr>,
    /// Hardware type (`ARPHRD_*`).
    pub hardware: u16,
    /// Link type of its frames.
    pub link_type: LinkType,
    /// What somebody wrote about it (`ip link set … alias`), else the name of its driver. Text from outside.
    pub description: Option<String>,
}

impl InterfaceInfo {
    /// All interfaces at once.
    fn any() -> Self {
        InterfaceInfo {
            name: ANY.to_owned(),
            index: 0,
            up: true,
            running: true,
            loopback: false,
            mac: None,
            addresses: Vec::new(),
            hardware: libc::ARPHRD_VOID,
            link_type: LinkType::LINUX_SLL2,
            description: Some("Pseudo-device that captures on all interfaces".to_owned()),
        }
    }

    /// Whether this stands for all interfaces.
    pub fn is_any(&self) -> bool {
        self.index == 0
    }
}

/// All interfaces and [`ANY`], those that are most worth listening to first: running, up, no loopback.
///
/// # Errors
/// If the kernel doesn't tell.
pub fn list() -> Result<Vec<InterfaceInfo>, Error> {
    let failed = kernel("listing", "interfaces");
    let asking = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None).map_err(&failed)?;
    let ip_address = |told: InterfaceAddress| Some((told.interface_name, ip_address(&told.address?)?));
    let addresses: Vec<(String, IpAddr)> = getifaddrs().map_err(&failed)?.filter_map(ip_address).collect();
    let described = |told: NetworkInterface| {
        let name = String::from_utf8_lossy(told.name.as_bytes()).into_owned();
        let hardware = sys::hardware_type(asking.as_fd(), told.name.as_bytes()).unwrap_or(libc::ARPHRD_VOID);
        InterfaceInfo {
            index: told.index,
            up: told.is_up(),
            running: told.is_running(),
            loopback: told.is_loopback(),
            mac: told.mac.filter(|_| hardware == libc::ARPHRD_ETHER).map(|mac| mac.octets()),
            addresses: addresses.iter().filter(|(of, _)| *of == name).map(|(_, address)| *address).collect(),
            hardware,
            link_type: link::of(hardware).unwrap_or(LinkType::LINUX_SLL2),
            description: description(&name, told.index, told.mac.map(|mac| mac.to_string())),
            name,
        }
    };
    let mut list: Vec<InterfaceInfo> = pnet_datalink::interfaces().into_iter().map(described).collect();
    list.push(InterfaceInfo::any());
    list.sort_by_key(|i| (!i.running, !i.up, i.loopback, i.is_any(), i.index));
    Ok(list)
}

/// The IPv4 networks that interfaces are in, as their addresses and masks have it.
///
/// # Errors
/// If the kernel doesn't tell.
pub fn networks(interfaces: &[String]) -> Result<Vec<Network>, Error> {
    let told = getifaddrs().map_err(kernel("listing", "interfaces"))?;
    let v4 = |address: Option<SockaddrStorage>| address?.as_sockaddr_in().map(SockaddrIn::ip);
    let ours = told.filter(|told| interfaces.contains(&told.interface_name));
    Ok(ours.filter_map(|told| v4(told.address).zip(v4(told.netmask))).collect())
}

/// The interface of a name, or else of a number in [`list`], counted from 1.
///
/// # Errors
/// If there is none, or the kernel doesn't tell.
pub fn find(name_or_number: &str) -> Result<InterfaceInfo, Error> {
    let mut list = list()?;
    let named = list.iter().position(|i| i.name == name_or_number);
    let place = named.or_else(|| name_or_number.parse::<usize>().ok()?.checked_sub(1));
    match place.filter(|place| *place < list.len()) {
        Some(place) => Ok(list.swap_remove(place)),
        None => Err(Error::NoInterface(name_or_number.to_owned())),
    }
}

fn ip_address(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|a| IpAddr::V4(a.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))
}

fn description(name: &str, index: u32, address: Option<String>) -> Option<String> {
    let folder = Path::new("/sys/class/net").join(name);
    let read = |file: &str| fs::read_to_string(folder.join(file)).ok().map(|text| text.trim().to_owned());
    // /sys may show another network namespace than ours.
    read("ifindex").filter(|told| *told == index.to_string())?;
    read("address").filter(|told| address.as_ref().is_none_or(|address| address == told))?;
    read("ifalias").filter(|alias| !alias.is_empty()).or_else(|| {
        let driver = fs::read_link(folder.join("device/driver")).ok()?;
        Some(driver.file_name()?.to_string_lossy().into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_is_listed_once_and_found_by_name_and_number() {
        let list = list().unwrap();
        let any: Vec<usize> = (0..list.len()).filter(|n| list[*n].is_any()).collect();
        assert_eq!(any.len(), 1);
        assert_eq!(find(ANY).unwrap(), list[any[0]]);
        assert_eq!(find(&(any[0] + 1).to_string()).unwrap().name, ANY);
        for wrong in ["0", "100000", "no-such-interface", "", "-1"] {
            assert!(matches!(find(wrong), Err(Error::NoInterface(name)) if name == wrong));
        }
    }
}
