//! The `sabueso` command.

fn main() {}
