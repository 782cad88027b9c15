//! Who speaks to whom, and what the programs at both ends read. No I/O and no clock: the time is that of the frames.

pub mod conversations;
pub mod http;
pub mod stream;
pub mod streams;
