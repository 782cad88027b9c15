//! Running a program over packets, as the kernel would.
//!
//! Instructions are decoded once; a step is then one match on a small value.

use super::ast::Operator;
use super::check::{CheckError, check_rules};
use super::predicate::Op;
use super::value::{Size, apply};
use crate::bpf::{ANCILLARY, Instruction, Program, ancillary, code};

/// The instruction that asks question `k` about the packet from the offset in the index register on, and puts 1 for
/// yes or 0 for no into the accumulator: of a code that no kernel has, as nothing but this can run it.
pub(super) const ASK: u16 = code::LD | code::IND | 0x18;

/// What is known of a packet beside its bytes.
pub(super) trait Beside {
    /// How it came, as `PACKET_*` of linux/if_packet.h.
    fn packet_type(&self) -> Option<u32>;

    fn answer(&self, question: u32, at: u32) -> bool;
}

/// Nothing is known.
impl Beside for () {
    fn packet_type(&self) -> Option<u32> {
        None
    }

    fn answer(&self, _: u32, _: u32) -> bool {
        false
    }
}

/// A checked and decoded program.
#[derive(Clone, Debug)]
pub struct Executor {
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    LoadByte(u32),
    LoadHalf(u32),
    LoadWord(u32),
    LoadAt(Size, u32),
    PacketType,
    Ask(u32),
    /// Four times the lower half of a byte, into the index register.
    HeaderLen(u32),
    Constant(u32),
    IndexConstant(u32),
    Len,
    IndexLen,
    Memory(u8),
    IndexMemory(u8),
    Store(u8),
    StoreIndex(u8),
    ToIndex,
    FromIndex,
    Negate,
    Compute(Operator, u32),
    ComputeIndex(Operator),
    Jump(u32),
    /// A load and the comparison behind it, which stays in its place for those that jump to it.
    ByteIs {
        offset: u16,
        k: u32,
        yes: u8,
        no: u8,
    },
    HalfIs {
        offset: u16,
        k: u32,
        yes: u8,
        no: u8,
    },
    WordIs {
        offset: u16,
        k: u32,
        yes: u8,
        no: u8,
    },
    HalfHas {
        offset: u16,
        k: u32,
        yes: u8,
        no: u8,
    },
    HalfAtIs {
        offset: u16,
        k: u32,
        yes: u8,
        no: u8,
    },
    /// The length of an IPv4 header, and two bytes behind it.
    PortIs {
        header: u16,
        offset: u16,
        k: u16,
        yes: u8,
        no: u8,
    },
    IfEqual {
        k: u32,
        yes: u8,
        no: u8,
    },
    If {
        op: Op,
        k: u32,
        yes: u8,
        no: u8,
    },
    IfIndex {
        op: Op,
        yes: u8,
        no: u8,
    },
    Return(u32),
    ReturnA,
}

impl Executor {
    /// Checks and decodes a program, which may be longer than a kernel takes.
    ///
    /// # Errors
    /// The program breaks another rule of the kernel's.
    pub fn new(program: &Program) -> Result<Self, CheckError> {
        Self::decoded(program, false)
    }

    /// The same for a program that may ask questions.
    pub(super) fn asking(program: &Program) -> Result<Self, CheckError> {
        Self::decoded(program, true)
    }

    fn decoded(program: &Program, asks: bool) -> Result<Self, CheckError> {
        check_rules(program, asks)?;
        let decoded =
            program.instructions.iter().enumerate().map(|(place, i)| decode(*i).ok_or(CheckError::Code(place)));
        let mut steps: Vec<Step> = decoded.collect::<Result<_, _>>()?;
        fuse(&mut steps);
        Ok(Executor { steps })
    }

    /// How many bytes of the packet to keep; 0 refuses it.
    ///
    /// `data` is what was captured, `wire_len` the length on the wire. A read outside the captured bytes refuses the
    /// packet, as does one of what only a kernel has (interface, direction, a tag that was taken out).
    pub fn run(&self, data: &[u8], wire_len: u32) -> u32 {
        self.run_beside(data, wire_len, &())
    }

    /// The same for a program that asks of what is beside the packet.
    #[inline]
    pub(super) fn run_beside(&self, data: &[u8], wire_len: u32, beside: &impl Beside) -> u32 {
        self.steps_over(data, wire_len, beside).unwrap_or(0)
    }

