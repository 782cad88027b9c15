//! Comments put into a capture, or taken out of it.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::file::{option_values, put_options};
use crate::frame::{Block, RawOption, Record, Section};

/// The code of a comment in any block (draft-ietf-opsawg-pcapng, 3.5.1).
const COMMENT: u16 = 1;
/// The longest that an option can hold, in bytes.
const LONGEST: usize = 65_535;

/// A comment on a frame, as `12:text`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnFrame {
    pub number: u64,
    pub text: String,
}

impl FromStr for OnFrame {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("'{text}' is no packet's comment: give its number, a colon and the text, as 12:retransmitted");
        let (number, text) = text.split_once(':').ok_or_else(wrong)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
        Ok(OnFrame { number, text: fits(text)?.to_owned() })
    }
}

/// A text that an option can hold.
///
/// # Errors
/// Says how long it is and may be.
pub fn fits(text: &str) -> Result<&str, String> {
    match text.len() {
        0..=LONGEST => Ok(text),
        len => Err(format!("the comment has {len} bytes, and a file can hold {LONGEST}")),
    }
}

/// Puts comments in.
#[derive(Debug)]
pub struct Comment {
    /// By the number of the frame, those not seen so far.
    frames: BTreeMap<u64, Vec<String>>,
    /// On the capture as a whole, until the first section is seen.
    capture: Vec<String>,
    /// Takes out those that are there.
    removes: bool,
    section: Option<Section>,
    bytes: Vec<u8>,
    records: Vec<Record>,
}

impl Comment {
    pub fn new(frames: impl IntoIterator<Item = OnFrame>, capture: Vec<String>, removes: bool) -> Self {
        let mut by_number: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for OnFrame { number, text } in frames {
            by_number.entry(number).or_default().push(text);
        }
        Comment { frames: by_number, capture, removes, section: None, bytes: Vec::new(), records: Vec::new() }
    }

    /// The next block is of another file.
    pub fn begin_file(&mut self) {
        self.section = None;
    }

    /// Numbers of frames that did not come.
    pub fn missing(&self) -> impl Iterator<Item = u64> + '_ {
        self.frames.keys().copied()
    }

    /// The block with its comments; the number of its first frame is told.
    pub fn block<'a>(&'a mut self, block: &Block<'a>, first: u64) -> Block<'a> {
        self.describe(block.section);
        let last = first.saturating_add(block.records.len() as u64);
        let any = self.frames.range(first..last).next().is_some();
        let section = self.section.as_ref().unwrap_or(block.section);
        if !any && !self.removes {
            return Block { section, ..*block };
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(block.bytes);
        self.records.clear();
        let order = block.section.byte_order;
        for (record, number) in block.records.iter().zip(first..) {
            let comments = self.frames.remove(&number).unwrap_or_default();
            let mut record = *record;
            if self.removes && record.options.1 > 0 || !comments.is_empty() {
                let there = option_values(block.frame(&record).options, order)
                    .map(|(code, value)| RawOption { code, value: value.to_vec() })
                    .filter(|option| !self.removes || option.code != COMMENT);
                let options: Vec<RawOption> = comments.into_iter().map(comment).chain(there).collect();
                let from = self.bytes.len();
                put_options(&mut self.bytes, order, &options);
                let place = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
                record.options = (place(from), place(self.bytes.len().saturating_sub(from)));
            }
            self.records.push(record);
        }
        Block { section, bytes: &self.bytes, records: &self.records, ..*block }
    }

    /// Makes the section as it is to be.
    fn describe(&mut self, section: &Section) {
        let known = self.section.as_ref();
        if known
            .is_some_and(|known| (known.number, known.interfaces.len()) == (section.number, section.interfaces.len()))
        {
            return;
        }
        let mut changed = section.clone();
        if self.removes {
            let keep = |option: &RawOption| option.code != COMMENT;
            changed.options.retain(keep);
            changed.interfaces.iter_mut().for_each(|interface| interface.options.retain(keep));
        }
        match known {
            // More interfaces of the same section: its comments are there.
            Some(known) if known.number == section.number => changed.options.clone_from(&known.options),
            _ => changed.options.extend(std::mem::take(&mut self.capture).into_iter().map(comment)),
        }
        self.section = Some(changed);
    }
}

fn comment(text: String) -> RawOption {
    RawOption { code: COMMENT, value: text.into_bytes() }
}
