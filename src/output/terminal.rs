//! Messages for people on standard error, and how wide lines for them may be.

use std::fmt::Display;
use std::io::Write;
use std::sync::OnceLock;

use super::Sheet;

/// What we are called, where that is not `sabueso`.
static NAME: OnceLock<&'static str> = OnceLock::new();

/// Has complaints begin with another name than `sabueso`.
pub fn call_ourselves(name: &'static str) {
    let _ = NAME.set(name);
}

/// Any value as text that is safe to show.
pub fn safe(value: impl Display) -> String {
    let mut sheet = Sheet::new();
    sheet.escaped(value.to_string().as_bytes());
    String::from_utf8_lossy(sheet.as_bytes()).into_owned()
}

/// Says one line on standard error; what can't be said there can't be said anywhere.
pub fn say(message: impl Display) {
    let mut line = safe(message);
    line.push('\n');
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// Says one line on standard error, our name before it.
pub fn complain(message: impl Display) {
    say(format_args!("{}: {message}", NAME.get().unwrap_or(&"sabueso")));
}

/// How many columns standard output has, if it is a terminal.
pub fn width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into())
}
