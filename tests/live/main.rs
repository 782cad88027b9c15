//! What only a kernel can answer: real sockets on real interfaces, each test in a network namespace of its own.
//!
//! A test runs as root of a user namespace where the kernel allows that to anybody, else as root, else it is
//! skipped and says so; with `SABUESO_REQUIRE_LIVE=1` a skipped test is a failed one.

/// A test whose body runs in a process and network namespace of its own.
macro_rules! live_test {
    ($(#[$attribute:meta])* $name:ident, $rights:expr, $body:block) => {
        $(#[$attribute])*
        #[test]
        fn $name() {
            crate::harness::isolated(concat!(module_path!(), "::", stringify!($name)), $rights, || $body);
        }
    };
}

mod command;
mod ending;
mod filters;
mod frames;
mod harness;
mod helpers;
mod rights;
mod sending;
mod topology;
mod verdicts;
