//! Blocks to a program: where each stands, and how far the jumps are.
//!
//! The program is put together from its end, so every distance is known when a jump is written. A branch reaches 255
//! instructions; what is further away is reached over an island, an instruction that returns or jumps on, which all
//! branches in reach share.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::graph::NodeId;
use crate::bpf::{Instruction, Program, code};

/// A node's instructions, and how it ends.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub node: NodeId,
    pub code: Vec<Instruction>,
    pub end: End,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum End {
    Verdict(bool),
    Next(NodeId),
    Branch { code: u16, k: u32, yes: NodeId, no: NodeId },
}

/// Puts blocks, all of whose ways lead forward, one behind the other.
pub(super) fn layout(blocks: Vec<Block>, snap_len: u32) -> Option<Program> {
    let mut layout = Layout { snap_len, ..Layout::default() };
    for block in merged(blocks) {
        layout.put(block)?;
    }
    layout.backwards.reverse();
    Some(Program { instructions: layout.backwards })
}

/// The blocks from the last to the first, without those that do the same as a later one: such as tests of one
/// constant, whatever is in the register there.
fn merged(blocks: Vec<Block>) -> Vec<Block> {
    let mut kept: HashMap<(Vec<Instruction>, End), NodeId> = HashMap::new();
    let mut moved: HashMap<NodeId, NodeId> = HashMap::new();
    let mut result: Vec<Block> = Vec::new();
    for Block { node, code, end } in blocks.into_iter().rev() {
        let target = |node: NodeId| moved.get(&node).copied().unwrap_or(node);
        let end = match end {
            End::Verdict(_) => end,
            End::Next(next) => End::Next(target(next)),
            End::Branch { code, k, yes, no } => End::Branch { code, k, yes: target(yes), no: target(no) },
        };
        match kept.entry((code, end)) {
            Entry::Occupied(same) => {
                moved.insert(node, *same.get());
            }
            Entry::Vacant(place) => {
                result.push(Block { node, code: place.key().0.clone(), end });
                place.insert(node);
            }
        }
    }
    result
}

#[derive(Default)]
struct Layout {
    snap_len: u32,
    /// The program so far, its last instruction first.
    backwards: Vec<Instruction>,
    /// Where nodes begin, counted in instructions to the end of the program.
    starts: HashMap<NodeId, Start>,
    /// The nearest island for a node, counted like that.
    islands: HashMap<NodeId, usize>,
}

#[derive(Clone, Copy)]
struct Start {
    to_end: usize,
    verdict: Option<bool>,
}

impl Layout {
    /// Puts a block before all that are there.
    fn put(&mut self, block: Block) -> Option<()> {
        let mut verdict = None;
        match block.end {
            End::Verdict(accept) => {
                verdict = Some(accept);
                self.backwards.push(self.returns(accept));
            }
            End::Next(next) => {
                if self.distance(self.starts.get(&next)?.to_end)? != 0 {
                    self.jump_on(next)?;
                }
            }
            End::Branch { code, k, yes, no } => {
                // An island for one way moves the other out of reach by one.
                while self.reach(yes).is_none() || self.reach(no).is_none() {
                    let far = if self.reach(yes).is_none() { yes } else { no };
                    self.jump_on(far)?;
                    self.islands.insert(far, self.backwards.len());
                }
                let (jt, jf) = (self.reach(yes)?, self.reach(no)?);
                self.backwards.push(Instruction::jump(code, k, jt, jf));
            }
        }
        self.backwards.extend(block.code.iter().rev());
        self.starts.insert(block.node, Start { to_end: self.backwards.len(), verdict });
        Some(())
    }

    fn returns(&self, accept: bool) -> Instruction {
        Instruction::new(code::RET, if accept { self.snap_len } else { 0 })
    }

    /// Returns as a node would, or jumps to it.
    fn jump_on(&mut self, node: NodeId) -> Option<()> {
        let start = *self.starts.get(&node)?;
        let instruction = match start.verdict {
            Some(accept) => self.returns(accept),
            None => Instruction::new(code::JMP | code::JA, u32::try_from(self.distance(start.to_end)?).ok()?),
        };
        self.backwards.push(instruction);
        Some(())
    }

    /// How many instructions there are before the one that is so far from the end.
    fn distance(&self, to_end: usize) -> Option<usize> {
        self.backwards.len().checked_sub(to_end)
    }

    /// The distance of a node or of an island for it, if a branch reaches so far.
    fn reach(&self, node: NodeId) -> Option<u8> {
        let places = [self.starts.get(&node).map(|start| start.to_end), self.islands.get(&node).copied()];
        places.into_iter().flatten().find_map(|to_end| u8::try_from(self.distance(to_end)?).ok())
    }
}
