//! An expression over the frames of files, whatever their link types: compiled for each type when its first
//! frame comes.

use super::{Capture, Error, Matcher, Options, SystemNames};
use crate::frame::{ByteOrder, Frame, LinkType};

/// Which frames an expression selects.
#[derive(Debug)]
pub struct Selection {
    expression: String,
    optimize: bool,
    names: SystemNames,
    /// Whether the frames are of a live capture.
    live: bool,
    matchers: Vec<(LinkType, ByteOrder, Option<Matcher>)>,
    refusals: Vec<(LinkType, Error)>,
}

impl Selection {
    pub fn new(expression: impl Into<String>, optimize: bool) -> Self {
        Selection {
            expression: expression.into(),
            optimize,
            names: SystemNames,
            live: false,
            matchers: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// The same for the frames of a live capture.
    pub fn live(self) -> Self {
        Selection { live: true, ..self }
    }

    /// The expression, as it was written.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// What decides of frames of a link type, in a file of a byte order (which BSD loopback headers have too).
    ///
    /// # Errors
    /// Where the expression is wrong, or has no meaning for them.
    pub fn matcher(&self, link_type: LinkType, byte_order: ByteOrder) -> Result<Matcher, Error> {
        let capture = if self.live { Capture::Received } else { Capture::File { byte_order } };
        let options = Options { optimize: self.optimize, capture, names: &self.names, ..Options::default() };
        Matcher::new(&self.expression, link_type, &options)
    }

    /// Whether a frame is selected. One of a link type for which the expression has no meaning is not; see
    /// [`refusals`](Self::refusals).
    #[inline]
    pub fn selects(&mut self, frame: &Frame<'_>, order: ByteOrder) -> bool {
        let known = self.matchers.iter().find(|known| (known.0, known.1) == (frame.link_type, order));
        let matcher = match known {
            Some((_, _, matcher)) => matcher,
            None => self.add(frame.link_type, order),
        };
        matcher.as_ref().is_some_and(|matcher| matcher.matches_frame(frame))
    }

    #[cold]
    fn add(&mut self, link_type: LinkType, order: ByteOrder) -> &Option<Matcher> {
        let matcher = match self.matcher(link_type, order) {
            Ok(matcher) => Some(matcher),
            Err(error) => {
                self.refusals.push((link_type, error));
                None
            }
        };
        self.matchers.push((link_type, order, matcher));
        self.matchers.last().map_or(&None, |(_, _, matcher)| matcher)
    }

    /// The link types that frames had for which the expression has no meaning, and why.
    pub fn refusals(&self) -> &[(LinkType, Error)] {
        &self.refusals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameFlags, Timestamp};

    const ORDER: ByteOrder = ByteOrder::NATIVE;

    fn frame(link_type: LinkType, data: &[u8]) -> Frame<'_> {
        let (time, flags) = (Timestamp::default(), FrameFlags::default());
        Frame { time, data, wire_len: data.len() as u32, interface: 0, link_type, flags, options: &[] }
    }

    #[test]
    fn each_link_type_has_a_program_of_its_own() {
        let mut selection = Selection::new("ip", true);
        assert!(selection.selects(&frame(LinkType::EN10MB, b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0E\0\0\x14"), ORDER));
        assert!(
            selection.selects(
                &frame(LinkType::RAW, b"E\0\0\x14\0\0\0\0\x40\x11\0\0\x01\x01\x01\x01\x02\x02\x02\x02"),
                ORDER
            )
        );
        assert!(!selection.selects(&frame(LinkType::RAW, b"\x60"), ORDER));
        assert!(selection.refusals().is_empty());
    }

    #[test]
    fn what_has_no_meaning_selects_nothing_and_is_told() {
        let mut selection = Selection::new("ether host 02:00:00:00:00:01", true);
        assert!(!selection.selects(&frame(LinkType::RAW, b"E\0\0\x14"), ORDER));
        assert_eq!(selection.refusals().len(), 1);
        assert!(Selection::new("tcp and", true).matcher(LinkType::EN10MB, ORDER).is_err());
    }

    #[test]
    fn loopback_headers_have_the_byte_order_of_their_file() {
        let mut selection = Selection::new("ip", true);
        let frame = frame(LinkType::NULL, b"\0\0\0\x02E\0\0\x14");
        assert!(selection.selects(&frame, ByteOrder::Big) && !selection.selects(&frame, ByteOrder::Little));
    }
}
