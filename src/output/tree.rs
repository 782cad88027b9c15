//! A packet as a tree for people: every layer and field, one a line, by the names that `--where` takes.

use std::ops::Range;

use super::marks::Marks;
use super::text::Dump;
use super::text::hex::dump;
use super::text::names::{ether_type, ip_protocol};
use super::{Sheet, Style, Whole, values};
use crate::fields::{Field, Form, Kind, Packet, Part, Places, Protocol, Value, Visitor, visit, visit_frame};
use crate::frame::LinkType;
use crate::guard::guarded;

/// A packet's text ends at this many bytes: a hostile one could ask for many times its own length.
const MAX_TEXT: usize = 1 << 20;

/// How wide names are, so that values stand below each other.
const NAME_WIDTH: usize = 30;

/// How wide the column is that tells where something stands.
const PLACE_WIDTH: usize = 11;

/// However narrow a terminal is, values may have so many columns.
const LEAST_VALUE: usize = 24;

/// What a tree shows.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The columns that a line may have: longer values are cut, and say how long they are.
    pub width: Option<usize>,
    /// Before each line the bytes of the frame that it tells of: where they begin, and how many they are.
    pub offsets: bool,
    /// The bytes of the frame below.
    pub dump: Dump,
    /// Those of them that stand out.
    pub marks: Option<Marks>,
}

/// Writes packets as trees.
#[derive(Debug, Default)]
pub struct Writer {
    options: Options,
    failures: u64,
    scratch: Vec<u8>,
}

impl Writer {
    pub fn new(options: Options) -> Self {
        Writer { options, failures: 0, scratch: Vec::new() }
    }

    /// How many packets made a decoder panic: a fault of ours.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Puts a packet on the sheet, with an empty line behind it.
    pub fn packet(&mut self, sheet: &mut Sheet, packet: &Packet<'_>) {
        let start = sheet.len();
        let limit = start.saturating_add(MAX_TEXT);
        if guarded(|| self.fields(sheet, packet, limit, |packet, tree| visit(packet, tree))).is_none() {
            self.failures = self.failures.saturating_add(1);
            sheet.truncate(start);
            self.fields(sheet, packet, limit, |packet, tree| visit_frame(packet, tree));
        }
        if sheet.len() > limit {
            sheet.put("[text cut]\n");
        }
        if self.options.dump != Dump::None {
            let marked = self.options.marks.as_mut().map_or(&[][..], |marks| marks.find(packet));
            dump(sheet, self.options.dump, packet.frame.data, 0, marked);
            sheet.put("\n");
        }
        sheet.put("\n");
    }

    fn fields<'a>(
        &mut self,
        sheet: &mut Sheet,
        packet: &Packet<'a>,
        limit: usize,
        walk: impl FnOnce(&Packet<'a>, &mut Tree<'_, 'a>),
    ) {
        let places = Places::new(packet.frame.data);
        let (options, scratch) = (&self.options, &mut self.scratch);
        walk(packet, &mut Tree { sheet, options, places, depth: 0, list: None, limit, scratch });
    }
}

