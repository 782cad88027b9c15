//! Who stamps a frame's time (`-j`, `-J`): the kernel, or the network card where it can.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};
use std::str::FromStr;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::{Error, kernel, sys};

/// Where a time stamp comes from; the names are libpcap's (pcap-tstamp(7)).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TimestampType {
    /// The kernel, when it takes the frame.
    #[default]
    Host,
    /// The card, by a clock in step with the machine's.
    Adapter,
    /// The card, by a clock of its own.
    AdapterUnsynced,
}

/// `HWTSTAMP_FILTER_ALL`: the card can stamp every frame.
const STAMPS_ALL: u32 = 1 << 1;

impl TimestampType {
    pub const ALL: &'static [TimestampType] =
        &[TimestampType::Host, TimestampType::Adapter, TimestampType::AdapterUnsynced];

    /// As `-j` takes it.
    pub fn name(self) -> &'static str {
        match self {
            TimestampType::Host => "host",
            TimestampType::Adapter => "adapter",
            TimestampType::AdapterUnsynced => "adapter_unsynced",
        }
    }

    /// In words, as `-J` shows it.
    pub fn description(self) -> &'static str {
        match self {
            TimestampType::Host => "Host",
            TimestampType::Adapter => "Adapter",
            TimestampType::AdapterUnsynced => "Adapter, not synced with system time",
        }
    }

    /// The bit that stands for it in `PACKET_TIMESTAMP` and in what an interface says of itself.
    fn bit(self) -> u32 {
        match self {
            TimestampType::Host => 0,
            TimestampType::Adapter => libc::SOF_TIMESTAMPING_SYS_HARDWARE,
            TimestampType::AdapterUnsynced => libc::SOF_TIMESTAMPING_RAW_HARDWARE,
        }
    }
}

impl fmt::Display for TimestampType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No time stamp type has this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no time stamp type is called {0}; there are host, adapter and adapter_unsynced")]
pub struct UnknownTimestampType(pub String);

impl FromStr for TimestampType {
    type Err = UnknownTimestampType;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|t| t.name() == name);
        found.copied().ok_or_else(|| UnknownTimestampType(name.to_owned()))
    }
}

/// The time stamp types that an interface offers; [`TimestampType::Host`] always, first.
///
/// # Errors
/// If there is no socket to ask with. An interface that can't be asked offers what all do.
pub fn offered(interface: &str) -> Result<Vec<TimestampType>, Error> {
    let asking = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None);
    let asking = asking.map_err(kernel("asking for the time stamp types of", interface))?;
    let (offers, stamps) = sys::timestamp_info(asking.as_fd(), interface).unwrap_or_default();
    let offers = if stamps & STAMPS_ALL == 0 { 0 } else { offers };
    Ok(TimestampType::ALL.iter().copied().filter(|t| offers & t.bit() == t.bit()).collect())
}

/// Has a packet socket give the time stamps asked for.
pub(super) fn set(socket: BorrowedFd<'_>, interface: &str, wanted: TimestampType) -> Result<(), Error> {
    if wanted == TimestampType::Host {
        return Ok(());
    }
    if !offered(interface)?.contains(&wanted) {
        return Err(Error::TimestampType { interface: interface.to_owned(), wanted });
    }
    sys::stamp_in_hardware(socket, interface)
        .and_then(|()| sys::set_number(socket, libc::PACKET_TIMESTAMP, wanted.bit()))
        .map_err(super::denied("CAP_NET_ADMIN", "setting hardware time stamps on", interface))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for kind in TimestampType::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
        }
        assert!("hosts".parse::<TimestampType>().is_err());
    }

    #[test]
    fn every_interface_offers_the_kernels_own_stamps() {
        assert_eq!(offered("no-such-one").unwrap(), [TimestampType::Host]);
        assert_eq!(offered("lo").unwrap(), [TimestampType::Host]);
    }
}
