//! What looks at a packet's fields, and how the protocols hand them over.

use super::{Field, Protocol, Value};

/// Something around values, which begins and ends.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Part {
    /// One layer.
    Layer(&'static Protocol),
    /// Layers of one protocol in a row.
    Row(&'static Protocol),
    /// A packet within the packet: what a tunnel carries or an error quotes.
    Inner,
    /// Fields that belong together.
    Object(&'static str),
    /// Things of a kind, each an [`Item`](Self::Item).
    Group(&'static str),
    Item,
    /// The values of a field that may have many.
    List(&'static Field),
}

impl Part {
    /// Whether it holds any number of things of a kind, not things of different names.
    pub fn is_array(self) -> bool {
        matches!(self, Part::Row(_) | Part::Group(_) | Part::List(_))
    }
}

/// What is told of a packet's fields, in their order. What [`wants`](Self::wants) refuses is not even looked for.
pub trait Visitor<'a>: Sized {
    /// Whether the values of a field are wanted.
    fn wants(&self, _field: &'static Field) -> bool {
        true
    }

    /// Whether layers of a protocol are wanted.
    fn wants_layers(&self, _protocol: &'static Protocol) -> bool {
        true
    }

    /// A layer of a protocol is there, wanted or not.
    #[inline]
    fn layer(&mut self, _protocol: &'static Protocol) {}

    /// The bytes of the packet that hold the part or value that is told next, where that is known; see
    /// [`Places`](super::Places).
    #[inline]
    fn stands_in(&mut self, _bytes: &'a [u8]) {}

    /// What follows stands in this part, up to its end.
    fn begin(&mut self, _part: Part) {}

    /// The part that began last ends.
    fn end(&mut self, _part: Part) {}

    /// A field's value; a field may come any number of times.
    fn value(&mut self, field: &'static Field, value: Value<'a>);

    /// Hands over a value.
    #[inline]
    fn put(&mut self, field: &'static Field, value: impl Into<Value<'a>>) {
        if self.wants(field) {
            self.value(field, value.into());
        }
    }

    /// Hands over a value, if the packet has it.
    #[inline]
    fn maybe(&mut self, field: &'static Field, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.put(field, value);
        }
    }

    /// Hands over a value that these bytes of the packet hold.
    #[inline]
    fn put_from(&mut self, bytes: &'a [u8], field: &'static Field, value: impl Into<Value<'a>>) {
        if self.wants(field) {
            self.stands_in(bytes);
            self.value(field, value.into());
        }
    }

    /// Hands over a value that these bytes of the packet hold, if it has it.
    #[inline]
    fn maybe_from(&mut self, bytes: &'a [u8], field: &'static Field, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.put_from(bytes, field, value);
        }
    }

    /// Hands over the values of a field that may have many.
    #[inline]
    fn list<T: Into<Value<'a>>>(&mut self, field: &'static Field, values: impl IntoIterator<Item = T>) {
        if self.wants(field) {
            self.part(Part::List(field), |out| values.into_iter().for_each(|value| out.value(field, value.into())));
        }
    }

    /// Hands over the values of a field that may have many, all of which these bytes of the packet hold.
    #[inline]
    fn list_from<T: Into<Value<'a>>>(
        &mut self,
        bytes: &'a [u8],
        field: &'static Field,
        values: impl IntoIterator<Item = T>,
    ) {
        if self.wants(field) {
            self.stands_in(bytes);
            self.list(field, values);
        }
    }

    /// Hands over what stands in a part that has these bytes of the packet.
    #[inline]
    fn part_from(&mut self, bytes: &'a [u8], part: Part, fields: impl FnOnce(&mut Self)) {
        self.stands_in(bytes);
        self.part(part, fields);
    }

    /// Hands over what stands in a part.
    #[inline]
    fn part(&mut self, part: Part, fields: impl FnOnce(&mut Self)) {
        self.begin(part);
        fields(self);
        self.end(part);
    }
}
