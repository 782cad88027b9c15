//! A classic BPF program: what the filter compiler makes, and what the kernel and our executor run.

/// One instruction (Linux: `struct sock_filter`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Instruction {
    pub code: u16,
    pub jt: u8,
    pub jf: u8,
    pub k: u32,
}

/// A program: for each frame it returns how many bytes of it to keep, 0 for none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Program {
    pub instructions: Vec<Instruction>,
}
