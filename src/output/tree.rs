//! A packet as a tree for people: every layer and field, one a line, by the names that `--where` takes.

use super::text::names::{ether_type, ip_protocol};
use super::{Sheet, Style, values};
use crate::fields::{Field, Kind, Packet, Part, Value, Visitor, visit, visit_frame};
use crate::frame::LinkType;
use crate::guard::guarded;

/// A packet's text ends at this many bytes: a hostile one could ask for many times its own length.
const MAX_TEXT: usize = 1 << 20;

/// How wide names are, so that values stand below each other.
const NAME_WIDTH: usize = 30;

/// Writes packets as trees.
#[derive(Debug, Default)]
pub struct Writer {
    failures: u64,
    scratch: Vec<u8>,
}

impl Writer {
    /// How many packets made a decoder panic: a fault of ours.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Puts a packet on the sheet, with an empty line behind it.
    pub fn packet(&mut self, sheet: &mut Sheet, packet: &Packet<'_>) {
        let start = sheet.len();
        let limit = start.saturating_add(MAX_TEXT);
        let scratch = &mut self.scratch;
        let done = guarded(|| visit(packet, &mut Tree { sheet, depth: 0, listed: None, limit, scratch }));
        if done.is_none() {
            self.failures = self.failures.saturating_add(1);
            sheet.truncate(start);
            visit_frame(packet, &mut Tree { sheet, depth: 0, listed: None, limit, scratch: &mut self.scratch });
        }
        if sheet.len() > limit {
            sheet.put("[text cut]\n");
        }
        sheet.put("\n");
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

/// A tree under way.
struct Tree<'s> {
    sheet: &'s mut Sheet,
    depth: usize,
    /// The values of a list stand in one line: whether one stands there.
    listed: Option<bool>,
    limit: usize,
    scratch: &'s mut Vec<u8>,
}

impl Tree<'_> {
    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.sheet.put("  ");
        }
    }

    fn name(&mut self, field: &'static Field) {
        self.indent();
        self.sheet.put(field.name);
        for _ in field.name.len()..NAME_WIDTH {
            self.sheet.put(" ");
        }
        self.sheet.put(" ");
    }
}

impl<'a> Visitor<'a> for Tree<'_> {
    fn wants(&self, field: &'static Field) -> bool {
        field.kind != Kind::Payload
    }

    fn begin(&mut self, part: Part) {
        if self.sheet.len() > self.limit {
            return;
        }
        match part {
            Part::Layer(protocol) => {
                self.indent();
                self.sheet.style(Style::Name);
                self.sheet.put(protocol.title);
                self.sheet.style(Style::Plain);
                self.sheet.put("\n");
                self.depth = self.depth.saturating_add(1);
            }
            Part::Inner => {
                self.indent();
                self.sheet.put("The packet inside\n");
                self.depth = self.depth.saturating_add(1);
            }
            Part::Item => {
                self.indent();
                self.sheet.put("-\n");
                self.depth = self.depth.saturating_add(1);
            }
            Part::List(field) => {
                self.name(field);
                self.listed = Some(false);
            }
            Part::Row(_) | Part::Object(_) | Part::Group(_) => {}
        }
    }

    fn end(&mut self, part: Part) {
        match part {
            Part::Layer(_) | Part::Inner | Part::Item => self.depth = self.depth.saturating_sub(1),
            Part::List(_) => {
                self.listed = None;
                self.sheet.put("\n");
            }
            Part::Row(_) | Part::Object(_) | Part::Group(_) => {}
        }
    }

    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        if self.sheet.len() > self.limit {
            return;
        }
        match &mut self.listed {
            Some(any) => {
                if std::mem::replace(any, true) {
                    self.sheet.put(", ");
                }
            }
            None => self.name(field),
        }
        values::plain(self.sheet, &value, self.scratch);
        if let Some(name) = name_of(field, &value) {
            self.sheet.put(" (");
            self.sheet.put(name);
            self.sheet.put(")");
        }
        if self.listed.is_none() {
            self.sheet.put("\n");
        }
    }
}
