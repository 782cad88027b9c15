//! What people see: text in tcpdump's style, and the one type through which bytes reach a terminal.

mod digits;
mod sheet;
pub mod terminal;
pub mod text;

pub use sheet::{Sheet, Style};
