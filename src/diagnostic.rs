//! What is wrong with an expression that somebody wrote, and where: shared by the languages we read.

use std::fmt;

/// A stretch of an expression, in bytes from its start.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// From one stretch's start to another's end.
    pub fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end.max(self.start) }
    }
}

/// Why an expression was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// What the message is about; empty at the end of the expression if something is missing there.
    pub span: Span,
    /// What is wrong, and what was expected.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl Error {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Error { span, message: safe(&message.into()), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(safe(&help.into()));
        self
    }

    /// The message, the line of the expression with the place marked, and the help if there is any.
    ///
    /// ```text
    /// expected 'host', 'port' or another qualifier before an address
    ///     tcp and 10.0.0.1
    ///             ^^^^^^^^
    /// help: write 'host 10.0.0.1'
    /// ```
    ///
    pub fn render(&self, expression: &str) -> String {
        let mut start = 0;
        let mut shown = expression;
        for line in expression.split_inclusive('\n') {
            shown = line;
            let end = line.len().saturating_add(start);
            if self.span.start < end {
                break;
            }
            if end < expression.len() {
                start = end;
            }
        }
        let before = |at: usize| {
            let at = at.saturating_sub(start);
            shown.char_indices().take_while(|(place, c)| *place < at && *c != '\n').count()
        };
        let (from, to) = (before(self.span.start), before(self.span.end));
        let marks = to.saturating_sub(from).max(1);
        let line = safe(shown.trim_end_matches('\n'));
        let mut text = format!("{}\n    {line}\n    {:from$}{}\n", self.message, "", "^".repeat(marks));
        if let Some(help) = &self.help {
            text.push_str(&format!("help: {help}\n"));
        }
        text
    }
}

/// The text, one column a character, with what could disturb a terminal shown as `?`: messages quote the expression,
/// and scripts build expressions out of what they were sent.
fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() { c } else { '?' }).collect()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (column {})", self.message, self.span.start.saturating_add(1))
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_quoted_reaches_a_terminal_raw() {
        let error = Error::new(Span::default(), "no \x1b[2J").with_help("say \u{9b}");
        assert_eq!(error.render("\x1b\u{202e}é"), "no ?[2J\n    ??é\n    ^\nhelp: say ?\n");
        assert_eq!(error.to_string(), "no ?[2J (column 1)");
    }

    fn mark(expression: &str, start: usize, end: usize) -> String {
        let text = Error::new(Span { start, end }, "no").render(expression);
        text.lines().skip(1).map(|line| &line[4..]).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_place_is_marked() {
        assert_eq!(mark("ip 10.0.0.1", 3, 11), "ip 10.0.0.1|   ^^^^^^^^");
        assert_eq!(mark("ip", 2, 2), "ip|  ^");
        assert_eq!(mark("", 0, 0), "|^");
        assert_eq!(mark("ip\nor tcp x", 10, 11), "or tcp x|       ^");
        assert_eq!(mark("ip or\n", 6, 6), "ip or|     ^");
    }

    #[test]
    fn what_could_disturb_a_terminal_is_not_shown() {
        assert_eq!(mark("é\u{1b}[2J x", 7, 8), "é?[2J x|      ^");
    }
}
