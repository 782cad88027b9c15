//! Reading a file that grows, from a path.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use sabueso::file::{Error, ReadOptions, Reader};
use sabueso::frame::Source;

use crate::build::*;

/// A path of its own for each test, removed at its end.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        Scratch(std::env::temp_dir().join(format!("sabueso-files-{}-{name}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

const FOLLOW: ReadOptions = ReadOptions { resync: false, follow: true };

/// The number of frames in the next block.
fn next(reader: &mut Reader) -> usize {
    reader.next_block().unwrap().expect("no end").records.len()
}

#[test]
fn a_growing_file_never_ends_and_a_torn_record_is_waited_for() {
    let path = Scratch::new("grow");
    let record = record(Little, 1, 2, b"frame", 5);
    fs::write(&path.0, pcap_header(Little, MICRO, 0, 1)).unwrap();
    let mut reader = Reader::open(&path.0, FOLLOW).unwrap();
    let mut file = OpenOptions::new().append(true).open(&path.0).unwrap();
    assert_eq!(next(&mut reader), 0);
    file.write_all(&record).unwrap();
    assert_eq!(next(&mut reader), 1);
    file.write_all(&record[..7]).unwrap();
    assert_eq!((next(&mut reader), next(&mut reader)), (0, 0));
    file.write_all(&record[7..]).unwrap();
    file.write_all(&record).unwrap();
    assert_eq!(next(&mut reader), 2);
    file.set_len(30).unwrap();
    assert!(matches!(reader.next_block(), Err(Error::Shrunk { .. })));
}

#[test]
fn a_path_and_a_fifo_are_read_alike() {
    let (path, fifo) = (Scratch::new("path"), Scratch::new("fifo"));
    let bytes = [pcap_header(Big, NANO, 0, 1), record(Big, 1, 2, b"frame", 5)].concat();
    fs::write(&path.0, &bytes).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&fifo.0).status().unwrap().success());
    let to = fifo.0.clone();
    let writer = std::thread::spawn(move || fs::write(to, bytes).unwrap());
    for path in [&path.0, &fifo.0] {
        let mut reader = Reader::open(path, PLAIN).unwrap();
        assert_eq!(next(&mut reader), 1);
        assert!(reader.next_block().unwrap().is_none());
    }
    writer.join().unwrap();
}
