//! One section for the frames of many: each section's interfaces are its own there too, and numbers are in one byte order.

use crate::file::{InterfaceStatistics, MAX_INTERFACES, option_values, put_options};
use crate::frame::{ByteOrder, Frame, Interface, Note, RawOption, Record, Section};

/// The section that others become part of.
#[derive(Debug)]
pub struct Union {
    section: Section,
    /// Interfaces that are the same in everything are one.
    joins: bool,
    /// Whether its options may still change: nothing of it was handed on.
    open: bool,
    /// Whether a section was admitted.
    begun: bool,
    /// Its members are parts of it already.
    settled: bool,
}

/// What a source of frames is in a union.
#[derive(Debug, Default)]
pub struct Member {
    /// The number of its section, and the byte order of it.
    section: Option<(u64, ByteOrder)>,
    /// Where its interfaces stand in the union.
    places: Vec<u32>,
}

impl Union {
    /// One that joins interfaces which are the same in everything, or keeps them apart.
    pub fn new(joins: bool) -> Self {
        let section = Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces: Vec::new() };
        Union { section, joins, open: true, begun: false, settled: false }
    }

    /// One that all members are parts of already.
    pub fn settled(section: Section) -> Self {
        Union { section, joins: false, open: false, begun: true, settled: true }
    }

    /// The section as far as it is known; from now on its options stay as they are.
    pub fn section(&mut self) -> &Section {
        self.open = false;
        &self.section
    }

    /// The byte order of its numbers, once a section was admitted.
    pub fn byte_order(&self) -> ByteOrder {
        self.section.byte_order
    }

    /// Takes in what a member's section has that is new.
    pub fn admit(&mut self, member: &mut Member, section: &Section) {
        if !self.begun {
            self.begun = true;
            self.section.byte_order = section.byte_order;
        }
        let order = self.section.byte_order;
        if member.section.map(|(number, _)| number) != Some(section.number) {
            member.section = Some((section.number, section.byte_order));
            member.places.clear();
            if self.open {
                self.describe(section);
            }
        }
        if self.settled {
            member.places = (0..place(section.interfaces.len())).collect();
        }
        for interface in section.interfaces.get(member.places.len()..).unwrap_or(&[]) {
            let options =
                interface.options.iter().map(|option| in_order(option, section.byte_order, order, &INTERFACE));
            let interface = Interface { options: options.collect(), ..*interface };
            let known = &mut self.section.interfaces;
            let is_full = known.len() >= MAX_INTERFACES;
            let same = if self.joins || is_full { known.iter().position(|other| *other == interface) } else { None };
            let place = match same {
                Some(place) => place,
                // No reader would take more: packets of it can't be written.
                None if is_full => usize::MAX,
                None => {
                    known.push(interface);
                    known.len().saturating_sub(1)
                }
            };
            member.places.push(u32::try_from(place).unwrap_or(u32::MAX));
        }
    }

    /// Adds a section's options: every comment, and of the others those that are not there.
    fn describe(&mut self, section: &Section) {
        for option in &section.options {
            let known = &mut self.section.options;
            let is_there = known.iter().any(|other| match option.code {
                COMMENT => other == option,
                code => other.code == code,
            });
            if !is_there {
                known.push(option.clone());
            }
        }
    }
}

const COMMENT: u16 = 1;

/// The options of a block whose values are numbers: code, and the bytes of the number they begin with.
type Numeric = [(u16, usize)];
/// Of an interface: speed, offset of times, custom options.
const INTERFACE: [(u16, usize); 6] = [(8, 8), (14, 8), (2988, 4), (2989, 4), (19372, 4), (19373, 4)];
/// Of a packet: flags, drops, packet number, queue, custom options.
const PACKET: [(u16, usize); 8] = [(2, 4), (4, 8), (5, 8), (6, 4), (2988, 4), (2989, 4), (19372, 4), (19373, 4)];
/// Of statistics: all are 64 bits; two are times of two halves.
const STATISTICS: [(u16, usize); 5] = [(4, 8), (5, 8), (6, 8), (7, 8), (8, 8)];

