//! Whether the kernel would take a program: the rules of `bpf_check_classic` and `check_load_and_stores` in
//! net/core/filter.c. A program that passes ends on every packet, reads no memory word before it is written, and
//! never leaves its own instructions.

use super::execute::ASK;
use crate::bpf::{ANCILLARY, Instruction, MAX_INSTRUCTIONS, MEMORY_WORDS, Program, ancillary, code};

/// What is wrong with a program, and with which instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CheckError {
    #[error("a program has 1 to {MAX_INSTRUCTIONS} instructions, not {0}")]
    Length(usize),
    #[error("instruction {0} has an unknown code")]
    Code(usize),
    #[error("instruction {0} divides by 0 or shifts by more than 31 bits")]
    Operand(usize),
    #[error("instruction {0} names a memory word that does not exist")]
    Word(usize),
    #[error("instruction {0} jumps out of the program")]
    Jump(usize),
    #[error("instruction {0} reads what the kernel does not keep")]
    Ancillary(usize),
    #[error("the last instruction does not return")]
    End,
    #[error("instruction {0} reads a memory word that may not have been written")]
    Unwritten(usize),
}

/// Checks a program by the kernel's rules.
///
/// # Errors
/// The first rule that is broken, and where.
pub fn check(program: &Program) -> Result<(), CheckError> {
    match program.instructions.len() {
        1..=MAX_INSTRUCTIONS => check_rules(program, false),
        len => Err(CheckError::Length(len)),
    }
}

/// The same for a program that stays in this process, which may be longer than a kernel takes and may, if it is told so,
/// ask questions.
pub(super) fn check_rules(program: &Program, asks: bool) -> Result<(), CheckError> {
    let instructions = &program.instructions;
    let len = instructions.len();
    if len == 0 {
        return Err(CheckError::Length(len));
    }
    for (place, instruction) in instructions.iter().enumerate() {
        if instruction.code != ASK || !asks {
            check_one(*instruction, place, len)?;
        }
    }
    match instructions.last() {
        Some(last) if last.code & 0x07 == code::RET => check_memory(instructions),
        _ => Err(CheckError::End),
    }
}

fn check_one(i: Instruction, place: usize, len: usize) -> Result<(), CheckError> {
    use code::*;
    let inside = |skip: usize| place.checked_add(skip).and_then(|n| n.checked_add(1)).is_some_and(|next| next < len);
    let word = i.k < MEMORY_WORDS;
    match i.code & 0x07 {
        LD | LDX => match i.code {
            // Absolute and indexed loads of 4, 2 and 1 bytes.
            0x20 | 0x28 | 0x30 => match i.k.checked_sub(ANCILLARY) {
                Some(which) if !ancillary::ALL.iter().any(|known| known.0 == which) => {
                    Err(CheckError::Ancillary(place))
                }
                _ => Ok(()),
            },
            0x40 | 0x48 | 0x50 | 0x00 | 0x80 | 0x01 | 0x81 | 0xb1 => Ok(()),
            0x60 | 0x61 if word => Ok(()),
            0x60 | 0x61 => Err(CheckError::Word(place)),
            _ => Err(CheckError::Code(place)),
        },
        ST | STX if i.code > 0x07 => Err(CheckError::Code(place)),
        ST | STX if !word => Err(CheckError::Word(place)),
        ST | STX => Ok(()),
        ALU => match (i.code & 0xf0, i.code & X) {
            (NEG, 0) => Ok(()),
            (ADD | SUB | MUL | OR | AND | XOR, _) | (DIV | MOD | LSH | RSH, X) => Ok(()),
            (DIV | MOD, _) if i.k == 0 => Err(CheckError::Operand(place)),
            (LSH | RSH, _) if i.k > 31 => Err(CheckError::Operand(place)),
            (DIV | MOD | LSH | RSH, _) => Ok(()),
            _ => Err(CheckError::Code(place)),
        },
        JMP => match i.code & 0xf8 {
            JA if usize::try_from(i.k).is_ok_and(inside) => Ok(()),
            JA => Err(CheckError::Jump(place)),
            _ if i.code & 0xf0 > JSET || i.code & 0xf0 == JA => Err(CheckError::Code(place)),
            _ if inside(i.jt.into()) && inside(i.jf.into()) => Ok(()),
            _ => Err(CheckError::Jump(place)),
        },
        RET if matches!(i.code, 0x06 | 0x16) => Ok(()),
        MISC if matches!(i.code, 0x07 | 0x87) => Ok(()),
        _ => Err(CheckError::Code(place)),
    }?;
    if i.code > 0xff { Err(CheckError::Code(place)) } else { Ok(()) }
}

