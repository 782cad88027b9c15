//! Packets as lines of chosen fields: TSV, CSV or with another separator.

use super::{Sheet, values};
use crate::budget::Budget;
use crate::fields::{
    Field, Listener, Meaning, Packet, Protocol, Value, Visitor, Wanted, alike, meaning, visit, visit_frame,
};
use crate::guard::guarded;

/// A cell ends at this many bytes: a hostile packet could ask for many times its own length.
const MAX_CELL: usize = 1 << 16;

/// Why columns can't be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    #[error("'{name}' is no field{}; --fields help lists them", suggested(.meant))]
    Unknown { name: String, meant: Option<&'static str> },
    #[error("'{0}' is a protocol, not a field; --fields help lists its fields")]
    Protocol(String),
    #[error("there are no fields between the commas; --fields help lists those there are")]
    Empty,
}

pub(super) fn suggested(meant: &Option<&'static str>) -> String {
    meant.map_or_else(String::new, |name| format!(" (meant '{name}'?)"))
}

/// Writes packets as lines of fields.
#[derive(Debug)]
pub struct Writer {
    columns: Vec<Column>,
    wanted: Wanted,
    separator: u8,
    failures: u64,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Column {
    /// As it was asked for: what the header says.
    name: String,
    fields: Vec<&'static Field>,
    cell: Sheet,
}

impl Writer {
    /// A writer of the fields in a list that has commas between them.
    ///
    /// # Errors
    /// Where a name is none of a field.
    pub fn new(list: &str, separator: u8) -> Result<Self, Error> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        let columns = names.map(Column::new).collect::<Result<Vec<_>, _>>()?;
        if columns.is_empty() {
            return Err(Error::Empty);
        }
        let mut wanted = Wanted::NONE;
        columns.iter().flat_map(|column| &column.fields).for_each(|field| wanted.add(field));
        Ok(Writer { columns, wanted, separator, failures: 0, scratch: Vec::new() })
    }

    /// What follows the packets for the columns that tell what several say together.
    pub fn listener(&self, budget: &Budget) -> Option<Listener> {
        Listener::for_wanted(&self.wanted, budget)
    }

    /// Whether a column is of a protocol.
    pub fn has_layers(&self, protocol: &'static Protocol) -> bool {
        self.wanted.has_layers(protocol)
    }

    /// How many packets made a decoder panic: a fault of ours.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Puts the names of the columns on the sheet.
    pub fn header(&mut self, sheet: &mut Sheet) {
        for column in &mut self.columns {
            column.cell.escaped(column.name.as_bytes());
        }
        self.line(sheet);
    }

    /// Puts a packet on the sheet: one line, its end included.
    pub fn packet(&mut self, sheet: &mut Sheet, packet: &Packet<'_>) {
        if guarded(|| visit(packet, self)).is_none() {
            self.failures = self.failures.saturating_add(1);
            self.columns.iter_mut().for_each(|column| column.cell.clear());
            visit_frame(packet, self);
        }
        self.line(sheet);
    }

    /// Puts the cells on the sheet, and empties them.
    fn line(&mut self, sheet: &mut Sheet) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            if at > 0 {
                sheet.separator(self.separator);
            }
            sheet.separated(&column.cell, self.separator);
            column.cell.clear();
        }
        sheet.put("\n");
    }
}

impl Column {
    fn new(name: &str) -> Result<Self, Error> {
        match meaning(name) {
            Some(Meaning::Fields(fields)) => Ok(Column { name: name.to_owned(), fields, cell: Sheet::new() }),
            Some(Meaning::Layer(_)) => Err(Error::Protocol(name.to_owned())),
            None => Err(Error::Unknown { name: name.to_owned(), meant: alike(name) }),
        }
    }
}

impl<'a> Visitor<'a> for Writer {
    #[inline]
    fn wants(&self, field: &'static Field) -> bool {
        self.wanted.has(field)
    }

    #[inline]
    fn wants_layers(&self, protocol: &'static crate::fields::Protocol) -> bool {
        self.wanted.has_layers(protocol)
    }

    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        for column in self.columns.iter_mut().filter(|column| column.fields.contains(&field)) {
            if column.cell.len() > MAX_CELL {
                continue;
            }
            if !column.cell.is_empty() {
                column.cell.put(",");
            }
            values::plain(&mut column.cell, &value, &mut self.scratch);
        }
    }
}