    fn steps_over(&self, data: &[u8], wire_len: u32, beside: &impl Beside) -> Option<u32> {
        let (mut a, mut x) = (0u32, 0u32);
        let mut memory = [0u32; 16];
        let mut at: usize = 0;
        loop {
            let step = *self.steps.get(at)?;
            at = at.wrapping_add(1);
            match step {
                Step::HalfIs { offset, k, yes, no } => {
                    a = half(data, offset.into())?;
                    at = at.wrapping_add(usize::from(if a == k { yes } else { no }));
                }
                Step::ByteIs { offset, k, yes, no } => {
                    a = byte(data, offset.into())?;
                    at = at.wrapping_add(usize::from(if a == k { yes } else { no }));
                }
                Step::WordIs { offset, k, yes, no } => {
                    a = word(data, offset.into())?;
                    at = at.wrapping_add(usize::from(if a == k { yes } else { no }));
                }
                Step::HalfHas { offset, k, yes, no } => {
                    a = half(data, offset.into())?;
                    at = at.wrapping_add(usize::from(if a & k != 0 { yes } else { no }));
                }
                Step::HalfAtIs { offset, k, yes, no } => {
                    a = half(data, (x as usize).checked_add(offset.into())?)?;
                    at = at.wrapping_add(usize::from(if a == k { yes } else { no }));
                }
                Step::PortIs { header, offset, k, yes, no } => {
                    x = header_len(data, header.into())?;
                    a = half(data, (x as usize).checked_add(offset.into())?)?;
                    at = at.wrapping_add(usize::from(if a == u32::from(k) { yes } else { no }));
                }
                Step::LoadHalf(offset) => a = half(data, offset as usize)?,
                Step::LoadByte(offset) => a = byte(data, offset as usize)?,
                Step::LoadWord(offset) => a = word(data, offset as usize)?,
                Step::IfEqual { k, yes, no } => at = at.wrapping_add(usize::from(if a == k { yes } else { no })),
                Step::If { op, k, yes, no } => {
                    let holds = super::predicate::holds(a, op, k);
                    at = at.wrapping_add(usize::from(if holds { yes } else { no }));
                }
                Step::LoadAt(size, offset) => {
                    let place = (x as usize).checked_add(offset as usize)?;
                    a = match size {
                        Size::Byte => byte(data, place)?,
                        Size::Half => half(data, place)?,
                        Size::Word => word(data, place)?,
                    };
                }
                Step::PacketType => a = beside.packet_type()?,
                Step::Ask(question) => a = beside.answer(question, x).into(),
                Step::HeaderLen(offset) => x = header_len(data, offset as usize)?,
                Step::Return(len) => return Some(len),
                Step::ReturnA => return Some(a),
                Step::Constant(constant) => a = constant,
                Step::IndexConstant(constant) => x = constant,
                Step::Len => a = wire_len,
                Step::IndexLen => x = wire_len,
                Step::Memory(word) => a = *memory.get(usize::from(word))?,
                Step::IndexMemory(word) => x = *memory.get(usize::from(word))?,
                Step::Store(word) => *memory.get_mut(usize::from(word))? = a,
                Step::StoreIndex(word) => *memory.get_mut(usize::from(word))? = x,
                Step::ToIndex => x = a,
                Step::FromIndex => a = x,
                Step::Negate => a = a.wrapping_neg(),
                Step::Compute(operator, k) => a = apply(operator, a, k)?,
                Step::ComputeIndex(operator) => a = apply(operator, a, x)?,
                Step::Jump(distance) => at = at.checked_add(distance as usize)?,
                Step::IfIndex { op, yes, no } => {
                    let holds = super::predicate::holds(a, op, x);
                    at = at.wrapping_add(usize::from(if holds { yes } else { no }));
                }
            }
        }
    }
}

/// Joins what often stands in a row, from the end so that three can become one: a load and the comparison behind it,
/// and the length of an IPv4 header in front of both. The steps behind the first stay for those that jump to them.
fn fuse(steps: &mut [Step]) {
    for place in (1..steps.len()).rev() {
        if let Some([first, second]) = steps.get_mut(place.saturating_sub(1)..=place)
            && let Some(joined) = joined(*first, *second)
        {
            *first = joined;
        }
    }
}

