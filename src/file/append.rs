//! Going on behind the last whole record of a capture file that is there.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::pcap::magic;
use super::pcapng::kind;
use super::{Error, Format, Output, ReadOptions, Reader, WriteFormat};
use crate::frame::{LinkType, Source};

/// A file to go on with, open at its end.
pub(super) struct Found {
    pub output: Output,
    /// Bytes of a record that was not whole, cut off.
    pub torn: u64,
    /// Link type in the header of a pcap file; a pcapng file goes on with a section of its own.
    pub link_type: Option<LinkType>,
}

/// Opens a file to write on behind its last record; nothing where there is no file, or it is empty.
///
/// # Errors
/// Where it is damaged before its end, or no file of this format.
pub(super) fn open(path: &Path, format: WriteFormat) -> Result<Option<Found>, Error> {
    let name = path.display().to_string();
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(about) if about.is_file() && about.len() == 0 => return Ok(None),
        _ => {}
    }
    let failed = |source| Error::Open { file: name.clone(), source };
    // Others may have put a link there, to have a file changed that is not theirs.
    let follow = nix::fcntl::OFlag::O_NOFOLLOW.bits();
    let mut file = OpenOptions::new().read(true).write(true).custom_flags(follow).open(path).map_err(failed)?;
    let mut magic = [0; 4];
    file.read_exact(&mut magic).map_err(failed)?;
    if magic != magic_of(format) {
        let other = "it is of another kind: format, byte order, precision and compression must be the same";
        return Err(failed(io::Error::other(other)));
    }
    let mut reader = match Reader::open(path, ReadOptions::default()) {
        Ok(reader) => reader,
        // Not even its header is whole.
        Err(Error::Cut { place, .. }) if place.record == 0 => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut torn = 0;
    loop {
        match reader.next_block() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(Error::Cut { place, available, .. }) => {
                torn = available;
                file.set_len(place.offset).map_err(failed)?;
            }
            Err(error) => return Err(error),
        }
    }
    let link_type = (reader.format() == Format::Pcap).then(|| reader.link_type()).flatten();
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    Ok(Some(Found { output: Output::file(file, &name), torn, link_type }))
}

/// What files of a format begin with, as this machine writes them.
fn magic_of(format: WriteFormat) -> [u8; 4] {
    match format {
        WriteFormat::PcapMicro => magic::MICRO.to_ne_bytes(),
        WriteFormat::PcapNano => magic::NANO.to_ne_bytes(),
        WriteFormat::PcapNg => kind::SECTION.to_ne_bytes(),
    }
}
