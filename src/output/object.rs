//! Objects of JSON for whatever is no packet: connections, questions to name servers, sockets.

use std::net::IpAddr;

use super::{Sheet, values};
use crate::frame::Timestamp;

/// An object under way on a sheet; [`end`](Self::end) closes it. Keys are our own words, and are not escaped.
#[derive(Debug)]
pub struct Object<'s> {
    sheet: &'s mut Sheet,
    is_empty: bool,
}

impl<'s> Object<'s> {
    pub fn begin(sheet: &'s mut Sheet) -> Self {
        sheet.put("{");
        Object { sheet, is_empty: true }
    }

    /// Puts a key; its value is to be put on the sheet.
    pub fn key(&mut self, key: &'static str) -> &mut Sheet {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.sheet.put(",");
        }
        self.sheet.put("\"");
        self.sheet.put(key);
        self.sheet.put("\":");
        self.sheet
    }

    /// Text from outside.
    pub fn text(&mut self, key: &'static str, bytes: &[u8]) {
        self.key(key).json_text(bytes);
    }

    /// One of our own words.
    pub fn word(&mut self, key: &'static str, word: &'static str) {
        self.text(key, word.as_bytes());
    }

    pub fn number(&mut self, key: &'static str, number: impl Into<u64>) {
        self.key(key).dec(number);
    }

    pub fn bool(&mut self, key: &'static str, is: bool) {
        self.key(key).put(if is { "true" } else { "false" });
    }

    pub fn address(&mut self, key: &'static str, address: IpAddr) {
        put_address(self.key(key), address);
    }

    /// A moment, twice: RFC 3339 in UTC, and, up to the year 2262, nanoseconds since 1970.
    pub fn time(&mut self, key: &'static str, key_ns: &'static str, time: Timestamp) {
        let sheet = self.key(key);
        sheet.put("\"");
        values::moment(sheet, time);
        sheet.put("\"");
        if let Ok(nanos) = i64::try_from(time.as_nanos()) {
            self.key(key_ns).signed(nanos);
        }
    }

    /// An array of whatever `put` makes of each item.
    pub fn list<T>(
        &mut self,
        key: &'static str,
        items: impl IntoIterator<Item = T>,
        mut put: impl FnMut(&mut Sheet, T),
    ) {
        let sheet = self.key(key);
        sheet.put("[");
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                sheet.put(",");
            }
            put(sheet, item);
        }
        sheet.put("]");
    }

    /// An object within this one.
    pub fn object(&mut self, key: &'static str, fill: impl FnOnce(&mut Object<'_>)) {
        let mut inner = Object::begin(self.key(key));
        fill(&mut inner);
        inner.end();
    }

    pub fn end(self) {
        self.sheet.put("}");
    }
}

/// An address as a string of JSON.
pub fn put_address(sheet: &mut Sheet, address: IpAddr) {
    sheet.put("\"");
    sheet.ip(address);
    sheet.put("\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_of_every_kind() {
        let mut sheet = Sheet::new();
        let mut object = Object::begin(&mut sheet);
        object.text("a", b"x\x1b\"");
        object.number("b", 7u8);
        object.bool("c", true);
        object.time("t", "t_ns", Timestamp::new(1, 5));
        object.list("l", [1u8, 2], |sheet, n| sheet.dec(n));
        object.object("o", |inner| inner.address("i", [10, 0, 0, 1].into()));
        object.end();
        let text = std::str::from_utf8(sheet.as_bytes()).unwrap();
        assert_eq!(
            text,
            "{\"a\":\"x\\u001b\\\"\",\"b\":7,\"c\":true,\"t\":\"1970-01-01T00:00:01.000000005Z\",\"t_ns\":1000000005,\
             \"l\":[1,2],\"o\":{\"i\":\"10.0.0.1\"}}"
        );
    }
}
