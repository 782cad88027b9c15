//! Text to tokens. Every class of word is tried at a place and the longest match wins; between equals a keyword
//! comes before an address, an address before a number, and a plain name last.

use super::words::{self, Word};
use crate::diagnostic::{Error, Span};

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word(Word),
    /// Punctuation and operators, `and`, `or`, `not` in all their spellings.
    Sign(&'static str),
    Number(u32),
    /// Two to four numbers with dots.
    Ipv4(String),
    Ipv6(std::net::Ipv6Addr),
    Mac([u8; 6]),
    /// `$` and a hexadecimal byte.
    Arcnet(u8),
    /// A name, from which a leading backslash was taken.
    Name(String),
    /// What stood between quotation marks.
    Text(Vec<u8>),
    End,
}

/// A token and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Span,
}

/// The longest expression taken, in bytes.
pub(super) const MAX_LENGTH: usize = 1 << 20;

/// Signs, longer ones before those that begin them.
const SIGNS: &[(&str, &str)] = &[
    ("&&", "and"),
    ("||", "or"),
    (">=", ">="),
    ("<=", "<="),
    ("!=", "!="),
    ("==", "="),
    ("<<", "<<"),
    (">>", ">>"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    (":", ":"),
    ("[", "["),
    ("]", "]"),
    ("!", "not"),
    ("<", "<"),
    (">", ">"),
    ("(", "("),
    (")", ")"),
    ("&", "&"),
    ("|", "|"),
    ("^", "^"),
    ("=", "="),
    ("{", "{"),
    ("}", "}"),
    (",", ","),
    ("~", "~"),
];

/// Splits an expression into tokens; the last one is [`Kind::End`].
pub(super) fn tokens(expression: &str) -> Result<Vec<Token>, Error> {
    if expression.len() > MAX_LENGTH {
        let span = Span { start: MAX_LENGTH, end: MAX_LENGTH };
        return Err(Error::new(span, format!("an expression may be {MAX_LENGTH} bytes long")));
    }
    let mut found = Vec::new();
    let mut at: usize = 0;
    loop {
        let rest = expression.get(at..).unwrap_or("");
        let blanks = rest.len().saturating_sub(rest.trim_start_matches([' ', '\t', '\r', '\n']).len());
        at = at.saturating_add(blanks);
        let rest = expression.get(at..).unwrap_or("");
        if rest.is_empty() {
            found.push(Token { kind: Kind::End, span: Span { start: at, end: at } });
            return Ok(found);
        }
        let (kind, len) = token(rest)
            .map_err(|(message, len)| Error::new(Span { start: at, end: at.saturating_add(len) }, message))?;
        let end = at.saturating_add(len);
        found.push(Token { kind, span: Span { start: at, end } });
        at = end;
    }
}

type Found = Result<(Kind, usize), (String, usize)>;

/// The token that `text` begins with, and its length; on an error the length of what is wrong.
fn token(text: &str) -> Found {
    if let Some(rest) = text.strip_prefix('\\') {
        let len = rest.find([' ', '!', '(', ')', '\n', '\t']).unwrap_or(rest.len());
        let name = rest.get(..len).unwrap_or("");
        let whole = len.saturating_add(1);
        return if len == 0 {
            Err(("expected a name after '\\'".into(), 1))
        } else {
            Ok((Kind::Name(name.into()), whole))
        };
    }
    if let Some(rest) = text.strip_prefix('$') {
        let len = hex_run(rest).min(2);
        let digits = rest.get(..len).unwrap_or("");
        return match u8::from_str_radix(digits, 16) {
            Ok(byte) => Ok((Kind::Arcnet(byte), len.saturating_add(1))),
            Err(_) => Err(("expected one or two hexadecimal digits after '$'".into(), 1)),
        };
    }
    if let Some(rest) = text.strip_prefix('"') {
        return quoted(rest);
    }
    let name = name_len(text);
    let number = number_len(text);
    let dotted = dotted_len(text);
    let mac = mac_len(text);
    let ipv6 = ipv6_len(text);
    let bogus = bogus_mac_len(text);
    let longest = [name, number, dotted, mac, ipv6, bogus].into_iter().max().unwrap_or(0);
    let word = text.get(..longest).unwrap_or("");
    if longest == 0 {
        return sign(text);
    }
    if name == longest
        && let Some(known) = words::lookup(word)
    {
        return Ok((known, longest));
    }
    if mac == longest {
        return Ok((Kind::Mac(mac_value(word)), longest));
    }
    if number == longest {
        return number_value(word).map(|value| (Kind::Number(value), longest)).map_err(|e| (e, longest));
    }
    if dotted == longest {
        return Ok((Kind::Ipv4(word.into()), longest));
    }
    if ipv6 == longest {
        return match word.parse() {
            Ok(address) => Ok((Kind::Ipv6(address), longest)),
            Err(_) => Err((format!("'{word}' is not an IPv6 address"), longest)),
        };
    }
    if bogus == longest {
        return Err((format!("'{word}' is not an Ethernet address"), longest));
    }
    Ok((Kind::Name(word.into()), longest))
}

/// The text behind a quotation mark. A backslash there begins `\"`, `\\`, `\n`, `\r`, `\t`, `\0` or `\xHH`; before
/// anything else it stands for itself, as regular expressions have many of their own.
fn quoted(text: &str) -> Found {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, byte) = match first {
            '"' => return Ok((Kind::Text(bytes), text.len().saturating_sub(rest.len()).saturating_add(2))),
            '\\' => escape(rest),
            _ => (first.len_utf8(), None),
        };
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(rest.bytes().take(taken)),
        }
        rest = rest.get(taken..).unwrap_or("");
    }
    Err(("this text has no closing '\"'".into(), text.len().saturating_add(1)))
}

