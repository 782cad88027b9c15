//! Frames, interfaces and notes as blocks of a pcapng file. Each section of the source becomes one, in the
//! byte order it has there, so that options and notes stay right as they are.

use super::clock::{Clock, tsresol};
use super::options::{Options, code, pad, put_option, put_options};
use super::pcapng::{BYTE_ORDER, kind};
use super::writer::section_options;
use super::{MAX_BLOCK, MAX_RECORD, Unwritable};
use crate::frame::{ByteOrder, Frame, Interface, RawOption, Resolution, Section};

pub(super) struct Encoder {
    /// What is written of the section under way.
    written: Option<Section>,
    /// Of its interfaces.
    clocks: Vec<Clock>,
}

impl Encoder {
    pub fn new() -> Self {
        Encoder { written: None, clocks: Vec::new() }
    }

    /// Appends what of a section is not written: its header, where it is another than the last one, and the
    /// interfaces that are new.
    pub fn begin(&mut self, out: &mut Vec<u8>, section: &Section) {
        let written = match self.written.take().filter(|written| continues(written, section)) {
            Some(written) => written,
            None => {
                header(out, section);
                self.clocks.clear();
                Section { interfaces: Vec::new(), options: section.options.clone(), ..*section }
            }
        };
        let new = section.interfaces.get(written.interfaces.len()..).unwrap_or(&[]);
        for interface in new {
            describe(out, section.byte_order, interface);
            self.clocks.push(Clock::of(interface, section.byte_order));
        }
        self.written = Some(match new {
            [] => written,
            _ => section.clone(),
        });
    }

    /// Appends a header of our own, where there is none yet.
    pub fn begin_empty(&mut self, out: &mut Vec<u8>) {
        if self.written.is_none() {
            let (options, interfaces) = (Vec::new(), Vec::new());
            self.begin(out, &Section { number: 0, byte_order: ByteOrder::NATIVE, options, interfaces });
        }
    }

    /// Appends a frame of the section under way, as an enhanced packet block (section 4.3 of the draft).
    pub fn frame(&self, out: &mut Vec<u8>, order: ByteOrder, frame: &Frame<'_>) -> Result<(), Unwritable> {
        let clock = self.clocks.get(frame.interface as usize).ok_or(Unwritable::Interface)?;
        let ticks = clock.ticks(frame.time).ok_or(Unwritable::Time(frame.time))?;
        if frame.data.len() > MAX_RECORD {
            return Err(Unwritable::Length);
        }
        let captured = u32::try_from(frame.data.len()).map_err(|_| Unwritable::Length)?;
        let [h0, h1, h2, h3, low @ ..] = ticks.to_be_bytes();
        let (high, low) = (u32::from_be_bytes([h0, h1, h2, h3]), u32::from_be_bytes(low));
        let from = begin_block(out, order, kind::PACKET);
        for field in [frame.interface, high, low, captured, frame.wire_len] {
            order.put_u32(out, field);
        }
        out.extend_from_slice(frame.data);
        pad(out, frame.data.len());
        put_frame_options(out, order, frame);
        match end_block(out, order, from) {
            0..=MAX_BLOCK => Ok(()),
            _ => Err(Unwritable::Length),
        }
    }

    /// Appends a block that holds no frame, as it stood in the section under way.
    pub fn note(&self, out: &mut Vec<u8>, order: ByteOrder, kind: u32, body: &[u8]) {
        let from = begin_block(out, order, kind);
        out.extend_from_slice(body);
        pad(out, body.len());
        end_block(out, order, from);
    }
}

/// Whether a section is the one that was written so far, or has only more interfaces.
fn continues(written: &Section, section: &Section) -> bool {
    written.number == section.number
        && written.byte_order == section.byte_order
        && written.options == section.options
        && section.interfaces.starts_with(&written.interfaces)
}

/// A section header block (section 4.1), of a length not stated.
fn header(out: &mut Vec<u8>, section: &Section) {
    let order = section.byte_order;
    let from = begin_block(out, order, kind::SECTION);
    order.put_u32(out, BYTE_ORDER);
    order.put_u16(out, 1);
    order.put_u16(out, 0);
    out.extend_from_slice(&[0xff; 8]);
    match section.options.as_slice() {
        [] => put_options(out, order, &section_options()),
        options => put_options(out, order, options),
    }
    end_block(out, order, from);
}

/// An interface description block (section 4.2). Microseconds are what a reader takes for granted.
fn describe(out: &mut Vec<u8>, order: ByteOrder, interface: &Interface) {
    let from = begin_block(out, order, kind::INTERFACE);
    order.put_u16(out, interface.link_type.0);
    order.put_u16(out, 0);
    order.put_u32(out, interface.snap_len);
    let mut options = interface.options.clone();
    if interface.resolution != Resolution::MICRO {
        options.push(RawOption { code: code::IF_TSRESOL, value: vec![tsresol(interface.resolution)] });
    }
    put_options(out, order, &options);
    end_block(out, order, from);
}

/// A frame's options as they are, and its flags where they are not among them.
fn put_frame_options(out: &mut Vec<u8>, order: ByteOrder, frame: &Frame<'_>) {
    let stated = |options| Options::new(options, order).map_while(Result::ok).any(|(code, _)| code == code::EPB_FLAGS);
    if frame.flags.0 != 0 && !stated(frame.options) {
        order.put_u16(out, code::EPB_FLAGS);
        order.put_u16(out, 4);
        order.put_u32(out, frame.flags.0);
        if frame.options.is_empty() {
            put_option(out, order, code::END, &[]);
        }
    }
    out.extend_from_slice(frame.options);
    pad(out, frame.options.len());
}

/// Appends the head of a block; where it begins.
fn begin_block(out: &mut Vec<u8>, order: ByteOrder, kind: u32) -> usize {
    let from = out.len();
    order.put_u32(out, kind);
    order.put_u32(out, 0);
    from
}

/// Appends the end of a block and puts its length, which it returns, into its head.
fn end_block(out: &mut Vec<u8>, order: ByteOrder, from: usize) -> usize {
    let len = out.len().saturating_sub(from).saturating_add(4);
    let stated = u32::try_from(len).unwrap_or(u32::MAX);
    order.put_u32(out, stated);
    let end = out.last_chunk::<4>().copied().unwrap_or_default();
    if let Some(head) = out.get_mut(from.saturating_add(4)..).and_then(<[u8]>::first_chunk_mut) {
        *head = end;
    }
    len
}