/// An option with its number in another byte order.
fn in_order(option: &RawOption, from: ByteOrder, to: ByteOrder, numeric: &Numeric) -> RawOption {
    let mut option = option.clone();
    if from != to
        && let Some((_, len)) = numeric.iter().find(|(code, _)| *code == option.code)
        && let Some(number) = option.value.get_mut(..*len)
    {
        number.reverse();
    }
    option
}

/// A list of options in another byte order.
fn list_in_order(list: &[u8], from: ByteOrder, to: ByteOrder, numeric: &Numeric) -> Vec<u8> {
    let options: Vec<RawOption> = option_values(list, from)
        .map(|(code, value)| in_order(&RawOption { code, value: value.to_vec() }, from, to, numeric))
        .collect();
    let mut bytes = Vec::new();
    put_options(&mut bytes, to, &options);
    bytes
}

/// Frames and notes of members, one behind the other.
#[derive(Debug, Default)]
pub struct Gathered {
    pub bytes: Vec<u8>,
    pub records: Vec<Record>,
    pub notes: Vec<Note>,
}

impl Gathered {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.records.clear();
        self.notes.clear();
    }

    /// Adds a member's frame.
    pub fn frame(&mut self, frame: &Frame<'_>, member: &Member, to: ByteOrder) {
        let interface = member.places.get(frame.interface as usize).copied().unwrap_or(u32::MAX);
        let offset = place(self.bytes.len());
        self.bytes.extend_from_slice(frame.data);
        // A block without bytes is one without frames.
        if frame.data.is_empty() {
            self.bytes.push(0);
        }
        let mut options = (0, 0);
        if !frame.options.is_empty() {
            options.0 = place(self.bytes.len());
            match member.section {
                Some((_, from)) if from != to => {
                    self.bytes.extend_from_slice(&list_in_order(frame.options, from, to, &PACKET));
                }
                _ => self.bytes.extend_from_slice(frame.options),
            }
            options.1 = place(self.bytes.len()).saturating_sub(options.0);
        }
        self.records.push(Record {
            time: frame.time,
            offset,
            cap_len: place(frame.data.len()),
            wire_len: frame.wire_len,
            interface,
            flags: frame.flags,
            options,
        });
    }

    /// Adds a member's note.
    pub fn note(&mut self, kind: u32, body: &[u8], member: &Member, to: ByteOrder) {
        let at = place(self.bytes.len());
        let from = member.section.map_or(to, |(_, order)| order);
        match (kind, body.split_first_chunk::<4>()) {
            (InterfaceStatistics::KIND, Some((interface, rest))) => {
                let theirs = number(*interface, from);
                let ours = member.places.get(theirs as usize).copied().unwrap_or(theirs);
                self.bytes.extend_from_slice(&bytes(ours, to));
                let (times, options) = rest.split_at_checked(8).unwrap_or((rest, &[]));
                self.bytes.extend(words_in_order(times, from != to));
                if from == to {
                    self.bytes.extend_from_slice(options);
                } else {
                    self.bytes.extend(list_in_order(options, from, to, &STATISTICS));
                }
            }
            (SECRETS, Some(_)) => {
                let (words, rest) = body.split_at_checked(8).unwrap_or((body, &[]));
                self.bytes.extend(words_in_order(words, from != to));
                self.bytes.extend_from_slice(rest);
            }
            (CUSTOM | CUSTOM_PRIVATE, Some((number, rest))) => {
                self.bytes.extend(words_in_order(number, from != to));
                self.bytes.extend_from_slice(rest);
            }
            (NAMES, _) if from != to => self.bytes.extend(names_in_order(body, from, to)),
            _ => self.bytes.extend_from_slice(body),
        }
        let len = place(self.bytes.len()).saturating_sub(at);
        self.notes.push(Note { kind, body: (at, len) });
        // Nor is a note without a body at the place of what comes next.
        if len == 0 {
            self.bytes.push(0);
        }
    }
}

