//! The sink that saves: `-w`.

use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;

use super::after::After;
use super::flags::Flags;
use crate::file::{self, CreateOptions, Folder, Series, SeriesOptions};
use crate::frame::{Block, Resolution, Section, Timestamp};
use crate::live::privileges::Identity;
use crate::output::terminal::complain;
use crate::pipeline::{Sink, SinkError};

/// Where frames come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file, and how finely it keeps time.
    File(Option<Resolution>),
    /// A capture that begins at this time.
    Live(Timestamp),
}

/// The time by this machine's clock.
pub fn now() -> Timestamp {
    SystemTime::now().into()
}

/// Writes capture files.
pub struct Save {
    series: Series,
    /// Hand on each block at once (`-U`).
    at_once: bool,
    compressed: bool,
}

impl Save {
    /// Makes the file of `-w`, or the first of several. A new file is made for `owner`; its precision is that of the flags, else
    /// that of what is read.
    pub fn open(
        path: &Path,
        flags: &Flags,
        origin: Origin,
        owner: Option<&Identity>,
        folder: Box<dyn Folder>,
    ) -> Result<Self> {
        let owner = owner.map(|identity| (identity.uid.as_raw(), identity.gid.as_raw()));
        let (read, live_since) = match origin {
            Origin::File(resolution) => (resolution, None),
            Origin::Live(since) => (None, Some(since)),
        };
        let saving = &flags.saving;
        let options = SeriesOptions {
            names: saving.names(path),
            format: flags.write_format(read),
            create: CreateOptions { clobber: !flags.no_clobber, owner },
            rotation: saving.rotation(),
            method: saving.method(path),
            on_full: saving.on_full(),
            sync: saving.sync,
            append: saving.append,
            live_since,
        };
        let compressed = options.method.is_some();
        let user = flags.user.as_deref();
        let mut after = saving.after_rotation.clone().map(|command| After::start(command, user)).transpose()?;
        let run = move |file: &Path| {
            if let Some(after) = &mut after {
                after.run(file);
            }
        };
        let series = Series::open(options, folder, Box::new(run))?;
        let mut save = Save { series, at_once: flags.packet_buffered || flags.reads_stream(), compressed };
        save.tell();
        Ok(save)
    }

    fn tell(&mut self) {
        for event in self.series.take_events() {
            complain(event);
        }
    }

    fn checked<T>(&mut self, result: Result<T, file::Error>) -> Result<T, SinkError> {
        self.tell();
        Ok(result?)
    }
}

impl Sink for Save {
    fn begin(&mut self, section: &Section, _: &[(u32, String)]) -> Result<(), SinkError> {
        self.series.start(section);
        // The thread that compresses must not be started before privileges are given up.
        if self.compressed { Ok(()) } else { self.idle() }
    }

    fn block(&mut self, block: &Block<'_>, _: u64) -> Result<(), SinkError> {
        let written = self.series.write(block);
        let taken = self.checked(written)?;
        if taken < block.records.len() {
            return Err(SinkError::Enough(taken));
        }
        if !self.at_once {
            return Ok(());
        }
        let flushed = self.series.flush();
        self.checked(flushed)
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        let done = self.series.idle(now());
        if self.checked(done)? { Ok(()) } else { Err(SinkError::Enough(0)) }
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        let finished = self.series.finish();
        self.checked(finished)
    }

    fn is_stalled(&self) -> bool {
        self.series.is_stalled()
    }

    fn undelivered(&self) -> u64 {
        self.series.lost()
    }
}
