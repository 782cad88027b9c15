//! Frames as records of a pcap file, in this machine's byte order.

use pcap_file::Endianness;
use pcap_file::pcap::{PcapHeader, PcapTsResolution};

use super::pcap::link_word;
use super::{MAX_RECORD, MAX_SNAP_LEN, Unwritable};
use crate::frame::{Frame, Interface, LinkType, Resolution, Section};

pub(super) struct Encoder {
    resolution: PcapTsResolution,
    /// The link type in the file's header, once that is written.
    link_type: Option<LinkType>,
    /// What the header will say where no frame comes.
    likely: Option<Interface>,
}

impl Encoder {
    pub fn new(resolution: PcapTsResolution) -> Self {
        Encoder { resolution, link_type: None, likely: None }
    }

    /// The header is written already, for frames of this link type.
    pub fn is_begun(&mut self, link_type: LinkType) {
        self.link_type = Some(link_type);
    }

    /// Learns of a section: the file header will say what its first interface is, unless an earlier one had one.
    pub fn expect(&mut self, section: &Section) {
        if self.likely.is_none() {
            self.likely = section.interfaces.first().cloned();
        }
    }

    /// Appends the file header, where that is not done: for frames of this interface, else as expected, else
    /// Ethernet.
    pub fn begin(&mut self, out: &mut Vec<u8>, interface: Option<&Interface>) {
        if self.link_type.is_none() {
            let ethernet = Interface::new(LinkType::EN10MB, 0, Resolution::NANO);
            let likely = self.likely.take().unwrap_or(ethernet);
            self.header(out, interface.unwrap_or(&likely));
        }
    }

    fn header(&mut self, out: &mut Vec<u8>, interface: &Interface) {
        self.link_type = Some(interface.link_type);
        let snaplen = if interface.snap_len == 0 { MAX_SNAP_LEN } else { interface.snap_len };
        let header = PcapHeader {
            snaplen,
            datalink: link_word(interface).into(),
            ts_resolution: self.resolution,
            endianness: Endianness::native(),
            ..PcapHeader::default()
        };
        // A vector takes all that is written to it.
        let _ = header.write_to(out);
    }

    /// Appends a frame.
    pub fn frame(&self, out: &mut Vec<u8>, frame: &Frame<'_>) -> Result<(), Unwritable> {
        match self.link_type {
            Some(file) if file != frame.link_type => {
                return Err(Unwritable::LinkType { file, frame: frame.link_type });
            }
            _ => {}
        }
        if frame.data.len() > MAX_RECORD {
            return Err(Unwritable::Length);
        }
        let captured = u32::try_from(frame.data.len()).map_err(|_| Unwritable::Length)?;
        let secs = u32::try_from(frame.time.secs()).map_err(|_| Unwritable::Time(frame.time))?;
        let fraction = match self.resolution {
            PcapTsResolution::MicroSecond => frame.time.nanos() / 1_000,
            PcapTsResolution::NanoSecond => frame.time.nanos(),
        };
        let header = [secs, fraction, captured, frame.wire_len].map(u32::to_ne_bytes);
        out.extend_from_slice(header.as_flattened());
        out.extend_from_slice(frame.data);
        Ok(())
    }
}