/// The length of an escape, and the byte that it is; one that is none here is left as it is, both characters.
fn escape(text: &str) -> (usize, Option<u8>) {
    let mut chars = text.chars().skip(1);
    let second = chars.next();
    let byte = match second {
        Some(quoted @ ('"' | '\\')) => u8::try_from(quoted).ok(),
        Some('n') => Some(b'\n'),
        Some('r') => Some(b'\r'),
        Some('t') => Some(b'\t'),
        Some('0') => Some(0),
        Some('x') => {
            let hex = text.get(2..4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            return if hex.is_some() { (4, hex) } else { (2, None) };
        }
        _ => None,
    };
    (second.map_or(0, char::len_utf8).saturating_add(1), byte)
}

fn sign(text: &str) -> Found {
    match SIGNS.iter().find(|(sign, _)| text.starts_with(sign)) {
        Some((sign, meaning)) => Ok((Kind::Sign(meaning), sign.len())),
        None => {
            let first = text.chars().next().unwrap_or(' ');
            Err((format!("'{}' has no meaning in a filter", first.escape_default()), first.len_utf8()))
        }
    }
}

fn run(text: &str, belongs: impl Fn(&u8) -> bool) -> usize {
    text.bytes().take_while(belongs).count()
}

fn hex_run(text: &str) -> usize {
    run(text, u8::is_ascii_hexdigit)
}

/// A letter or digit, then letters, digits, `-`, `_`, `.`, not ending in `-` or `_`.
fn name_len(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return 0;
    }
    let len = run(text, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    text.get(..len).unwrap_or("").trim_end_matches(['-', '_']).len()
}

/// Decimal digits, or `0x` and hexadecimal digits.
fn number_len(text: &str) -> usize {
    if let Some(rest) = text.strip_prefix("0x").or(text.strip_prefix("0X"))
        && let hex @ 1.. = hex_run(rest)
    {
        return hex.saturating_add(2);
    }
    run(text, u8::is_ascii_digit)
}

/// Two to four numbers with dots between.
fn dotted_len(text: &str) -> usize {
    let mut len = number_len(text);
    let mut dotted = 0;
    if len == 0 {
        return 0;
    }
    for _ in 0..3 {
        let rest = text.get(len..).unwrap_or("");
        let Some(next) = rest.strip_prefix('.') else { break };
        let digits = number_len(next);
        if digits == 0 {
            break;
        }
        len = len.saturating_add(digits).saturating_add(1);
        dotted = len;
    }
    dotted
}

/// Six groups of one or two digits joined by one kind of `:`, `-`, `.`; three groups of four with dots; twelve digits.
fn mac_len(text: &str) -> usize {
    let separated = |separator: char, groups: usize, least: usize, most: usize| {
        let mut len: usize = 0;
        for group in 0..groups {
            let mut rest = text.get(len..).unwrap_or("");
            if group > 0 {
                let Some(next) = rest.strip_prefix(separator) else { return 0 };
                rest = next;
                len = len.saturating_add(1);
            }
            let digits = hex_run(rest).min(most);
            if digits < least {
                return 0;
            }
            len = len.saturating_add(digits);
        }
        len
    };
    let forms = [
        separated(':', 6, 1, 2),
        separated('-', 6, 1, 2),
        separated('.', 6, 1, 2),
        separated('.', 3, 4, 4),
        if hex_run(text) >= 12 { 12 } else { 0 },
    ];
    forms.into_iter().max().unwrap_or(0)
}

/// The six bytes of a text that [`mac_len`] accepted.
fn mac_value(text: &str) -> [u8; 6] {
    let mut bytes = [0u8; 6];
    let parts: Vec<&str> = text.split([':', '-', '.']).collect();
    if parts.len() == 6 {
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = u8::from_str_radix(part, 16).unwrap_or(0);
        }
    } else {
        let digits = u64::from_str_radix(&parts.concat(), 16).unwrap_or(0).to_be_bytes();
        for (byte, digit) in bytes.iter_mut().zip(digits.into_iter().skip(2)) {
            *byte = digit;
        }
    }
    bytes
}

