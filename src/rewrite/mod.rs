//! Captures made of others: frames left out, cut, moved in time, merged or sorted. Blocks go in and come out, and keep all that
//! they hold beside; nothing is opened here.

mod comment;
mod cut;
mod dedup;
mod losses;
mod merge;
mod shift;
mod sort;
mod union;

pub use comment::{Comment, OnFrame, fits};
pub use cut::{Cut, Kept, Numbers};
pub use dedup::{Dedup, Ignored, Window};
pub use losses::Losses;
pub use merge::{Merge, Relend};
pub use shift::{Shift, Signed};
pub use sort::{Run, Sort};
pub use union::Union;
