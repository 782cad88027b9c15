//! Classic BPF as the kernel takes it: an instruction, a program, and the three ways to print one.
//!
//! A program reads a packet with an accumulator, an index register and sixteen memory words, jumps forward only,
//! and returns how many bytes of the packet to keep: 0 refuses it. See bpf(4) and
//! Documentation/networking/filter.rst of the kernel.

use std::fmt;

/// Parts of [`Instruction::code`], with the kernel's names.
pub mod code {
    pub const LD: u16 = 0x00;
    pub const LDX: u16 = 0x01;
    pub const ST: u16 = 0x02;
    pub const STX: u16 = 0x03;
    pub const ALU: u16 = 0x04;
    pub const JMP: u16 = 0x05;
    pub const RET: u16 = 0x06;
    pub const MISC: u16 = 0x07;

    pub const W: u16 = 0x00;
    pub const H: u16 = 0x08;
    pub const B: u16 = 0x10;

    pub const IMM: u16 = 0x00;
    pub const ABS: u16 = 0x20;
    pub const IND: u16 = 0x40;
    pub const MEM: u16 = 0x60;
    pub const LEN: u16 = 0x80;
    pub const MSH: u16 = 0xa0;

    pub const ADD: u16 = 0x00;
    pub const SUB: u16 = 0x10;
    pub const MUL: u16 = 0x20;
    pub const DIV: u16 = 0x30;
    pub const OR: u16 = 0x40;
    pub const AND: u16 = 0x50;
    pub const LSH: u16 = 0x60;
    pub const RSH: u16 = 0x70;
    pub const NEG: u16 = 0x80;
    pub const MOD: u16 = 0x90;
    pub const XOR: u16 = 0xa0;

    pub const JA: u16 = 0x00;
    pub const JEQ: u16 = 0x10;
    pub const JGT: u16 = 0x20;
    pub const JGE: u16 = 0x30;
    pub const JSET: u16 = 0x40;

    pub const K: u16 = 0x00;
    pub const X: u16 = 0x08;
    pub const A: u16 = 0x10;

    pub const TAX: u16 = 0x00;
    pub const TXA: u16 = 0x80;
}

/// Memory words of the machine.
pub const MEMORY_WORDS: u32 = 16;
/// The most instructions that the kernel takes.
pub const MAX_INSTRUCTIONS: usize = 4096;

/// Absolute loads from here on read what the kernel keeps beside the packet's bytes, not the bytes
/// (`SKF_AD_OFF` of linux/filter.h).
pub const ANCILLARY: u32 = 0xffff_f000;

/// What the kernel keeps beside a packet, as offsets from [`ANCILLARY`].
pub mod ancillary {
    pub const PROTOCOL: u32 = 0;
    pub const PACKET_TYPE: u32 = 4;
    pub const INTERFACE_INDEX: u32 = 8;
    pub const VLAN_TAG: u32 = 44;
    pub const VLAN_TAG_PRESENT: u32 = 48;

    /// Every offset that the kernel knows, with the name that dumps give it.
    pub const ALL: &[(u32, &str)] = &[
        (PROTOCOL, "proto"),
        (PACKET_TYPE, "type"),
        (INTERFACE_INDEX, "ifidx"),
        (12, "nla"),
        (16, "nlan"),
        (20, "mark"),
        (24, "queue"),
        (28, "hatype"),
        (32, "rxhash"),
        (36, "cpu"),
        (40, "pay_offset"),
        (VLAN_TAG, "vlan_tci"),
        (VLAN_TAG_PRESENT, "vlanp"),
        (52, "pay_offset"),
        (56, "random"),
        (60, "vlan_tpid"),
    ];
}

/// One instruction: `struct sock_filter` of linux/filter.h.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Instruction {
    /// Class, size, mode and operation, or-ed together from [`code`].
    pub code: u16,
    /// Instructions to skip when a test holds.
    pub jt: u8,
    /// Instructions to skip when it does not.
    pub jf: u8,
    /// The constant: an offset, a value, a memory word, a distance.
    pub k: u32,
}

impl Instruction {
    /// An instruction that is no conditional jump.
    pub fn new(code: u16, k: u32) -> Self {
        Instruction { code, jt: 0, jf: 0, k }
    }

    /// A conditional jump.
    pub fn jump(code: u16, k: u32, jt: u8, jf: u8) -> Self {
        Instruction { code, jt, jf, k }
    }