/// The longest beginning that has the form of an IPv6 address.
fn ipv6_len(text: &str) -> usize {
    let run = run(text, |b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'x' | b'X')).min(80);
    (2..=run).rev().find(|len| text.get(..*len).is_some_and(has_ipv6_form)).unwrap_or(0)
}

fn has_ipv6_form(text: &str) -> bool {
    if text.contains(":::") || !text.contains(':') {
        return false;
    }
    let (groups, tail) = match text.rfind(':') {
        Some(colon) if text.contains('.') => {
            let split = colon.saturating_add(1);
            (text.get(..split).unwrap_or(""), text.get(split..).unwrap_or(""))
        }
        _ => (text, ""),
    };
    let dotted = !tail.is_empty();
    if dotted && (tail.split('.').count() != 4 || dotted_len(tail) != tail.len()) {
        return false;
    }
    let groups = if dotted && !groups.ends_with("::") { groups.strip_suffix(':').unwrap_or(groups) } else { groups };
    let count = |part: &str| -> Option<usize> {
        if part.is_empty() {
            return Some(0);
        }
        let all = part.split(':').all(|g| !g.is_empty() && g.len() <= 4 && hex_run(g) == g.len());
        all.then(|| part.split(':').count())
    };
    let most: usize = if dotted { 6 } else { 8 };
    match groups.split_once("::") {
        Some((left, right)) => match (count(left), count(right)) {
            (Some(left), Some(right)) => left.saturating_add(right) < most,
            _ => false,
        },
        None => count(groups) == Some(most),
    }
}

/// Hexadecimal pairs with colons after them, two or more, which are neither a MAC nor an IPv6 address.
fn bogus_mac_len(text: &str) -> usize {
    let mut len: usize = 0;
    let mut groups: usize = 0;
    loop {
        let rest = text.get(len..).unwrap_or("");
        let digits = hex_run(rest);
        let colons = run(rest.get(digits..).unwrap_or(""), |b| *b == b':');
        if !(1..=2).contains(&digits) || colons == 0 {
            return if groups >= 2 { len } else { 0 };
        }
        len = len.saturating_add(digits).saturating_add(colons);
        groups = groups.saturating_add(1);
    }
}

