//! What people and programs see: text in tcpdump's style, JSON, columns, trees, and the one type through which bytes reach a terminal.

pub mod columns;
mod digits;
pub mod flows;
pub mod follow;
pub mod info;
pub mod json;
pub mod marks;
pub mod object;
mod quantity;
pub mod questions;
mod sheet;
pub mod table;
pub mod terminal;
pub mod text;
pub mod tree;
pub(crate) mod values;

pub use sheet::{Sheet, Style, Whole};
