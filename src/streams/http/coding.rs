//! The codings of a body (RFC 9110, section 8.4.1; RFC 8878), undone piece by piece and within bounds.

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder as Zstd, Operation};

use super::{ANY_RATIO, LARGEST_RATIO, LONGEST_BODY};
use crate::budget::{Budget, Share};

/// How a body is coded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coding {
    None,
    Gzip,
    /// Of zlib, or without its head, as some senders have it.
    Deflate,
    Zstd,
    /// In a way that is not known here, or in several.
    Unknown,
}

impl Coding {
    /// This one, and one more by its name.
    pub fn and(self, name: &[u8]) -> Coding {
        let name = name.to_ascii_lowercase();
        let coding = match &name[..] {
            b"identity" | b"" => return self,
            b"gzip" | b"x-gzip" => Coding::Gzip,
            b"deflate" => Coding::Deflate,
            b"zstd" => Coding::Zstd,
            _ => Coding::Unknown,
        };
        if self == Coding::None { coding } else { Coding::Unknown }
    }
}

/// The window of zlib and what is with it, in bytes.
const ZLIB_MEMORY: usize = 64 << 10;
/// The largest window that a zstd body may have, as the logarithm of bytes: 8 MiB (RFC 9659).
const ZSTD_WINDOW: u32 = 23;
/// Decoded bytes are shown in pieces of so many.
const PIECE: usize = 16 << 10;

/// Why decoding ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Failure {
    Damaged,
    TooLong,
}

/// Undoes a coding.
pub(super) struct Inflater {
    format: Format,
    buffer: Box<[u8]>,
    /// Bytes that went in, and that came out.
    read: u64,
    written: u64,
    ended: bool,
    _share: Share,
}

enum Format {
    Gzip(Decompress),
    /// None until its first byte tells whether it has a head.
    Deflate(Option<Decompress>),
    Zstd(Zstd<'static>),
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater").field("read", &self.read).field("written", &self.written).finish_non_exhaustive()
    }
}

impl Inflater {
    /// One for a coding that is known; none where there is no memory for it.
    pub fn new(coding: Coding, budget: &Budget) -> Option<Inflater> {
        let (format, memory) = match coding {
            Coding::None | Coding::Unknown => return None,
            Coding::Gzip => (Format::Gzip(Decompress::new_gzip(15)), ZLIB_MEMORY),
            Coding::Deflate => (Format::Deflate(None), ZLIB_MEMORY),
            Coding::Zstd => {
                let mut decoder = Zstd::new().ok()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW)).ok()?;
                (Format::Zstd(decoder), 2 << ZSTD_WINDOW)
            }
        };
        let share = budget.take(memory.saturating_add(PIECE))?;
        let buffer = vec![0; PIECE].into_boxed_slice();
        Some(Inflater { format, buffer, read: 0, written: 0, ended: false, _share: share })
    }

    /// Decodes what is next, and tells it in pieces. What stands behind the end of the coded bytes is left out.
    ///
    /// # Errors
    /// Where the bytes are not so coded, or decode to too many. How many of them were used comes with it.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&[u8])) -> Result<(), (Failure, usize)> {
        let mut rest = bytes;
        while !self.ended {
            let used = bytes.len().saturating_sub(rest.len());
            let (read, written) = self.step(rest).map_err(|()| (Failure::Damaged, used))?;
            rest = rest.get(read..).unwrap_or(&[]);
            self.read = self.read.saturating_add(read as u64);
            self.written = self.written.saturating_add(written as u64);
            if written > 0 {
                tell(self.buffer.get(..written).unwrap_or(&[]));
            }
            let most = LONGEST_BODY.min(self.read.saturating_mul(LARGEST_RATIO).saturating_add(ANY_RATIO));
            if self.written > most {
                return Err((Failure::TooLong, bytes.len()));
            }
            if read == 0 && written == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Decodes into the buffer: how many bytes were read, and written.
    fn step(&mut self, bytes: &[u8]) -> Result<(usize, usize), ()> {
        let zlib = match &mut self.format {
            Format::Gzip(zlib) => zlib,
            Format::Deflate(zlib) => {
                let Some(first) = bytes.first() else { return Ok((0, 0)) };
                // The method is 8 and the window at most 32 KiB (RFC 1950, section 2.2).
                zlib.get_or_insert_with(|| Decompress::new(first & 0x8f == 8))
            }
            Format::Zstd(decoder) => {
                let status = decoder.run_on_buffers(bytes, &mut self.buffer).map_err(|_| ())?;
                return Ok((status.bytes_read, status.bytes_written));
            }
        };
        let (read, written) = (zlib.total_in(), zlib.total_out());
        let status = zlib.decompress(bytes, &mut self.buffer, FlushDecompress::None).map_err(|_| ())?;
        self.ended = status == Status::StreamEnd;
        let length = |now: u64, before: u64| usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX);
        Ok((length(zlib.total_in(), read), length(zlib.total_out(), written)))
    }
}