/// What people call a number, where it has such a name.
fn name_of(field: &Field, value: &Value<'_>) -> Option<&'static str> {
    let Value::Unsigned(number) = *value else { return None };
    match field.name {
        "eth.type" | "vlan.type" | "sll.type" | "gre.type" | "geneve.type" | "arp.protocol_type" => {
            u16::try_from(number).ok().and_then(ether_type)
        }
        "ip.protocol" | "ip6.next_header" | "ip6_ext.next_header" => {
            u8::try_from(number).ok().map(ip_protocol).filter(|name| *name != "unknown")
        }
        "frame.link_type" => u16::try_from(number).ok().and_then(|number| LinkType(number).description()),
        _ => None,
    }
}

/// How the title of a layer looks.
fn layer_style(protocol: &Protocol) -> Style {
    match protocol.form {
        _ if protocol.name == "stop" => Style::Bad,
        _ if protocol.name == "frame" => Style::Dim,
        Form::Link => Style::Link,
        Form::Row | Form::Network => Style::Name,
        Form::Plain => Style::Inside,
    }
}

/// How a value looks: the flags of TCP as in lines, and a checksum that is wrong.
fn value_style(field: &Field, value: &Value<'_>) -> Style {
    match (field.name, value) {
        ("tcp.flags.syn", Value::Bool(true)) => Style::Good,
        ("tcp.flags.fin", Value::Bool(true)) => Style::Notice,
        ("tcp.flags.rst", Value::Bool(true)) | ("ip.checksum_ok", Value::Bool(false)) => Style::Bad,
        _ => Style::Plain,
    }
}

/// How much there is of what may have to be cut.
fn whole(value: &Value<'_>, scratch: &mut Vec<u8>) -> Option<Whole> {
    value.bytes(scratch).map(|bytes| Whole::Bytes(bytes.len()))
}

/// A tree under way.
struct Tree<'s, 'a> {
    sheet: &'s mut Sheet,
    options: &'s Options,
    places: Places<'a>,
    depth: usize,
    /// The values of a list stand in one line: where that begins, and how many stand there.
    list: Option<(usize, usize)>,
    limit: usize,
    scratch: &'s mut Vec<u8>,
}

impl Tree<'_, '_> {
    /// Begins a line about these bytes of the frame.
    fn line(&mut self, place: Option<Range<usize>>) {
        if self.options.offsets {
            let start = self.sheet.len();
            self.sheet.style(Style::Dim);
            let styled = self.sheet.len().saturating_sub(start);
            if let Some(place) = place {
                self.sheet.len_of(place.start);
                self.sheet.put("+");
                self.sheet.len_of(place.len());
            }
            self.pad(start.saturating_add(styled), PLACE_WIDTH);
            self.sheet.style(Style::Plain);
        }
        for _ in 0..self.depth {
            self.sheet.put("  ");
        }
    }

    /// Fills up with blanks what was put on the sheet since it had a length.
    fn pad(&mut self, start: usize, width: usize) {
        for _ in self.sheet.len().saturating_sub(start)..width {
            self.sheet.put(" ");
        }
    }

    fn name(&mut self, field: &'static Field, place: Option<Range<usize>>) {
        self.line(place);
        let start = self.sheet.len();
        self.sheet.put(field.name);
        self.pad(start, NAME_WIDTH);
        self.sheet.put(" ");
    }

    /// Cuts the value that began when the sheet had this length, if it is too wide.
    fn fit(&mut self, field: &'static Field, start: usize, whole: Whole) {
        let Some(width) = self.options.width else { return };
        let place = if self.options.offsets { PLACE_WIDTH } else { 0 };
        let before = [place, self.depth.saturating_mul(2), field.name.len().max(NAME_WIDTH), 1];
        let used = before.into_iter().fold(0, usize::saturating_add);
        self.sheet.fit(start, width.saturating_sub(used).max(LEAST_VALUE), whole);
    }
}

impl<'a> Visitor<'a> for Tree<'_, 'a> {
    fn wants(&self, field: &'static Field) -> bool {
        field.kind != Kind::Payload
    }

    fn stands_in(&mut self, bytes: &'a [u8]) {
        if self.options.offsets {
            self.places.stands_in(bytes);
        }
    }

    fn begin(&mut self, part: Part) {
        let place = self.places.begin(part);
        if self.sheet.len() > self.limit {
            return;
        }
        match part {
            Part::Layer(protocol) => {
                self.line(place);
                self.sheet.style(layer_style(protocol));
                self.sheet.put(protocol.title);
                self.sheet.style(Style::Plain);
                self.sheet.put("\n");
                self.depth = self.depth.saturating_add(1);
            }
            Part::Inner => {
                self.line(place);
                self.sheet.put("The packet inside\n");
                self.depth = self.depth.saturating_add(1);
            }
            Part::Item => {
                self.line(place);
                self.sheet.put("-\n");
                self.depth = self.depth.saturating_add(1);
            }
            Part::List(field) => {
                self.name(field, place);
                self.list = Some((self.sheet.len(), 0));
            }
            Part::Row(_) | Part::Object(_) | Part::Group(_) => {}
        }
    }

    fn end(&mut self, part: Part) {
        self.places.end(part);
        match part {
            Part::Layer(_) | Part::Inner | Part::Item => self.depth = self.depth.saturating_sub(1),
            Part::List(field) => {
                if let Some((start, count)) = self.list.take() {
                    self.fit(field, start, Whole::Values(count));
                    self.sheet.put("\n");
                }
            }
            Part::Row(_) | Part::Object(_) | Part::Group(_) => {}
        }
    }

    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        let place = self.places.value(field, &value);
        if self.sheet.len() > self.limit {
            return;
        }
        match &mut self.list {
            Some((_, count)) => {
                if *count > 0 {
                    self.sheet.put(", ");
                }
                *count = count.saturating_add(1);
            }
            None => self.name(field, place),
        }
        let start = self.sheet.len();
        let style = value_style(field, &value);
        if style != Style::Plain {
            self.sheet.style(style);
        }
        values::plain(self.sheet, &value, self.scratch);
        if style != Style::Plain {
            self.sheet.style(Style::Plain);
        }
        if let Some(name) = name_of(field, &value) {
            self.sheet.put(" (");
            self.sheet.put(name);
            self.sheet.put(")");
        }
        if self.list.is_none() {
            if let Some(whole) = whole(&value, self.scratch) {
                self.fit(field, start, whole);
            }
            self.sheet.put("\n");
        }
    }
}
