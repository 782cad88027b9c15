//! Tokens of a condition, with their places.

use crate::diagnostic::{Error, Span};

/// The longest condition, in bytes.
pub(super) const MAX_LENGTH: usize = 1 << 16;

/// How a value compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    Equal,
    Differs,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
}

/// A token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token<'e> {
    /// A name, number, address …
    Word(&'e str),
    /// What stood in quotes.
    Quoted(String),
    Comparison(Comparison),
    Open,
    Close,
    OpenSet,
    CloseSet,
    Comma,
    Range,
    Not,
    And,
    Or,
    End,
}

impl Token<'_> {
    /// What it is, in a message.
    pub fn shown(&self) -> String {
        match self {
            Token::Word(word) => format!("'{word}'"),
            Token::Quoted(_) => "a quoted text".to_owned(),
            Token::Comparison(_) => "a comparison".to_owned(),
            Token::Open => "'('".to_owned(),
            Token::Close => "')'".to_owned(),
            Token::OpenSet => "'{'".to_owned(),
            Token::CloseSet => "'}'".to_owned(),
            Token::Comma => "','".to_owned(),
            Token::Range => "'..'".to_owned(),
            Token::Not => "'!'".to_owned(),
            Token::And => "'&&'".to_owned(),
            Token::Or => "'||'".to_owned(),
            Token::End => "the end".to_owned(),
        }
    }
}

/// Signs, each before those that it begins with.
const SIGNS: &[(&str, Token<'static>)] = &[
    ("==", Token::Comparison(Comparison::Equal)),
    ("!=", Token::Comparison(Comparison::Differs)),
    ("<=", Token::Comparison(Comparison::LessOrEqual)),
    (">=", Token::Comparison(Comparison::GreaterOrEqual)),
    ("&&", Token::And),
    ("||", Token::Or),
    ("..", Token::Range),
    ("=", Token::Comparison(Comparison::Equal)),
    ("<", Token::Comparison(Comparison::Less)),
    (">", Token::Comparison(Comparison::Greater)),
    ("~", Token::Comparison(Comparison::Matches)),
    ("!", Token::Not),
    ("(", Token::Open),
    (")", Token::Close),
    ("{", Token::OpenSet),
    ("}", Token::CloseSet),
    (",", Token::Comma),
];

/// All tokens, the last one the end.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, Span)>, Error> {
    if text.len() > MAX_LENGTH {
        let whole = Span { start: 0, end: 0 };
        return Err(Error::new(whole, format!("the condition is longer than {MAX_LENGTH} bytes")));
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let start = text.len().saturating_sub(rest.len());
        let Some(first) = rest.chars().next() else { break };
        let (token, length) = match first {
            '"' | '\'' => quoted(rest, first, start)?,
            _ => match (SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)), word(rest)) {
                (Some((sign, token)), _) => (token.clone(), sign.len()),
                (None, "") => {
                    let span = Span { start, end: start.saturating_add(first.len_utf8()) };
                    let error = Error::new(span, format!("'{first}' has no meaning here"));
                    return Err(error.with_help("text is written in quotes"));
                }
                (None, word) => (Token::Word(word), word.len()),
            },
        };
        tokens.push((token, Span { start, end: start.saturating_add(length) }));
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens.push((Token::End, Span { start: text.len(), end: text.len() }));
    Ok(tokens)
}

/// The word that a text begins with: it ends where a range does.
fn word(text: &str) -> &str {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '+' | '-');
    let word = text.split(|c| !part(c)).next().unwrap_or_default();
    word.split("..").next().unwrap_or_default()
}

/// A text in quotes and its length with them. Between single quotes all stands for itself; between double ones
/// `\"` is a quote, and any other backslash stands for itself, so that patterns need no second one.
fn quoted<'e>(text: &str, quote: char, start: usize) -> Result<(Token<'e>, usize), Error> {
    let mut found = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Ok((Token::Quoted(found), at.saturating_add(1)));
        }
        match chars.peek() {
            Some((_, '"')) if c == '\\' && quote == '"' => {
                found.push('"');
                chars.next();
            }
            _ => found.push(c),
        }
    }
    let span = Span { start, end: start.saturating_add(1) };
    Err(Error::new(span, format!("this quote is never closed by another {quote}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Token<'_>> {
        tokens(text).unwrap().into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn words_end_where_ranges_do() {
        assert_eq!(of("1..5"), [Token::Word("1"), Token::Range, Token::Word("5"), Token::End]);
        assert_eq!(of("fe80::1..fe80::9"), [Token::Word("fe80::1"), Token::Range, Token::Word("fe80::9"), Token::End]);
        assert_eq!(of("10.0.0.0/8"), [Token::Word("10.0.0.0/8"), Token::End]);
    }

    #[test]
    fn quotes_keep_backslashes() {
        assert_eq!(of(r#""a\.b\"""#), [Token::Quoted(r#"a\.b""#.to_owned()), Token::End]);
        assert_eq!(of(r#"'a\'"#), [Token::Quoted(r"a\".to_owned()), Token::End]);
        assert_eq!(tokens(r#"x == "a\""#).unwrap_err().span, Span { start: 5, end: 6 });
    }

    #[test]
    fn the_longest_sign_is_meant() {
        let comparison = Token::Comparison;
        assert_eq!(
            of("a<=b<c!=!d"),
            [
                Token::Word("a"),
                comparison(Comparison::LessOrEqual),
                Token::Word("b"),
                comparison(Comparison::Less),
                Token::Word("c"),
                comparison(Comparison::Differs),
                Token::Not,
                Token::Word("d"),
                Token::End
            ]
        );
        assert_eq!(tokens("ip.src = §").unwrap_err().span, Span { start: 9, end: 11 });
    }
}
