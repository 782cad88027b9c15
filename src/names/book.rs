//! The names of addresses, each with who said it, to whom and when.

use std::net::IpAddr;
use std::time::Duration;

use super::Domain;
use super::questions::Endpoint;
use crate::budget::Budget;
use crate::frame::Timestamp;
use crate::reassembly::store::Store;

/// The most names kept for an address; the one heard longest ago goes.
const NAMES: usize = 8;

/// How a name became known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// An answer of DNS.
    Dns,
    /// An answer or announcement of multicast DNS (RFC 6762).
    MulticastDns,
    /// An answer of link-local multicast name resolution (RFC 4795).
    Llmnr,
    /// An answer or registration of the NetBIOS name service (RFC 1002).
    NetBios,
    /// What a host said when it got the address (RFC 2132, 3.14).
    Dhcp,
    /// A name resolution block of the capture file.
    Capture,
    /// The hosts file.
    Hosts,
}

impl Origin {
    /// A word for it, as it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Dns => "dns",
            Origin::MulticastDns => "mdns",
            Origin::Llmnr => "llmnr",
            Origin::NetBios => "netbios",
            Origin::Dhcp => "dhcp",
            Origin::Capture => "capture",
            Origin::Hosts => "hosts",
        }
    }
}

/// A name of an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub name: Domain,
    pub origin: Origin,
    /// Who was told, where it was not everyone.
    pub client: Option<IpAddr>,
    /// When it was heard first and last; none where it was known all the time.
    pub heard: Option<(Timestamp, Timestamp)>,
    /// How it was found out the last time, where somebody asked.
    pub lookup: Option<Box<Lookup>>,
}

/// A question for a name that was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lookup {
    /// Who answered.
    pub server: Endpoint,
    /// The number of the frame that answered.
    pub frame: u64,
    /// From the first question to the answer; none where the question was not captured.
    pub elapsed: Option<Duration>,
    /// The names that led from the one asked for to the address, in their order.
    pub aliases: Vec<Domain>,
}

impl Lookup {
    /// What it takes, in bytes.
    fn size(&self) -> usize {
        let aliases = self.aliases.iter().map(|name| size_of::<Domain>().saturating_add(name.as_bytes().len()));
        aliases.fold(size_of::<Self>(), usize::saturating_add)
    }
}

impl Entry {
    /// How good a name it is for an address that a client connected to at a time; the lesser the better.
    fn rank(&self, client: Option<IpAddr>, at: Timestamp) -> (bool, bool, Origin, i128) {
        let later = self.heard.is_some_and(|(first, _)| first > at);
        let told_another = self.client.is_some() && client.is_some() && self.client != client;
        let since = self.heard.map_or(i128::MAX, |(_, last)| at.as_nanos().saturating_sub(last.as_nanos()));
        // Heard again after the time, it was known at it.
        (later, told_another, self.origin, since.abs())
    }
}

/// The names of addresses, at most a quarter of a budget; the address first named goes first.
#[derive(Debug)]
pub struct Book(Store<IpAddr, Vec<Entry>>);

impl Book {
    pub fn new(budget: &Budget) -> Self {
        Book(Store::new(budget, Duration::MAX))
    }

    /// Learns a name. One that is known is heard again.
    pub fn learn(&mut self, address: IpAddr, entry: Entry, now: Timestamp) {
        if let Some(entries) = self.0.get(&address, now)
            && let Some(known) = entries
                .iter_mut()
                .find(|known| (&known.name, known.origin, known.client) == (&entry.name, entry.origin, entry.client))
        {
            if let (Some((_, last)), Some((_, again))) = (&mut known.heard, entry.heard) {
                *last = again.max(*last);
            }
            // The room that was taken is for one that leads over as many names.
            if let Some(lookup) = entry.lookup
                && known.lookup.as_ref().is_some_and(|known| known.aliases == lookup.aliases)
            {
                known.lookup = Some(lookup);
            }
            return;
        }
        let lookup = entry.lookup.as_ref().map_or(0, |lookup| lookup.size());
        let room = size_of::<Entry>().saturating_mul(2).saturating_add(entry.name.as_bytes().len());
        let room = room.saturating_add(lookup);
        let Some(entries) = self.0.reserve(address, room, now) else { return };
        if entries.len() >= NAMES
            && let Some(oldest) = (0..entries.len()).min_by_key(|at| entries.get(*at).and_then(|entry| entry.heard))
        {
            entries.remove(oldest);
        }
        entries.push(entry);
    }

    /// The best name for an address that a client connected to at a time: what it had been told before, else what others
    /// had, else what was said later.
    pub fn best(&mut self, address: IpAddr, client: Option<IpAddr>, at: Timestamp) -> Option<&Entry> {
        self.0.get(&address, at)?.iter().min_by_key(|entry| entry.rank(client, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 9));
    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const TWO: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(seconds, 0)
    }

    fn told(name: &str, client: IpAddr, seconds: i64) -> Entry {
        let heard = Some((at(seconds), at(seconds)));
        Entry { name: Domain::of(name.as_bytes()), origin: Origin::Dns, client: Some(client), heard, lookup: None }
    }

    fn best(book: &mut Book, client: IpAddr, seconds: i64) -> String {
        let entry = book.best(SERVER, Some(client), at(seconds)).unwrap();
        String::from_utf8(entry.name.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_client_connected_to_the_name_it_was_told_last() {
        let mut book = Book::new(&Budget::new(1 << 20));
        for (name, client, seconds) in [("a", ONE, 1), ("b", TWO, 2), ("c", ONE, 5)] {
            book.learn(SERVER, told(name, client, seconds), at(seconds));
        }
        assert_eq!(best(&mut book, ONE, 3), "a");
        assert_eq!(best(&mut book, TWO, 9), "b");
        assert_eq!(best(&mut book, ONE, 6), "c");
        assert_eq!(best(&mut book, ONE, 0), "a");
    }

    #[test]
    fn what_is_always_so_is_second_to_what_was_heard() {
        let mut book = Book::new(&Budget::new(1 << 20));
        let hosts = Entry { name: Domain::of(b"h"), origin: Origin::Hosts, client: None, heard: None, lookup: None };
        book.learn(SERVER, hosts, at(0));
        assert_eq!(best(&mut book, ONE, 3), "h");
        book.learn(SERVER, told("a", ONE, 2), at(2));
        assert_eq!(best(&mut book, ONE, 3), "a");
        assert_eq!(best(&mut book, ONE, 1), "h");
    }

    #[test]
    fn memory_is_bounded_however_many_names_there_are() {
        let budget = Budget::new(1 << 20);
        let mut book = Book::new(&budget);
        for number in 0..100_000u32 {
            let address = IpAddr::from((number / 20).to_be_bytes());
            book.learn(address, told(&format!("name-{number}"), ONE, i64::from(number)), at(i64::from(number)));
            assert!(budget.left() >= (1 << 20) * 3 / 4);
        }
    }
}
