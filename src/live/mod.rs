//! Live capture and sending: interfaces, packet sockets, their rings, signals, dropping privileges, the sandbox.
//!
//! A [`Capture`] is a [`Source`](crate::frame::Source) over one packet socket for each interface asked for (or
//! one for all). Each socket has a memory-mapped ring that the kernel fills with blocks of packets; a block is
//! walked once, lent as it is, and given back. The filter is attached before the socket is bound, so nothing
//! is ever received that was not asked for.
//!
//! A [`Sender`] is the other way round: frames are queued in a transmit ring, and go out as they are.
//!
//! Opening needs the capability CAP_NET_RAW and nothing else; [`privileges`] gives that up too once all is open, and [`sandbox`]
//! closes off what a fault in the rest of the program could reach.
//!
//! ```no_run
//! use sabueso::frame::Source;
//! use sabueso::live::signals::{Request, Signals};
//! use sabueso::live::{Capture, CaptureOptions, privileges};
//!
//! let signals = Signals::take_over()?;
//! let mut capture = Capture::open(&["eth0"], &CaptureOptions::default())?;
//! capture.wake_on(signals.waker()?);
//! privileges::drop_to(privileges::choose(None)?)?;
//! while let Some(block) = capture.next_block()? {
//!     for frame in block.frames() {
//!         println!("{} bytes", frame.wire_len);
//!     }
//!     if let Some(Request::Stop(_)) = signals.next()? {
//!         capture.stop()?; // what has arrived still comes
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
mod agreement;
mod capture;
mod fanout;
pub mod interfaces;
mod link;
pub mod netns;
mod open;
mod order;
pub mod pace;
pub mod privileges;
mod program;
mod ring;
pub mod sandbox;
mod send;
pub mod signals;
pub(crate) mod sys;
pub mod timestamps;
mod walk;
mod watch;

use std::path::PathBuf;

use nix::errno::Errno;

pub use capture::{Capture, CaptureOptions, Listening};
pub use fanout::Fanout;
pub use program::Filter;
pub use ring::Statistics;
pub use send::{Sender, Sent};
pub use watch::{Change, Event};

use crate::frame::LinkType;
use timestamps::TimestampType;

/// Which way the packets go that a capture wants (`-Q`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Direction {
    /// Received by this machine.
    In,
    /// Sent by it.
    Out,
    #[default]
    Both,
}

/// Why a capture can't begin, or why it ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no interface {0}; -D lists those there are")]
    NoInterface(String),
    #[error("any stands for all interfaces, and frames are sent on one")]
    SendOnAny,
    #[error("no interface to capture on was named")]
    NothingNamed,
    #[error("{interface} is not up: `ip link set {interface} up` makes it so")]
    Down { interface: String },
    /// The interface was deleted; all that was received before has been handed over.
    #[error("{interface} is gone")]
    Gone { interface: String },
    #[error(
        "{doing} {interface} needs the capability {capability}: run this with sudo, or grant it for good with \
         `sudo setcap {}+ep {}`", capability.to_lowercase(), program.display()
    )]
    Denied { doing: &'static str, interface: String, capability: &'static str, program: PathBuf },
    #[error("{doing} {interface}: {source}")]
    Kernel { doing: &'static str, interface: String, source: Errno },
    #[error("{interface} has no time stamps of type {wanted}; -J lists those it has")]
    TimestampType { interface: String, wanted: TimestampType },
    #[error("the filter does not work for frames of link type {link_type}: {source}")]
    Filter { expression: String, link_type: LinkType, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the filter has no meaning for {interface} as it came back")]
    FilterOfAnother { interface: String },
    #[error("there is no network namespace {namespace}, no {}: `ip netns list` shows those with names", path.display())]
    NoNamespace { namespace: String, path: PathBuf },
    #[error("the filter has {instructions} instructions, and the kernel takes {most}")]
    LongFilter { instructions: usize, most: usize },
    #[error("the filter looks at byte {offset} of the cooked header, which the kernel can't tell while capturing")]
    CookedField { offset: u32 },
}

/// The number of an error of the operating system.
fn errno(error: &std::io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(0))
}

/// What became of a call for an interface (or for what stands there).
fn kernel(doing: &'static str, interface: &str) -> impl Fn(Errno) -> Error {
    move |source| Error::Kernel { doing, interface: interface.to_owned(), source }
}

/// The same for a call that needs a capability.
fn denied(capability: &'static str, doing: &'static str, interface: &str) -> impl Fn(Errno) -> Error {
    move |source| match source {
        Errno::EPERM | Errno::EACCES => {
            let program = std::env::current_exe().unwrap_or_else(|_| "sabueso".into());
            Error::Denied { doing, interface: interface.to_owned(), capability, program }
        }
        _ => kernel(doing, interface)(source),
    }
}
