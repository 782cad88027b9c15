//! Capture files, pcap and pcapng, read and written; knows nothing of what is inside a frame.
//!
//! [`Reader`] drives one of two walks over a refill buffer (`input`): `pcap`
//! (draft-ietf-opsawg-pcap) and `pcapng` (draft-ietf-opsawg-pcapng). A walk does no I/O: it is shown bytes,
//! indexes the whole records at their front and says what it needs to go on. [`Writer`] has blocks of
//! frames encoded into a buffer (`encode_pcap`, `encode_pcapng`), and the file stays whole when the system
//! refuses to take it (`output`). `options` and `clock`
//! hold what both directions share of pcapng: option lists, and an interface's ticks as time.
//!
//! A [`Series`] is a capture in one file after the other: what they are called (`names`), when the next begins
//! (`rotation`, `period`), which are kept (`ring`); `compress` is what stands between a writer and
//! its file, or a file and its reader, where it is compressed; `append` goes on with a file that is there.
//!
//! Framing is pcap-file's (file header, raw record, raw block). What stands in a pcapng block is read
//! here, because pcap-file gives up the rest of a file at a name that is not UTF-8 or at picoseconds.
//!
//! ```
//! use std::path::Path;
//! use sabueso::file::{CreateOptions, Direct, Output, ReadOptions, Reader, WriteFormat, Writer};
//! use sabueso::frame::{Interface, LinkType, Resolution, Section, ByteOrder, Source};
//! # let path = std::env::temp_dir().join(format!("sabueso-doc-{}.pcap", std::process::id()));
//! # let path = path.as_path();
//! # Writer::new(Output::create(path, &CreateOptions::default(), &mut Direct)?, WriteFormat::PcapNano).finish()?;
//!
//! let mut reader = Reader::open(path, ReadOptions::default())?;
//! let mut bytes = 0;
//! while let Some(block) = reader.next_block()? {
//!     bytes += block.frames().map(|frame| frame.data.len()).sum::<usize>();
//! }
//! # assert_eq!(bytes, 0);
//! # std::fs::remove_file(path).ok();
//! # Ok::<(), sabueso::file::Error>(())
//! ```

mod append;
mod clock;
mod compress;
mod encode_pcap;
mod encode_pcapng;
mod error;
mod folder;
mod input;
mod names;
mod options;
mod output;
mod pcap;
mod pcapng;
mod period;
mod reader;
mod ring;
mod rotation;
mod series;
mod statistics;
mod walk;
mod writer;

use std::fmt;

pub use compress::Method;
pub use error::{Cause, Damage, Error, Notice, Place, Unwritable};
pub use folder::{CreateOptions, Direct, Folder};
pub use names::Names;
pub use options::{option_values, put_options};
pub use output::Output;
pub use reader::{ReadOptions, Reader};
pub use ring::Keep;
pub use rotation::{OnFull, Rotation, SeriesEvent, SeriesOptions};
pub use series::Series;
pub use statistics::InterfaceStatistics;
pub use writer::{WriteFormat, Writer, section_options};

/// The most bytes captured of one frame: 16 MiB.
pub const MAX_RECORD: usize = 16 << 20;
/// The longest pcapng block that is held in memory, in bytes: the longest frame and 64 KiB of options.
pub const MAX_BLOCK: usize = MAX_RECORD + (64 << 10);
/// The snapshot length that tcpdump takes for unlimited; a pcap record may be this long whatever its file says.
pub const MAX_SNAP_LEN: u32 = 262_144;
/// The most interfaces in a section.
pub const MAX_INTERFACES: usize = 65_536;
/// The most options in a block that describes a section or an interface.
pub const MAX_OPTIONS: usize = 1024;
/// The most bytes of such blocks in a section.
pub const MAX_SECTION: usize = 16 << 20;

/// The format of a capture file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    Pcap,
    PcapNg,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Pcap => "pcap",
            Format::PcapNg => "pcapng",
        })
    }
}
