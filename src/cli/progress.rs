//! How far reading has come, on standard error, where it takes more than two seconds and a terminal is there to tell it on.

use std::fs::File;
use std::io::{IsTerminal, Seek, stderr, stdout};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{DecimalBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::flags::Flags;
use crate::file::{self, Reader};
use crate::frame::{Block, Source};

/// What takes no longer is not worth a bar.
const QUIET: Duration = Duration::from_secs(2);

/// From one look at how far it is to the next.
const PAUSE: Duration = Duration::from_millis(100);

/// How much of all files of a run has been read.
pub struct Progress {
    /// Bytes of all files, as they are on the disk.
    total: u64,
    /// Bytes of the files that have ended.
    before: u64,
    begun: Instant,
    /// When the bar is drawn next.
    due: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// None where a bar would stand in the way of the text, or nobody knows how much there is to read.
    pub fn of(flags: &Flags) -> Option<Self> {
        let prints = flags.print || flags.write.is_none() && flags.folder.is_none();
        if flags.follow || !stderr().is_terminal() || prints && stdout().is_terminal() {
            return None;
        }
        let begun = Instant::now();
        let due = begun.checked_add(QUIET)?;
        Some(Progress { total: total(&flags.read)?, before: 0, begun, due, bar: None })
    }

    /// Draws the bar, if it is time to.
    fn look(&mut self, file: &File) {
        let now = Instant::now();
        if now < self.due {
            return;
        }
        let Ok(position) = { file }.stream_position() else { return };
        self.due = now.checked_add(PAUSE).unwrap_or(now);
        let done = self.before.saturating_add(position).min(self.total);
        let bar = self.bar.get_or_insert_with(|| bar(self.total));
        bar.set_position(done);
        bar.set_message(pace(done, self.total, now.saturating_duration_since(self.begun)));
    }

    /// Takes the bar away, so that something else can be said.
    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// A reader whose progress is told, if it is to be. The bar is gone when this is.
pub struct Watched<'r> {
    reader: &'r mut Reader,
    progress: Option<(&'r mut Progress, Arc<File>)>,
}

impl<'r> Watched<'r> {
    pub fn new(reader: &'r mut Reader, progress: Option<&'r mut Progress>) -> Self {
        let progress = progress.zip(reader.file().cloned());
        Watched { reader, progress }
    }
}

impl Source for Watched<'_> {
    type Error = file::Error;

    fn next_block(&mut self) -> Result<Option<Block<'_>>, file::Error> {
        if let Some((progress, file)) = &mut self.progress {
            progress.look(file);
        }
        self.reader.next_block()
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if let Some((progress, file)) = &mut self.progress {
            progress.clear();
            let len = file.metadata().map_or(0, |file| file.len());
            progress.before = progress.before.saturating_add(len);
        }
    }
}

/// Bytes in all files; none where one of them is no regular file.
fn total(files: &[PathBuf]) -> Option<u64> {
    files.iter().try_fold(0_u64, |total, path| {
        let file = path.metadata().ok().filter(|file| file.is_file())?;
        total.checked_add(file.len())
    })
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{percent:>3}% {wide_bar} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Bytes a second so far, and how long the rest takes at that rate.
fn pace(done: u64, total: u64, elapsed: Duration) -> String {
    let millis = elapsed.as_millis().max(1);
    let rate = u128::from(done).saturating_mul(1000).checked_div(millis).unwrap_or(0);
    let rest = u128::from(total.saturating_sub(done));
    let rate_text = DecimalBytes(u64::try_from(rate).unwrap_or(u64::MAX));
    match rest.checked_div(rate).and_then(|secs| u64::try_from(secs).ok()) {
        Some(secs) => format!("{rate_text}/s, {} left", HumanDuration(Duration::from_secs(secs))),
        None => format!("{rate_text}/s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_the_rate_so_far_says() {
        assert_eq!(pace(30_000_000, 90_000_000, Duration::from_secs(3)), "10.00 MB/s, 6 seconds left");
        assert_eq!(pace(0, 90, Duration::from_secs(3)), "0 B/s");
        assert_eq!(pace(0, 0, Duration::ZERO), "0 B/s");
    }

    #[test]
    fn the_total_is_known_of_regular_files_alone() {
        let manifest = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        let len = manifest.metadata().unwrap().len();
        assert_eq!(total(&[manifest.clone(), manifest.clone()]), Some(2 * len));
        assert_eq!(total(&[manifest.clone(), PathBuf::from("/dev/null")]), None);
        assert_eq!(total(&[manifest, PathBuf::from("-")]), None);
    }
}
