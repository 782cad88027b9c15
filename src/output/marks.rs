//! Which bytes of a frame are those of some layers and fields, so that a dump can mark them.

use std::ops::Range;

use crate::fields::{Field, Meaning, Packet, Part, Places, Protocol, Value, Visitor, Wanted, alike, meaning, visit};
use crate::guard::guarded;

/// A name that can't be marked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    #[error("'{name}' is no field or protocol{}; --fields help lists them", super::columns::suggested(.meant))]
    Unknown { name: String, meant: Option<&'static str> },
    #[error("there are no names between the commas; --fields help lists those there are")]
    Empty,
}

/// Finds the bytes that are to be marked.
#[derive(Clone, Debug)]
pub struct Marks {
    protocols: Vec<&'static Protocol>,
    fields: Vec<&'static Field>,
    /// All of them.
    wanted: Wanted,
    found: Vec<Range<usize>>,
}

impl Marks {
    /// Those of the protocols and fields in a list that has commas between them.
    ///
    /// # Errors
    /// Where a name is none of a field or protocol.
    pub fn new(list: &str) -> Result<Self, Error> {
        let mut marks = Marks { protocols: Vec::new(), fields: Vec::new(), wanted: Wanted::NONE, found: Vec::new() };
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match meaning(name) {
                Some(Meaning::Fields(fields)) => marks.fields.extend(fields),
                Some(Meaning::Layer(protocol)) => marks.protocols.push(protocol),
                None => return Err(Error::Unknown { name: name.to_owned(), meant: alike(name) }),
            }
        }
        if marks.fields.is_empty() && marks.protocols.is_empty() {
            return Err(Error::Empty);
        }
        marks.fields.iter().for_each(|field| marks.wanted.add(field));
        marks.protocols.iter().for_each(|protocol| marks.wanted.add_layers(protocol));
        Ok(marks)
    }

    /// Their bytes in a packet, as ranges of its frame in the order of the walk; none where a decoder fails.
    pub fn find(&mut self, packet: &Packet<'_>) -> &[Range<usize>] {
        self.found.clear();
        let places = Places::new(packet.frame.data);
        if guarded(|| visit(packet, &mut Search { marks: self, places })).is_none() {
            self.found.clear();
        }
        &self.found
    }
}

/// A walk that notes where what is wanted stands.
struct Search<'m, 'a> {
    marks: &'m mut Marks,
    places: Places<'a>,
}

impl<'a> Visitor<'a> for Search<'_, 'a> {
    fn wants(&self, field: &'static Field) -> bool {
        self.marks.wanted.has(field)
    }

    fn wants_layers(&self, protocol: &'static Protocol) -> bool {
        self.marks.wanted.has_layers(protocol)
    }

    fn stands_in(&mut self, bytes: &'a [u8]) {
        self.places.stands_in(bytes);
    }

    fn begin(&mut self, part: Part) {
        let place = self.places.begin(part);
        let is_marked = match part {
            Part::Layer(protocol) => self.marks.protocols.contains(&protocol),
            Part::List(_) => true,
            _ => false,
        };
        if is_marked {
            self.marks.found.extend(place);
        }
    }

    fn end(&mut self, part: Part) {
        self.places.end(part);
    }

    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        let place = self.places.value(field, &value);
        self.marks.found.extend(place);
    }
}

/// Which of the bytes from `start` on that a line of a dump shows are in one of the ranges: a bit each, the lowest for the first.
pub(super) fn in_line(ranges: &[Range<usize>], start: usize) -> u16 {
    let bit = |at: u32| {
        let place = start.saturating_add(at as usize);
        let is_in = ranges.iter().any(|range| range.contains(&place));
        u16::from(is_in).checked_shl(at).unwrap_or(0)
    };
    if ranges.is_empty() { 0 } else { (0..u16::BITS).fold(0, |bits, at| bits | bit(at)) }
}
