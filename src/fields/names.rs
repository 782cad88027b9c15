//! From a name that somebody wrote to the fields that it means.

use super::{Field, PROTOCOLS, Protocol, all};

/// Names for several fields at once: each stands for all of them.
const TOGETHER: &[(&str, &[&str])] = &[
    ("src", &["ip.src", "ip6.src"]),
    ("dst", &["ip.dst", "ip6.dst"]),
    ("host", &["ip.src", "ip.dst", "ip6.src", "ip6.dst"]),
    ("sport", &["tcp.src", "udp.src"]),
    ("dport", &["tcp.dst", "udp.dst"]),
    ("port", &["tcp.src", "tcp.dst", "udp.src", "udp.dst"]),
    ("eth.addr", &["eth.src", "eth.dst"]),
    ("ip.addr", &["ip.src", "ip.dst"]),
    ("ip6.addr", &["ip6.src", "ip6.dst"]),
    ("tcp.port", &["tcp.src", "tcp.dst"]),
    ("udp.port", &["udp.src", "udp.dst"]),
];

/// What a name stands for.
#[derive(Clone, PartialEq, Debug)]
pub enum Meaning {
    /// One or more fields of one kind.
    Fields(Vec<&'static Field>),
    /// A layer of a protocol, as a whole.
    Layer(&'static Protocol),
}

/// The names that stand for several fields, and those fields.
pub(super) fn together() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    TOGETHER.iter().copied()
}

/// What a name stands for: one of ours, of several fields together, of a protocol, or else tshark's.
///
/// ```
/// use sabueso::fields::{Meaning, meaning};
/// let Some(Meaning::Fields(fields)) = meaning("tcp.srcport") else { panic!() };
/// assert_eq!(fields[0].name, "tcp.src");
/// ```
pub fn meaning(name: &str) -> Option<Meaning> {
    let own = |name: &str| all().find(|field| field.name == name);
    if let Some(field) = own(name) {
        return Some(Meaning::Fields(vec![field]));
    }
    if let Some((_, names)) = TOGETHER.iter().find(|(together, _)| *together == name) {
        return Some(Meaning::Fields(names.iter().filter_map(|name| own(name)).collect()));
    }
    if let Some(protocol) = PROTOCOLS.iter().find(|protocol| protocol.name == name) {
        return Some(Meaning::Layer(protocol));
    }
    let tsharks = |field: &&'static Field| matches!(field.others, [theirs, ..] if theirs == name && !name.is_empty());
    let theirs: Vec<_> = all().filter(tsharks).collect();
    (!theirs.is_empty()).then_some(Meaning::Fields(theirs))
}

/// The name that was likely meant, of a name that means nothing.
pub fn alike(name: &str) -> Option<&'static str> {
    let names = || all().map(|field| field.name).chain(PROTOCOLS.iter().map(|protocol| protocol.name));
    let distance = |known: &str| edits(name.as_bytes(), known.as_bytes());
    let (found, edits) = names().map(|known| (known, distance(known))).min_by_key(|(_, edits)| *edits)?;
    let last = name.rsplit('.').next().unwrap_or(name);
    let by_key = || names().find(|known| known.rsplit('.').next() == Some(last));
    if edits <= 2 { Some(found) } else { by_key() }
}

/// How many bytes must be put in, left out or changed to make one word of another.
fn edits(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, a) in from.iter().take(64).enumerate() {
        let mut left = at.saturating_add(1);
        let mut above_left = at;
        for (cell, b) in row.iter_mut().skip(1).zip(to) {
            let above = *cell;
            let change = above_left.saturating_add(usize::from(a != b));
            *cell = change.min(above.saturating_add(1)).min(left.saturating_add(1));
            (left, above_left) = (*cell, above);
        }
        if let Some(first) = row.first_mut() {
            *first = at.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_several_fields_exist_and_are_of_one_kind() {
        for (name, names) in TOGETHER {
            let Some(Meaning::Fields(fields)) = meaning(name) else { panic!("{name}") };
            assert_eq!(fields.len(), names.len(), "{name}");
            assert!(fields.iter().all(|field| field.kind == fields[0].kind), "{name}");
        }
    }

    #[test]
    fn tsharks_names_mean_fields_of_one_kind() {
        for field in all().filter(|field| !field.others[0].is_empty()) {
            let Some(Meaning::Fields(fields)) = meaning(field.others[0]) else { continue };
            assert!(fields.iter().all(|found| found.kind == fields[0].kind), "{}", field.others[0]);
        }
    }

    #[test]
    fn what_was_likely_meant() {
        assert_eq!(alike("tcp.scr"), Some("tcp.src"));
        assert_eq!(alike("dns.query.qname"), Some("dns.qname"));
        assert_eq!(alike("nothing.like.that"), None);
        assert_eq!(edits(b"abc", b"abc"), 0);
        assert_eq!(edits(b"abc", b"xabd"), 2);
    }
}
