//! Messages of syslog over UDP (RFC 3164, RFC 5424): the number that they begin with.

use super::Span;

/// What stands before the text of a message.
#[derive(Clone, Copy, Debug)]
pub enum Priority<'a> {
    /// Facility and severity in one number, and the text behind it.
    Is(u16, Span<'a>),
    /// The message ends within it.
    Cut,
    /// Something else.
    None,
}

impl<'a> Priority<'a> {
    /// The number in angle brackets that a message begins with, of three digits at most.
    pub fn parse(message: Span<'a>) -> Self {
        match message.u8_at(0) {
            Some(b'<') => {}
            Some(_) => return Priority::None,
            None => return Priority::Cut,
        }
        let mut number = 0u16;
        for at in 1..=4usize {
            match message.u8_at(at) {
                Some(digit @ b'0'..=b'9') if at < 4 => {
                    number = number.wrapping_mul(10).wrapping_add(u16::from(digit & 15));
                }
                Some(b'>') => return Priority::Is(number, message.skip(at.saturating_add(1))),
                Some(_) => return Priority::None,
                None => return Priority::Cut,
            }
        }
        Priority::None
    }
}

/// Facility and severity of a priority.
pub fn parts(priority: u16) -> (u16, u16) {
    (priority >> 3 & 0x7f, priority & 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_begins_with_its_priority() {
        let parse = |text: &'static [u8], wire| Priority::parse(Span::new(text, wire));
        let Priority::Is(165, text) = parse(b"<165>1 x", 8) else { panic!() };
        assert_eq!((parts(165), text.bytes()), ((20, 5), &b"1 x"[..]));
        assert!(matches!(parse(b"<16", 9), Priority::Cut));
        assert!(matches!(parse(b"<1234>", 6), Priority::None));
        assert!(matches!(parse(b"text", 4), Priority::None));
    }
}