const NAMES: u32 = 4;
const SECRETS: u32 = 10;
const CUSTOM: u32 = 0xbad;
const CUSTOM_PRIVATE: u32 = 0x4000_0bad;

/// Words of 32 bits, turned round or not.
fn words_in_order(words: &[u8], turned: bool) -> Vec<u8> {
    let mut words = words.to_vec();
    if turned {
        words.chunks_exact_mut(4).for_each(<[u8]>::reverse);
    }
    words
}

/// A block of names: records have the form of options (draft-ietf-opsawg-pcapng, 4.5), as have the options behind them.
fn names_in_order(body: &[u8], from: ByteOrder, to: ByteOrder) -> Vec<u8> {
    let records: Vec<RawOption> =
        option_values(body, from).map(|(code, value)| RawOption { code, value: value.to_vec() }).collect();
    let mut bytes = Vec::new();
    put_options(&mut bytes, to, &records);
    bytes
}

fn number(bytes: [u8; 4], order: ByteOrder) -> u32 {
    match order {
        ByteOrder::Little => u32::from_le_bytes(bytes),
        ByteOrder::Big => u32::from_be_bytes(bytes),
    }
}

fn bytes(number: u32, order: ByteOrder) -> [u8; 4] {
    match order {
        ByteOrder::Little => number.to_le_bytes(),
        ByteOrder::Big => number.to_be_bytes(),
    }
}

/// A place in memory that is far smaller than 4 GiB.
fn place(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{LinkType, Resolution};

    fn section(number: u64, snap_lens: impl Iterator<Item = u32>) -> Section {
        let interface = |snap_len| Interface::new(LinkType::EN10MB, snap_len, Resolution::NANO);
        let interfaces = snap_lens.map(interface).collect();
        Section { number, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces }
    }

    #[test]
    fn interfaces_are_apart_or_joined() {
        for (joins, places) in [(false, [vec![0, 1], vec![2, 3]]), (true, [vec![0, 1], vec![1, 2]])] {
            let mut union = Union::new(joins);
            let mut members = [Member::default(), Member::default()];
            union.admit(&mut members[0], &section(0, 1..3));
            union.admit(&mut members[1], &section(0, 2..4));
            assert_eq!(members.map(|member| member.places), places);
        }
    }

    #[test]
    fn there_are_never_more_interfaces_than_a_reader_takes() {
        let most = u32::try_from(MAX_INTERFACES).unwrap();
        let mut union = Union::new(false);
        let (mut first, mut second) = (Member::default(), Member::default());
        union.admit(&mut first, &section(0, 1..=most));
        union.admit(&mut second, &section(0, [5, most + 1].into_iter()));
        assert_eq!(second.places, [4, u32::MAX]);
        assert_eq!(union.section().interfaces.len(), MAX_INTERFACES);
    }

    #[test]
    fn numbers_are_turned_into_the_byte_order_of_the_union() {
        let mut union = Union::new(false);
        let mut little = Member::default();
        union.admit(&mut little, &Section { byte_order: ByteOrder::Little, ..section(0, 0..1) });
        let mut big = Member::default();
        let mut other = Section { byte_order: ByteOrder::Big, ..section(0, 0..1) };
        other.interfaces[0].options.push(RawOption { code: 8, value: 1000u64.to_be_bytes().to_vec() });
        union.admit(&mut big, &other);
        assert_eq!(union.section().interfaces[1].options[0].value, 1000u64.to_le_bytes());
        let mut gathered = Gathered::default();
        let statistics = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0];
        gathered.note(InterfaceStatistics::KIND, &statistics, &big, ByteOrder::Little);
        let turned = [1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(gathered.bytes, turned);
    }
}
