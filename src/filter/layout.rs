//! Blocks to a program: where each stands, and how far the jumps are.

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

/// A branch reaches this far; what is further away is reached by a jump of its own right behind the branch.
const REACH: usize = u8::MAX as usize;

/// Puts blocks, all of whose ways lead forward, one behind the other.
pub(super) fn layout(blocks: Vec<Block>, snap_len: u32) -> Option<Program> {
    let blocks = merged(blocks);
    let mut layout = Layout::new(&blocks)?;
    while layout.stretch() {}
    layout.program(snap_len)
}

/// Keeps one of blocks that do the same: such as tests of one constant, whatever is in the register there. The last
/// of them is kept, which is behind all that lead to it.
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
    result.reverse();
    result
}

struct Layout<'b> {
    blocks: &'b [Block],
    /// The block of each node, by its number.
    place_of: Vec<usize>,
    /// For each block, whether its two ways on need a jump of their own.
    far: Vec<(bool, bool)>,
    starts: Vec<usize>,
}

impl<'b> Layout<'b> {
    fn new(blocks: &'b [Block]) -> Option<Self> {
        let highest = blocks.iter().map(|block| block.node.index()).max()?;
        let mut place_of = vec![usize::MAX; highest.checked_add(1)?];
        for (place, block) in blocks.iter().enumerate() {
            *place_of.get_mut(block.node.index())? = place;
        }
        let mut layout = Layout { blocks, place_of, far: vec![(false, false); blocks.len()], starts: Vec::new() };
        layout.measure();
        Some(layout)
    }

    fn place(&self, node: NodeId) -> usize {
        self.place_of.get(node.index()).copied().unwrap_or(usize::MAX)
    }

    fn start(&self, node: NodeId) -> usize {
        self.starts.get(self.place(node)).copied().unwrap_or(usize::MAX)
    }

    /// How many instructions end a block.
    fn end_len(&self, place: usize, block: &Block) -> usize {
        let far = self.far.get(place).copied().unwrap_or_default();
        match block.end {
            End::Verdict(_) => 1,
            End::Next(next) => usize::from(self.place(next) != place.saturating_add(1)),
            End::Branch { .. } => 1usize.saturating_add(far.0.into()).saturating_add(far.1.into()),
        }
    }

    fn measure(&mut self) {
        let mut starts = Vec::with_capacity(self.blocks.len());
        let mut at: usize = 0;
        for (place, block) in self.blocks.iter().enumerate() {
            starts.push(at);
            at = at.saturating_add(block.code.len()).saturating_add(self.end_len(place, block));
        }
        self.starts = starts;
    }

    /// The instruction behind the branch of a block.
    fn behind(&self, place: usize, block: &Block) -> usize {
        let start = self.starts.get(place).copied().unwrap_or(0);
        start.saturating_add(block.code.len()).saturating_add(1)
    }

    /// Gives jumps of their own to ways that have become too long; whether there were any.
    fn stretch(&mut self) -> bool {
        let mut changed = false;
        for (place, block) in self.blocks.iter().enumerate() {
            let End::Branch { yes, no, .. } = block.end else { continue };
            let behind = self.behind(place, block);
            let too_far = |node| self.start(node).saturating_sub(behind) > REACH;
            let (yes, no) = (too_far(yes), too_far(no));
            if let Some(far) = self.far.get_mut(place) {
                let new = (far.0 || yes, far.1 || no);
                changed |= *far != new;
                *far = new;
            }
        }
        if changed {
            self.measure();
        }
        changed
    }

    fn program(&self, snap_len: u32) -> Option<Program> {
        let mut instructions = Vec::new();
        let verdict = |accept: bool| Instruction::new(code::RET, if accept { snap_len } else { 0 });
        for (place, block) in self.blocks.iter().enumerate() {
            instructions.extend_from_slice(&block.code);
            let behind = self.behind(place, block);
            let jump = |node: NodeId, from: usize| -> Option<Instruction> {
                if let Some(Block { end: End::Verdict(accept), .. }) = self.blocks.get(self.place(node)) {
                    return Some(verdict(*accept));
                }
                let distance = u32::try_from(self.start(node).checked_sub(from)?).ok()?;
                Some(Instruction::new(code::JMP | code::JA, distance))
            };
            match block.end {
                End::Verdict(accept) => instructions.push(verdict(accept)),
                End::Next(next) if self.place(next) == place.checked_add(1)? => {}
                End::Next(next) => instructions.push(jump(next, behind)?),
                End::Branch { code, k, yes, no } => {
                    let far = self.far.get(place).copied().unwrap_or_default();
                    let distance = |node| u8::try_from(self.start(node).checked_sub(behind)?).ok();
                    let jt = if far.0 { 0 } else { distance(yes)? };
                    let jf = if far.1 { u8::from(far.0) } else { distance(no)? };
                    instructions.push(Instruction::jump(code, k, jt, jf));
                    if far.0 {
                        instructions.push(jump(yes, behind.checked_add(1)?)?);
                    }
                    if far.1 {
                        instructions.push(jump(no, behind.checked_add(1)?.checked_add(far.0.into())?)?);
                    }
                }
            }
        }
        Some(Program { instructions })
    }
}