    /// The name of the operation and its operand as text, as tcpdump `-d` writes them.
    fn parts(self, place: usize) -> (&'static str, String) {
        use code::*;
        let k = self.k;
        let load = match self.code & 0x18 {
            H => "ldh",
            B => "ldb",
            _ => "ld",
        };
        match self.code & 0x07 {
            LD => match self.code & 0xe0 {
                IMM => ("ld", format!("#0x{k:x}")),
                ABS => (load, absolute(k)),
                IND => (load, format!("[x + {k}]")),
                MEM => ("ld", format!("M[{k}]")),
                LEN => ("ld", "#pktlen".to_owned()),
                _ => ("unimp", format!("0x{:x}", self.code)),
            },
            LDX => match self.code & 0xe0 {
                IMM => ("ldx", format!("#0x{k:x}")),
                MEM => ("ldx", format!("M[{k}]")),
                LEN => ("ldx", "#pktlen".to_owned()),
                MSH => ("ldxb", format!("4*([{k}]&0xf)")),
                _ => ("unimp", format!("0x{:x}", self.code)),
            },
            ST => ("st", format!("M[{k}]")),
            STX => ("stx", format!("M[{k}]")),
            ALU => {
                let name = match self.code & 0xf0 {
                    ADD => "add",
                    SUB => "sub",
                    MUL => "mul",
                    DIV => "div",
                    OR => "or",
                    AND => "and",
                    LSH => "lsh",
                    RSH => "rsh",
                    NEG => return ("neg", String::new()),
                    MOD => "mod",
                    XOR => "xor",
                    _ => return ("unimp", format!("0x{:x}", self.code)),
                };
                let operand = match (self.code & X, self.code & 0xf0) {
                    (X, _) => "x".to_owned(),
                    (_, OR | AND | XOR) => format!("#0x{k:x}"),
                    _ => format!("#{k}"),
                };
                (name, operand)
            }
            JMP => {
                let name = match self.code & 0xf0 {
                    JEQ => "jeq",
                    JGT => "jgt",
                    JGE => "jge",
                    JSET => "jset",
                    _ => return ("ja", format!("{}", place.saturating_add(1).saturating_add(k as usize))),
                };
                (name, if self.code & X == X { "x".to_owned() } else { format!("#0x{k:x}") })
            }
            RET => ("ret", if self.code & A == A { String::new() } else { format!("#{k}") }),
            _ => (if self.code & TXA == TXA { "txa" } else { "tax" }, String::new()),
        }
    }

    /// Whether it is a conditional jump.
    pub fn is_branch(self) -> bool {
        self.code & 0x07 == code::JMP && self.code & 0xf0 != code::JA
    }
}

fn absolute(k: u32) -> String {
    match k.checked_sub(ANCILLARY) {
        None => format!("[{k}]"),
        Some(offset) => match ancillary::ALL.iter().find(|known| known.0 == offset) {
            Some((_, name)) => format!("[{name}]"),
            None => format!("[0x{k:x}]"),
        },
    }
}

/// A program: what is attached to a socket, and what our own executor runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Program {
    pub instructions: Vec<Instruction>,
}

impl Program {
    /// A program that keeps `len` bytes of every packet; 0 refuses all.
    pub fn constant(len: u32) -> Self {
        Program { instructions: vec![Instruction::new(code::RET, len)] }
    }

    /// As C initialisers, one a line: tcpdump `-dd`.
    pub fn c_text(&self) -> String {
        let line = |i: &Instruction| format!("{{ 0x{:x}, {}, {}, 0x{:08x} }},\n", i.code, i.jt, i.jf, i.k);
        self.instructions.iter().map(line).collect()
    }

    /// As decimal numbers, their count first: tcpdump `-ddd`.
    pub fn decimal_text(&self) -> String {
        let line = |i: &Instruction| format!("{} {} {} {}\n", i.code, i.jt, i.jf, i.k);
        let lines: String = self.instructions.iter().map(line).collect();
        format!("{}\n{lines}", self.instructions.len())
    }
}

/// One instruction a line with its number, jump targets as numbers: tcpdump `-d`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, instruction) in self.instructions.iter().enumerate() {
            let (name, operand) = instruction.parts(place);
            if instruction.is_branch() {
                let next = place.saturating_add(1);
                let jt = next.saturating_add(instruction.jt.into());
                let jf = next.saturating_add(instruction.jf.into());
                writeln!(f, "({place:03}) {name:<8} {operand:<16} jt {jt}\tjf {jf}")?;
            } else {
                writeln!(f, "({place:03}) {name:<8} {operand}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip() -> Program {
        Program {
            instructions: vec![
                Instruction::new(code::LD | code::H | code::ABS, 12),
                Instruction::jump(code::JMP | code::JEQ, 0x800, 0, 1),
                Instruction::new(code::RET, 262_144),
                Instruction::new(code::RET, 0),
            ],
        }
    }

    #[test]
    fn the_three_dumps_are_tcpdumps() {
        let text = "(000) ldh      [12]\n\
                    (001) jeq      #0x800           jt 2\tjf 3\n\
                    (002) ret      #262144\n\
                    (003) ret      #0\n";
        assert_eq!(ip().to_string(), text);
        assert_eq!(ip().decimal_text(), "4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0\n");
        assert_eq!(ip().c_text().lines().next(), Some("{ 0x28, 0, 0, 0x0000000c },"));
    }

    #[test]
    fn ancillary_loads_have_names() {
        let load = Instruction::new(code::LD | code::B | code::ABS, ANCILLARY + ancillary::VLAN_TAG_PRESENT);
        assert_eq!(load.parts(0), ("ldb", "[vlanp]".to_owned()));
    }
}
