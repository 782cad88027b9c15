//! The vocabulary of fields and all that speaks it: JSON, columns, the tree, conditions, its documentation.

mod columns;
mod conditions;
mod documentation;
mod golden;
mod json;
mod packets;
mod places;
mod properties;
