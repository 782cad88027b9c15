//! Anonymous copies: nothing of the original is left in them, and they are right captures.

mod command;
mod fields;
mod oracle;
mod privacy;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sabueso::anonymize::{Anonymizer, Counts, Key, Options};
use sabueso::file::{Output, ReadOptions, Reader, WriteFormat, Writer};
use sabueso::frame::Source;

const KEY: [u8; 32] = *b"a key that everybody may look at";

fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "pcap" || ending == "pcapng"));
    paths.sort();
    paths
}

/// A capture of some name.
fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

/// Bytes that are written, for whoever wants to look at them afterwards.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The anonymous copy of a capture, as far as that can be read, and what was done.
fn copy(path: &Path, key: [u8; 32], options: Options) -> (Vec<u8>, Counts) {
    let mut anonymizer = Anonymizer::new(&Key::new(key), options);
    let written = Written::default();
    let mut writer = Writer::new(Output::stream(Box::new(written.clone()), "copy"), WriteFormat::PcapNg);
    if let Ok(mut reader) = Reader::open(path, ReadOptions::default()) {
        while let Ok(Some(block)) = reader.next_block() {
            writer.write_block(&anonymizer.block(&block)).unwrap();
        }
    }
    writer.finish().unwrap();
    let bytes = written.0.lock().unwrap().clone();
    (bytes, anonymizer.counts().clone())
}
