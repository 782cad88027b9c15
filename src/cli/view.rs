//! Flags for the eyes: in which form times are told, and what is marked.

use clap::ValueEnum;

use crate::output::marks::{self, Marks};
use crate::output::text::TimeStyle;

/// How to tell the time of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Time {
    /// The time of day
    Clock,
    /// Not at all (-t)
    None,
    /// Seconds since 1970 (-tt)
    Epoch,
    /// Since the packet before (-ttt)
    Delta,
    /// Date and time (-tttt)
    Date,
    /// Since the first packet (-ttttt)
    Elapsed,
    /// Date, time and offset from UTC, as RFC 3339 has them
    Rfc3339,
}

/// Flags of what people see.
#[derive(clap::Args, Debug)]
pub struct View {
    /// How to tell the time of a packet, by name: -t and its like, and RFC 3339
    #[arg(long = "time", value_enum, value_name = "STYLE", conflicts_with = "time", id = "time_style")]
    pub time: Option<Time>,

    /// Show times in UTC, not in the zone of this machine (JSON, columns and trees have them in UTC anyway)
    #[arg(long)]
    pub utc: bool,

    /// With --tree: before each line the bytes that it tells of, as OFFSET+LENGTH in the frame
    #[arg(long, requires = "tree")]
    pub offsets: bool,

    /// Mark the bytes of these protocols and fields, such as tcp or ip.src,ip.dst, in hexadecimal (-XX, if neither -x nor -X is given)
    #[arg(long, value_name = "NAME,NAME", conflicts_with_all = ["json", "fields", "count"])]
    pub mark: Option<String>,
}

impl View {
    /// What is marked in dumps.
    ///
    /// # Errors
    /// Where a name is none of a field or protocol.
    pub fn marks(&self) -> Result<Option<Marks>, marks::Error> {
        self.mark.as_deref().map(Marks::new).transpose()
    }

    /// The style of times in lines; `count` is how often `-t` was given.
    pub fn time_style(&self, count: u8) -> TimeStyle {
        match (self.time, count) {
            (Some(Time::Clock), _) | (None, 0) => TimeStyle::Clock,
            (Some(Time::None), _) | (None, 1) => TimeStyle::None,
            (Some(Time::Epoch), _) | (None, 2) => TimeStyle::Epoch,
            (Some(Time::Delta), _) | (None, 3) => TimeStyle::SincePrevious,
            (Some(Time::Date), _) | (None, 4) => TimeStyle::Date,
            (Some(Time::Elapsed), _) | (None, _) => TimeStyle::SinceFirst,
            (Some(Time::Rfc3339), _) => TimeStyle::Rfc3339,
        }
    }
}