/// Follows which memory words are written on every path; jumps go forward, so one pass does.
fn check_memory(instructions: &[Instruction]) -> Result<(), CheckError> {
    let mut before = vec![u16::MAX; instructions.len()];
    let mut written = 0u16;
    for (place, i) in instructions.iter().enumerate() {
        written &= before.get(place).copied().unwrap_or(0);
        let bit = 1u16.checked_shl(i.k).unwrap_or(0);
        let mut reach = |skip: usize| {
            let target = place.saturating_add(1).saturating_add(skip);
            if let Some(mask) = before.get_mut(target) {
                *mask &= written;
            }
        };
        match (i.code & 0x07, i.code) {
            (code::ST | code::STX, _) => written |= bit,
            (_, 0x60 | 0x61) if written & bit == 0 => return Err(CheckError::Unwritten(place)),
            (code::JMP, 0x05) => {
                reach(i.k as usize);
                written = u16::MAX;
            }
            (code::JMP, _) => {
                reach(i.jt.into());
                reach(i.jf.into());
                written = u16::MAX;
            }
            (code::RET, _) => written = u16::MAX,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(instructions: &[(u16, u8, u8, u32)]) -> Result<(), CheckError> {
        let instructions = instructions.iter().map(|&(code, jt, jf, k)| Instruction { code, jt, jf, k }).collect();
        check(&Program { instructions })
    }

    const RET: (u16, u8, u8, u32) = (6, 0, 0, 1);

    #[test]
    fn the_kernels_rules_hold() {
        assert_eq!(result(&[RET]), Ok(()));
        assert_eq!(result(&[]), Err(CheckError::Length(0)));
        assert_eq!(result(&[RET; 4097]), Err(CheckError::Length(4097)));
        assert_eq!(result(&[(0x20, 0, 0, 0)]), Err(CheckError::End));
        assert_eq!(result(&[(0xff, 0, 0, 0), RET]), Err(CheckError::Code(0)));
        assert_eq!(result(&[(0x106, 0, 0, 0), RET]), Err(CheckError::Code(0)));
        assert_eq!(result(&[(0x34, 0, 0, 0), RET]), Err(CheckError::Operand(0)));
        assert_eq!(result(&[(0x64, 0, 0, 32), RET]), Err(CheckError::Operand(0)));
        assert_eq!(result(&[(0x02, 0, 0, 16), RET]), Err(CheckError::Word(0)));
        assert_eq!(result(&[(0x15, 0, 1, 0), RET]), Err(CheckError::Jump(0)));
        assert_eq!(result(&[(0x05, 0, 0, u32::MAX), RET]), Err(CheckError::Jump(0)));
        assert_eq!(result(&[(0x20, 0, 0, ANCILLARY + 1), RET]), Err(CheckError::Ancillary(0)));
    }

    #[test]
    fn memory_is_written_before_it_is_read_on_every_path() {
        assert_eq!(result(&[(0x60, 0, 0, 3), RET]), Err(CheckError::Unwritten(0)));
        assert_eq!(result(&[(0x02, 0, 0, 3), (0x60, 0, 0, 3), RET]), Ok(()));
        let one_way = [(0x15, 0, 1, 0), (0x02, 0, 0, 3), (0x60, 0, 0, 3), RET];
        assert_eq!(result(&one_way), Err(CheckError::Unwritten(2)));
    }
}