fn number_value(text: &str) -> Result<u32, String> {
    let hex = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    let (digits, radix) = match (hex, text.strip_prefix('0')) {
        (Some(hex), _) => (hex, 16),
        (None, Some(octal)) if !octal.is_empty() => (octal, 8),
        _ => (text, 10),
    };
    if radix == 8 && digits.contains(['8', '9']) {
        return Err(format!("'{text}' begins with 0, so it is octal, and has a digit that is not"));
    }
    u32::from_str_radix(digits, radix).map_err(|_| format!("{text} is more than 32 bits hold"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = tokens(text).unwrap().into_iter().map(|t| t.kind).collect();
        assert_eq!(kinds.pop(), Some(Kind::End));
        kinds
    }

    fn name(text: &str) -> Kind {
        Kind::Name(text.into())
    }

    #[test]
    fn the_longest_match_wins() {
        assert_eq!(kinds("10-5"), [name("10-5")]);
        assert_eq!(kinds("len-14"), [name("len-14")]);
        assert_eq!(kinds("10 -5"), [Kind::Number(10), Kind::Sign("-"), Kind::Number(5)]);
        assert_eq!(kinds("1.2.3.4.5"), [name("1.2.3.4.5")]);
        assert_eq!(kinds("1.2"), [Kind::Ipv4("1.2".into())]);
        assert_eq!(kinds("tcp-syn"), [Kind::Number(2)]);
        assert_eq!(kinds("tcp-syn-ack"), [name("tcp-syn-ack")]);
        assert_eq!(kinds("0x5-1"), [name("0x5-1")]);
        assert_eq!(kinds("foo- 1"), [name("foo"), Kind::Sign("-"), Kind::Number(1)]);
    }

    #[test]
    fn numbers_have_three_bases() {
        assert_eq!(kinds("0x1F 0X1f 0777 0 4294967295"), [31, 31, 511, 0, u32::MAX].map(Kind::Number));
        assert!(tokens("08").is_err());
        assert!(tokens("4294967296").is_err());
    }

    #[test]
    fn addresses_have_many_forms() {
        let mac = Kind::Mac([2, 0, 0, 0, 0, 1]);
        for text in ["02:00:00:00:00:01", "2-0-0-0-0-1", "2.0.0.0.0.1", "0200.0000.0001", "020000000001"] {
            assert_eq!(kinds(text), std::slice::from_ref(&mac), "{text}");
        }
        for text in ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "2001:db8::1", "::ffff:10.0.0.1", "1:2:3:4:5:6:1.2.3.4"] {
            assert_eq!(kinds(text), [Kind::Ipv6(text.parse().unwrap())], "{text}");
        }
        assert!(tokens("02:00:00:00:").is_err());
        assert_eq!(kinds("$1a"), [Kind::Arcnet(0x1a)]);
    }

    #[test]
    fn a_backslash_makes_a_keyword_a_name() {
        assert_eq!(kinds("\\tcp(\\a:b)"), [name("tcp"), Kind::Sign("("), name("a:b"), Kind::Sign(")")]);
    }

    #[test]
    fn texts_hold_any_bytes() {
        let text = |bytes: &[u8]| vec![Kind::Text(bytes.into())];
        assert_eq!(kinds(r#""GET /""#), text(b"GET /"));
        assert_eq!(kinds(r#""a\"b\\c\r\n\x00\xffé""#), text(b"a\"b\\c\r\n\0\xff\xc3\xa9"));
        assert_eq!(kinds(r#""\d+\.\xg""#), text(br"\d+\.\xg"));
        assert_eq!(kinds(r#"payload ~ "x" or"#).len(), 4);
        assert_eq!(tokens(r#"tcp "a\""#).unwrap_err().span, Span { start: 4, end: 8 });
    }

    #[test]
    fn a_stray_character_has_a_place() {
        let error = tokens("tcp ; udp").unwrap_err();
        assert_eq!(error.span, Span { start: 4, end: 5 });
        assert!(tokens("tcp é").is_err());
        assert!(tokens(&"x".repeat(MAX_LENGTH + 1)).is_err());
    }
}
