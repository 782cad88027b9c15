//! The program that runs in the kernel: the user's filter for each link type, behind the questions that are
//! ours to ask (direction, the second sight of a loopback frame).
//!
//! Classic BPF, with Linux's loads of what is known beside the bytes (Linux: linux/filter.h, `SKF_AD_*`).

use std::fmt;
use std::sync::Arc;

use super::{Direction, Error};
use crate::bpf::{Instruction, Program};
use crate::frame::LinkType;
use crate::live::walk::COOKED;

/// Instructions that the kernel takes at most (`BPF_MAXINSNS`).
const MOST: usize = 4096;

const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
const LOAD_WORD_INDEXED: u16 = 0x40;
const LOAD_HALF_INDEXED: u16 = 0x48;
const LOAD_BYTE_INDEXED: u16 = 0x50;
const INDEX_FROM_HEADER_LENGTH: u16 = 0xb1;
const LOAD_NUMBER: u16 = 0x00;
const JUMP: u16 = 0x05;
const JUMP_IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;

/// Loads from here on are of what is beside the bytes.
const BESIDE: u32 = 0xffff_f000;
const PROTOCOL: u32 = BESIDE;
const PACKET_TYPE: u32 = BESIDE + 4;
const INTERFACE: u32 = BESIDE + 8;
const HARDWARE: u32 = BESIDE + 28;
/// Loads from here up to [`BESIDE`] count from the network header (`SKF_NET_OFF`).
const NETWORK: u32 = 0xfff0_0000;

/// A filter expression, and how it becomes a program for frames of a link type.
#[derive(Clone)]
pub struct Filter {
    text: String,
    compile: Arc<Compile>,
}

type Compile = dyn Fn(LinkType) -> Result<Program, Box<dyn std::error::Error + Send + Sync>> + Send + Sync;

impl Filter {
    /// `compile` is asked once for each link type that the capture may meet, so one filter serves interfaces
    /// of several kinds. What its program returns is the snap length. A tag that the kernel stripped is
    /// not in the bytes that the program sees: it has to ask for it by `SKF_AD_VLAN_TAG_PRESENT` and the like.
    pub fn new(
        text: impl Into<String>,
        compile: impl Fn(LinkType) -> Result<Program, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        Filter { text: text.into(), compile: Arc::new(compile) }
    }

    /// The expression, as the user wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn program(&self, link_type: LinkType) -> Result<Vec<Instruction>, Error> {
        let program = (self.compile)(link_type).map_err(|source| Error::Filter {
            expression: self.text.clone(),
            link_type,
            source,
        })?;
        Ok(program.instructions)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({:?})", self.text)
    }
}

/// What a socket's packets look like to a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// They begin with a link header of this type.
    Link(LinkType),
    /// They begin with the link header of whichever interface they are from.
    Any,
    /// They begin with a link header of no known type.
    Other,
}

/// The programs of a socket by what its packets may look like: made once, as later there may be no file to look up names
/// in.
#[derive(Debug, Default)]
pub(super) struct Programs(Vec<(View, Vec<Instruction>)>);

impl Programs {
    /// Those of a socket on an interface that is there.
    pub(super) fn one(
        view: View,
        direction: Direction,
        limit: u32,
        filter: Option<&Filter>,
    ) -> Result<Programs, Error> {
        Ok(Programs(vec![(view, assemble(view, direction, limit, filter)?)]))
    }

    /// Adds those for every link type that an interface may come back with. One for which the filter has no meaning
    /// has none.
    pub(super) fn and_all(mut self, direction: Direction, limit: u32, filter: Option<&Filter>) -> Programs {
        let views = super::link::ALL.iter().map(|link_type| View::Link(*link_type)).chain([View::Other]);
        for view in views {
            if self.of(view).is_none()
                && let Ok(program) = assemble(view, direction, limit, filter)
            {
                self.0.push((view, program));
            }
        }
        self
    }

    pub(super) fn of(&self, view: View) -> Option<&[Instruction]> {
        self.0.iter().find(|(of, _)| *of == view).map(|(_, program)| program.as_slice())
    }
}

fn plain(code: u16, k: u32) -> Instruction {
    Instruction { code, jt: 0, jf: 0, k }
}

fn unless_equal(k: u32, skip: u8) -> Instruction {
    Instruction { code: JUMP_IF_EQUAL, jt: 0, jf: skip, k }
}

fn if_equal(k: u32, skip: u8) -> Instruction {
    Instruction { code: JUMP_IF_EQUAL, jt: skip, jf: 0, k }
}

/// Refuses every packet.
pub(super) const REFUSE_ALL: &[Instruction] = &[Instruction { code: RETURN, jt: 0, jf: 0, k: 0 }];

/// The whole program of a socket. Without a filter it keeps `limit` bytes of each packet.
pub(super) fn assemble(
    view: View,
    direction: Direction,
    limit: u32,
    filter: Option<&Filter>,
) -> Result<Vec<Instruction>, Error> {
    let mut program = direction_check(direction);
    match (filter, view) {
        (None, _) => program.push(plain(RETURN, limit)),
        (Some(filter), View::Link(link_type)) => program.extend(filter.program(link_type)?),
        (Some(filter), View::Any) => program.extend(by_hardware(filter)?),
        (Some(filter), View::Other) => program.extend(cooked(filter)?),
    }
    if program.len() > MOST {
        return Err(Error::LongFilter { instructions: program.len(), most: MOST });
    }
    Ok(program)
}