/// Two steps as one, in place of the first: distances count from there.
fn joined(first: Step, second: Step) -> Option<Step> {
    let short = |offset: u32| u16::try_from(offset).ok();
    let farther = |yes: u8, no: u8| yes.checked_add(1).zip(no.checked_add(1));
    match (first, second) {
        (Step::LoadByte(at), Step::IfEqual { k, yes, no }) => {
            let ((yes, no), offset) = farther(yes, no).zip(short(at))?;
            Some(Step::ByteIs { offset, k, yes, no })
        }
        (Step::LoadHalf(at), Step::IfEqual { k, yes, no }) => {
            let ((yes, no), offset) = farther(yes, no).zip(short(at))?;
            Some(Step::HalfIs { offset, k, yes, no })
        }
        (Step::LoadWord(at), Step::IfEqual { k, yes, no }) => {
            let ((yes, no), offset) = farther(yes, no).zip(short(at))?;
            Some(Step::WordIs { offset, k, yes, no })
        }
        (Step::LoadHalf(at), Step::If { op: Op::AnyBit, k, yes, no }) => {
            let ((yes, no), offset) = farther(yes, no).zip(short(at))?;
            Some(Step::HalfHas { offset, k, yes, no })
        }
        (Step::LoadAt(Size::Half, at), Step::IfEqual { k, yes, no }) => {
            let ((yes, no), offset) = farther(yes, no).zip(short(at))?;
            Some(Step::HalfAtIs { offset, k, yes, no })
        }
        (Step::HeaderLen(at), Step::HalfAtIs { offset, k, yes, no }) => {
            let (yes, no) = farther(yes, no)?;
            Some(Step::PortIs { header: short(at)?, offset, k: u16::try_from(k).ok()?, yes, no })
        }
        _ => None,
    }
}

fn byte(data: &[u8], at: usize) -> Option<u32> {
    data.get(at).map(|byte| u32::from(*byte))
}

fn header_len(data: &[u8], at: usize) -> Option<u32> {
    byte(data, at).map(|byte| (byte & 0xf).wrapping_shl(2))
}

fn half(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from(u16::from_be_bytes(*bytes)))
}

fn word(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

fn decode(i: Instruction) -> Option<Step> {
    use code::*;
    let index = u8::try_from(i.k & 0xf).ok()?;
    let size = match i.code & 0x18 {
        B => Size::Byte,
        H => Size::Half,
        _ => Size::Word,
    };
    // What is beside the packet in a kernel is outside of it here.
    let offset = if i.k >= ANCILLARY { u32::MAX } else { i.k };
    Some(match (i.code & 0x07, i.code & 0xe0) {
        _ if i.code == ASK => Step::Ask(i.k),
        (LD, ABS) if i.k == ANCILLARY.wrapping_add(ancillary::PACKET_TYPE) => Step::PacketType,
        (LD, ABS) => match size {
            Size::Byte => Step::LoadByte(offset),
            Size::Half => Step::LoadHalf(offset),
            Size::Word => Step::LoadWord(offset),
        },
        (LD, IND) => Step::LoadAt(size, i.k),
        (LD, IMM) => Step::Constant(i.k),
        (LD, LEN) => Step::Len,
        (LD, MEM) => Step::Memory(index),
        (LDX, IMM) => Step::IndexConstant(i.k),
        (LDX, LEN) => Step::IndexLen,
        (LDX, MEM) => Step::IndexMemory(index),
        (LDX, _) => Step::HeaderLen(i.k),
        (ST, _) => Step::Store(index),
        (STX, _) => Step::StoreIndex(index),
        (ALU, _) if i.code & 0xf0 == NEG => Step::Negate,
        (ALU, _) => {
            let operator = match i.code & 0xf0 {
                ADD => Operator::Add,
                SUB => Operator::Sub,
                MUL => Operator::Mul,
                DIV => Operator::Div,
                OR => Operator::Or,
                AND => Operator::And,
                LSH => Operator::Lsh,
                RSH => Operator::Rsh,
                MOD => Operator::Mod,
                XOR => Operator::Xor,
                _ => return None,
            };
            if i.code & X == X { Step::ComputeIndex(operator) } else { Step::Compute(operator, i.k) }
        }
        (JMP, _) => {
            let op = match i.code & 0xf0 {
                JA => return Some(Step::Jump(i.k)),
                JEQ => Op::Equal,
                JGT => Op::Greater,
                JGE => Op::GreaterEqual,
                JSET => Op::AnyBit,
                _ => return None,
            };
            let (yes, no) = (i.jt, i.jf);
            match op {
                _ if i.code & X == X => Step::IfIndex { op, yes, no },
                Op::Equal => Step::IfEqual { k: i.k, yes, no },
                _ => Step::If { op, k: i.k, yes, no },
            }
        }
        (RET, _) if i.code & A == A => Step::ReturnA,
        (RET, _) => Step::Return(i.k),
        (MISC, _) => {
            if i.code & TXA == TXA {
                Step::FromIndex
            } else {
                Step::ToIndex
            }
        }
        _ => return None,
    })
}
