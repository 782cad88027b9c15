//! What people and programs see: text in tcpdump's style, JSON, columns, trees, and the one type through which bytes reach a terminal.

pub mod columns;
mod digits;
pub mod follow;
pub mod json;
mod sheet;
pub mod terminal;
pub mod text;
pub mod tree;
mod values;

pub use sheet::{Sheet, Style};