/// Refuses what goes the wrong way. What a loopback interface sends it also receives: the first sight is refused.
fn direction_check(direction: Direction) -> Vec<Instruction> {
    let outgoing = u32::from(libc::PACKET_OUTGOING);
    let loopback = u32::from(libc::ARPHRD_LOOPBACK);
    let mut check = vec![plain(LOAD_BYTE, PACKET_TYPE)];
    match direction {
        Direction::Both => check.extend([
            unless_equal(outgoing, 3),
            plain(LOAD_HALF, HARDWARE),
            unless_equal(loopback, 1),
            plain(RETURN, 0),
        ]),
        Direction::In => check.extend([unless_equal(outgoing, 1), plain(RETURN, 0)]),
        Direction::Out => check.extend([
            unless_equal(outgoing, 2),
            plain(LOAD_HALF, HARDWARE),
            unless_equal(loopback, 1),
            plain(RETURN, 0),
        ]),
    }
    // A program begins with zero in its register.
    check.push(plain(LOAD_NUMBER, 0));
    check
}

/// A filter for each kind of interface, chosen by the hardware type of the one that a packet is from.
fn by_hardware(filter: &Filter) -> Result<Vec<Instruction>, Error> {
    let kinds = [
        (filter.program(LinkType::EN10MB)?, super::link::ETHERNET),
        (filter.program(LinkType::RAW)?, super::link::RAW),
    ];
    let mut program = vec![plain(LOAD_HALF, HARDWARE)];
    for (body, hardware) in kinds {
        // Out of the tests at the first match, into the body; past it otherwise.
        for (at, kind) in hardware.iter().enumerate() {
            let rest = hardware.len().saturating_sub(at);
            program.push(if_equal(u32::from(*kind), u8::try_from(rest).unwrap_or(u8::MAX)));
        }
        let past = u32::try_from(body.len()).unwrap_or(u32::MAX).saturating_add(1);
        program.push(plain(JUMP, past));
        program.push(plain(LOAD_NUMBER, 0));
        program.extend(body);
    }
    program.push(plain(LOAD_NUMBER, 0));
    program.extend(cooked(filter)?);
    Ok(program)
}

/// The program for LINUX_SLL2 frames, for packets that have no such header yet: its fields are loaded from beside
/// the bytes, and what follows it from the network header. (A length is that of the packet, link header
/// included.)
fn cooked(filter: &Filter) -> Result<Vec<Instruction>, Error> {
    let mut program = filter.program(LinkType::LINUX_SLL2)?;
    for instruction in &mut program {
        let k = &mut instruction.k;
        let behind = k.checked_sub(COOKED).and_then(|k| NETWORK.checked_add(k));
        match (instruction.code, *k, behind) {
            (LOAD_WORD | LOAD_HALF | LOAD_BYTE, NETWORK.., _) => {}
            (LOAD_HALF, 0, _) => *k = PROTOCOL,
            (LOAD_WORD, 4, _) => *k = INTERFACE,
            (LOAD_HALF, 8, _) => *k = HARDWARE,
            (LOAD_BYTE, 10, _) => *k = PACKET_TYPE,
            (
                LOAD_WORD
                | LOAD_HALF
                | LOAD_BYTE
                | LOAD_WORD_INDEXED
                | LOAD_HALF_INDEXED
                | LOAD_BYTE_INDEXED
                | INDEX_FROM_HEADER_LENGTH,
                offset,
                behind,
            ) => *k = behind.ok_or(Error::CookedField { offset })?,
            _ => {}
        }
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(instructions: Vec<Instruction>) -> Filter {
        Filter::new("test", move |_| Ok(Program { instructions: instructions.clone() }))
    }

    #[test]
    fn without_a_filter_the_limit_is_returned() {
        let program = assemble(View::Any, Direction::In, 96, None).unwrap();
        assert_eq!(program.last(), Some(&plain(RETURN, 96)));
    }

    #[test]
    fn fields_of_the_cooked_header_are_loaded_from_beside_the_bytes() {
        let program = vec![
            plain(LOAD_HALF, 0),
            plain(LOAD_WORD, 4),
            plain(LOAD_HALF, 8),
            plain(LOAD_BYTE, 10),
            plain(LOAD_BYTE, 29),
            plain(INDEX_FROM_HEADER_LENGTH, 20),
            plain(LOAD_HALF_INDEXED, 22),
            plain(LOAD_HALF, BESIDE + 48),
            plain(RETURN, 7),
        ];
        let offsets: Vec<u32> = cooked(&filter(program)).unwrap().iter().map(|i| i.k).collect();
        let expected = [PROTOCOL, INTERFACE, HARDWARE, PACKET_TYPE, NETWORK + 9, NETWORK, NETWORK + 2, BESIDE + 48, 7];
        assert_eq!(offsets, expected);
        let unknown = cooked(&filter(vec![plain(LOAD_BYTE, 12)]));
        assert!(matches!(unknown, Err(Error::CookedField { offset: 12 })));
    }

    #[test]
    fn a_filter_too_long_for_the_kernel_is_refused() {
        let filter = filter(vec![plain(RETURN, 0); 4096]);
        let result = assemble(View::Link(LinkType::EN10MB), Direction::Both, 0, Some(&filter));
        assert!(matches!(result, Err(Error::LongFilter { .. })));
    }
}
