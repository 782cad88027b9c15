//! What a capture file has beside the bytes of frames: sections, interfaces, options, blocks without a frame. Of these
//! only numbers stay, unless more is asked for.

use super::{Counts, Options, Payload};
use crate::file::{InterfaceStatistics, option_values, put_options};
use crate::frame::{ByteOrder, FrameFlags, Interface, RawOption, Section};

/// What is dropped unless it is asked for; then it stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Comments of sections, interfaces and packets.
    Comments,
    /// The hardware, system and application of a section and of its interfaces.
    System,
    /// Names and descriptions of interfaces.
    Interfaces,
    /// Blocks of secrets: keys to what is encrypted.
    Secrets,
    /// Blocks of names: what hosts with the original addresses are called.
    Names,
}

/// The options of any block (draft-ietf-opsawg-pcapng, 3.5).
const COMMENT: u16 = 1;

/// Of sections (4.1).
mod shb {
    pub const HARDWARE: u16 = 2;
    pub const SYSTEM: u16 = 3;
    pub const APPLICATION: u16 = 4;
}

/// Of interfaces (4.2).
mod interface {
    pub const NAME: u16 = 2;
    pub const DESCRIPTION: u16 = 3;
    pub const SYSTEM: u16 = 12;
    pub const TIME_OFFSET: u16 = 14;
    pub const HARDWARE: u16 = 15;
}

/// How many packets were lost before this one (4.3.1).
const DROP_COUNT: u16 = 4;

/// Counters of interfaces (4.6), which are numbers.
const COUNTERS: std::ops::RangeInclusive<u16> = 4..=8;

/// Blocks that may be kept as they are.
mod block {
    pub const NAMES: u32 = 4;
    pub const SECRETS: u32 = 10;
}

/// The bits of a frame's flags that tell how long its check sequence is: it is not kept.
const CHECK_SEQUENCE: u32 = 0b1111 << 5;

/// When an option stays.
enum Rule {
    Always,
    If(Keep),
    Never,
}

/// The section under way, as it is and as it becomes.
pub(super) struct Pair {
    original: Option<Section>,
    pub now: Section,
}

impl Pair {
    pub fn new() -> Self {
        let now = Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces: Vec::new() };
        Pair { original: None, now }
    }

    /// Learns of a section that begins, or of its new interfaces.
    pub fn follow(&mut self, section: &Section, options: &Options, counts: &mut Counts) {
        let goes_on = self.original.take().filter(|original| {
            (original.number, original.byte_order) == (section.number, section.byte_order)
                && original.options == section.options
                && section.interfaces.starts_with(&original.interfaces)
        });
        let mut original = goes_on.unwrap_or_else(|| {
            self.now =
                Section { options: section_options(section, options, counts), interfaces: Vec::new(), ..*section };
            Section { options: section.options.clone(), interfaces: Vec::new(), ..*section }
        });
        for interface in section.interfaces.iter().skip(original.interfaces.len()) {
            let list = kept(&interface.options, rule_of_interface, options, counts);
            self.now.interfaces.push(Interface { options: list, ..*interface });
            original.interfaces.push(interface.clone());
        }
        self.original = Some(original);
    }
}

/// How the section was made anonymous, and what else is to be told of it.
fn section_options(section: &Section, options: &Options, counts: &mut Counts) -> Vec<RawOption> {
    let mut list = kept(&section.options, rule_of_section, options, counts);
    if !list.iter().any(|option| option.code == shb::APPLICATION) {
        let application = concat!("sabueso ", env!("CARGO_PKG_VERSION"));
        list.push(RawOption { code: shb::APPLICATION, value: application.into() });
    }
    list.insert(0, RawOption { code: COMMENT, value: method(options).into_bytes() });
    list
}

fn rule_of_section(code: u16) -> Rule {
    match code {
        COMMENT => Rule::If(Keep::Comments),
        shb::HARDWARE | shb::SYSTEM | shb::APPLICATION => Rule::If(Keep::System),
        _ => Rule::Never,
    }
}

