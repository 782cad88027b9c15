//! Captures made of others: frames left out, cut or moved in time. No I/O: blocks go in and come out, and keep all that they hold
//! beside.

mod cut;
mod dedup;
mod losses;
mod moment;
mod shift;

pub use cut::{Cut, Kept, Numbers};
pub use dedup::{Dedup, Ignored, Window};
pub use losses::Losses;
pub use moment::Moment;
pub use shift::{Shift, Signed};
