//! The sink that saves: `-w`.

use std::path::Path;

use anyhow::Result;

use super::flags::Flags;
use crate::file::{self, CreateOptions, Direct, Output, Writer};
use crate::frame::{Block, Resolution, Section};
use crate::live::privileges::Identity;
use crate::pipeline::{Sink, SinkError};

/// Writes a capture file.
pub struct Save {
    /// Nothing once it is finished.
    writer: Option<Writer>,
    /// Hand on each block at once (`-U`).
    at_once: bool,
    /// Frames taken, of which the file may not have all.
    pending: u64,
    lost: u64,
}

impl Save {
    /// Makes the file of `-w`. A new file is made for `owner`; its precision is that of the flags, else that of
    /// what is read.
    pub fn open(path: &Path, flags: &Flags, read: Option<Resolution>, owner: Option<&Identity>) -> Result<Self> {
        let owner = owner.map(|identity| (identity.uid.as_raw(), identity.gid.as_raw()));
        let options = CreateOptions { clobber: !flags.no_clobber, owner };
        let output = Output::create(path, &options, &mut Direct)?;
        Ok(Save {
            writer: Some(Writer::new(output, flags.write_format(read))),
            at_once: flags.packet_buffered || flags.reads_stream(),
            pending: 0,
            lost: 0,
        })
    }

    /// Notes how many frames a failed file lacks.
    fn checked(&mut self, result: Result<(), file::Error>) -> Result<(), SinkError> {
        match &result {
            Err(file::Error::Write { whole, .. }) => self.lost = self.pending.saturating_sub(*whole),
            Err(file::Error::Unwritable { frame, .. }) => {
                self.lost = self.pending.saturating_add(1).saturating_sub(*frame);
            }
            _ => {}
        }
        Ok(result?)
    }
}

impl Sink for Save {
    fn begin(&mut self, section: &Section, _: &[(u32, String)]) -> Result<(), SinkError> {
        if let Some(writer) = &mut self.writer {
            writer.start(section);
        }
        self.idle()
    }

    fn block(&mut self, block: &Block<'_>, _: u64) -> Result<(), SinkError> {
        self.pending = self.pending.saturating_add(block.records.len() as u64);
        let written = self.writer.as_mut().map_or(Ok(()), |writer| writer.write_block(block));
        self.checked(written)?;
        if self.at_once { self.idle() } else { Ok(()) }
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        let flushed = self.writer.as_mut().map_or(Ok(()), Writer::flush);
        self.checked(flushed)
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        let finished = self.writer.take().map_or(Ok(()), Writer::finish);
        self.checked(finished)
    }

    fn undelivered(&self) -> u64 {
        self.lost
    }
}
