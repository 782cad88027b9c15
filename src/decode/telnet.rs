//! Telnet commands (RFC 854), among the text of a connection.

use super::Span;

/// Interpret as command: what a command begins with.
pub const IAC: u8 = 255;

/// Begin and end of a subnegotiation.
pub const SB: u8 = 250;
pub const SE: u8 = 240;

/// A command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command<'a> {
    /// One without more, by its code.
    Plain(u8),
    /// WILL, WONT, DO or DONT, and the option it is about.
    Option(u8, u8),
    /// What is told about an option.
    Subnegotiation(u8, &'a [u8]),
}

/// Why there is no command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The capture ends within it.
    Cut,
    /// The segment ends within it, or it is none.
    None,
}

/// The command that a span begins with, and what is behind it.
///
/// # Errors
/// Where there is none, or not all of it.
pub fn command(span: Span<'_>) -> Result<(Command<'_>, Span<'_>), Fault> {
    let byte = |at: usize| match span.u8_at(at) {
        Some(byte) => Ok(byte),
        None if at < span.wire() => Err(Fault::Cut),
        None => Err(Fault::None),
    };
    if byte(0)? != IAC {
        return Err(Fault::None);
    }
    let code = byte(1)?;
    match code {
        0..236 => Err(Fault::None),
        SB => {
            let option = byte(2)?;
            let content = span.skip(3);
            let end = content.bytes().windows(2).position(|pair| pair == [IAC, SE]);
            let end = end.ok_or(if content.is_cut() { Fault::Cut } else { Fault::None })?;
            let (inside, behind) = content.split(end).map_err(|_| Fault::None)?;
            Ok((Command::Subnegotiation(option, inside), behind.skip(2)))
        }
        251..=254 => Ok((Command::Option(code, byte(2)?), span.skip(3))),
        _ => Ok((Command::Plain(code), span.skip(2))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_behind_each_other() {
        let bytes = [255, 253, 1, 255, 250, 31, 0, 80, 255, 240, 255, 241, b'x'];
        let span = Span::new(&bytes, bytes.len());
        let (first, rest) = command(span).unwrap();
        assert_eq!(first, Command::Option(253, 1));
        let (second, rest) = command(rest).unwrap();
        assert_eq!(second, Command::Subnegotiation(31, &[0, 80]));
        let (third, rest) = command(rest).unwrap();
        assert_eq!((third, command(rest)), (Command::Plain(241), Err(Fault::None)));
        assert_eq!(command(span.limit(2)), Err(Fault::None));
        assert_eq!(command(Span::new(&bytes[..2], 9)), Err(Fault::Cut));
    }
}