fn rule_of_interface(code: u16) -> Rule {
    match code {
        COMMENT => Rule::If(Keep::Comments),
        interface::NAME | interface::DESCRIPTION => Rule::If(Keep::Interfaces),
        interface::SYSTEM | interface::HARDWARE => Rule::If(Keep::System),
        interface::TIME_OFFSET => Rule::Always,
        _ => Rule::Never,
    }
}

fn kept(list: &[RawOption], rule: fn(u16) -> Rule, options: &Options, counts: &mut Counts) -> Vec<RawOption> {
    let stays = |option: &&RawOption| match rule(option.code) {
        Rule::Always => true,
        Rule::If(keep) if options.keep.contains(&keep) => true,
        Rule::If(Keep::Comments) => {
            counts.dropped("comments");
            false
        }
        _ => {
            counts.dropped("options");
            false
        }
    };
    list.iter().filter(stays).cloned().collect()
}

/// What the section's comment says.
fn method(options: &Options) -> String {
    let payload = match options.payload {
        Payload::Cut => "cut",
        Payload::Zero => "filled with zeros",
    };
    let vendor = if options.keep_vendor { ", vendors kept" } else { "" };
    let times = if options.shift == 0 { "as they were" } else { "shifted" };
    format!(
        "Anonymized: IPv4 and IPv6 addresses by Crypto-PAn (prefixes kept, special addresses kept), station addresses \
         and names by keyed permutations{vendor}; payload {payload}; checksums made anew; times {times}"
    )
}

/// The options of a frame that stay, as a list.
pub(super) fn frame_options(list: &[u8], order: ByteOrder, options: &Options, counts: &mut Counts) -> Vec<u8> {
    /// These are in a record's flags.
    const FLAGS: u16 = 2;
    let mut kept = Vec::new();
    for (code, value) in option_values(list, order) {
        match code {
            DROP_COUNT => {}
            COMMENT if options.keep.contains(&Keep::Comments) => {}
            FLAGS => continue,
            COMMENT => {
                counts.dropped("comments");
                continue;
            }
            _ => {
                counts.dropped("options");
                continue;
            }
        }
        kept.push(RawOption { code, value: value.to_vec() });
    }
    let mut bytes = Vec::new();
    put_options(&mut bytes, order, &kept);
    bytes
}

/// The flags of a frame that stay.
pub(super) fn flags(flags: FrameFlags) -> FrameFlags {
    FrameFlags(flags.0 & !CHECK_SEQUENCE)
}

/// The body of a block without a frame, where it stays.
pub(super) fn note(
    kind: u32,
    body: &[u8],
    order: ByteOrder,
    options: &Options,
    counts: &mut Counts,
) -> Option<Vec<u8>> {
    /// An interface and a time stand before the options.
    const HEAD: usize = 12;
    let (what, keep) = match kind {
        block::NAMES => ("blocks of names", Some(Keep::Names)),
        block::SECRETS => ("blocks of secrets", Some(Keep::Secrets)),
        // With other times theirs would be the one clue to what was shifted.
        InterfaceStatistics::KIND if options.shift == 0 => {
            let (head, list) = body.split_at_checked(HEAD)?;
            let counters =
                option_values(list, order).filter(|(code, value)| COUNTERS.contains(code) && value.len() == 8);
            let counters: Vec<_> = counters.map(|(code, value)| RawOption { code, value: value.to_vec() }).collect();
            let mut body = head.to_vec();
            put_options(&mut body, order, &counters);
            return Some(body);
        }
        InterfaceStatistics::KIND => ("blocks of statistics", None),
        _ => ("unknown blocks", None),
    };
    if keep.is_some_and(|keep| options.keep.contains(&keep)) {
        return Some(body.to_vec());
    }
    counts.dropped(what);
    None
}
