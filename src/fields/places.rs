//! Where in a frame its fields stand: for whoever shows bytes.

use std::ops::Range;

use super::{Field, Part, Value};

/// Finds the bytes of what a walk tells. A [`Visitor`](super::Visitor) that wants to know them has one, and hands on what it is told to the method of
/// the same name here.
///
/// What was put together from several packets has no place in a frame, and neither has what is known beside its bytes.
#[derive(Debug)]
pub struct Places<'a> {
    frame: &'a [u8],
    /// That of what is told next.
    next: Option<Range<usize>>,
    /// Those of the layers and items that are open, from which the places of their fields are counted.
    open: Vec<Option<Range<usize>>>,
}

impl<'a> Places<'a> {
    /// For the walk over a packet of this frame.
    pub fn new(frame: &'a [u8]) -> Self {
        Places { frame, next: None, open: Vec::new() }
    }

    pub fn stands_in(&mut self, bytes: &[u8]) {
        self.next = self.find(bytes);
    }

    /// A part begins: its place.
    pub fn begin(&mut self, part: Part) -> Option<Range<usize>> {
        let told = self.next.take();
        match part {
            Part::Layer(_) | Part::Item => {
                self.open.push(told.clone());
                told
            }
            Part::List(field) => told.or_else(|| self.fixed(field)),
            Part::Row(_) | Part::Inner | Part::Object(_) | Part::Group(_) => told,
        }
    }

    pub fn end(&mut self, part: Part) {
        if matches!(part, Part::Layer(_) | Part::Item) {
            self.open.pop();
        }
    }

    /// The place of a value.
    pub fn value(&mut self, field: &'static Field, value: &Value<'_>) -> Option<Range<usize>> {
        let told = self.next.take();
        let borrowed = || match *value {
            Value::Text(bytes) | Value::Bytes(bytes) => self.find(bytes),
            _ => None,
        };
        told.or_else(|| self.fixed(field)).or_else(borrowed)
    }

    /// The place that a field has in every packet.
    fn fixed(&self, field: &'static Field) -> Option<Range<usize>> {
        let bytes = field.bytes.as_ref()?;
        let around = self.open.last()?.as_ref()?;
        let end = around.start.saturating_add(bytes.end);
        (end <= around.end).then(|| around.start.saturating_add(bytes.start)..end)
    }

    /// Where in the frame these bytes are, if they are some of its own and not a copy.
    fn find(&self, bytes: &[u8]) -> Option<Range<usize>> {
        let start = bytes.as_ptr().addr().checked_sub(self.frame.as_ptr().addr())?;
        let end = start.checked_add(bytes.len())?;
        (!bytes.is_empty() && end <= self.frame.len()).then_some(start..end)
    }
}
