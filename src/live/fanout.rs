//! How the kernel shares the packets of an interface among the workers that receive them (`PACKET_FANOUT`, packet(7)).

/// By what a packet's worker is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Fanout {
    /// By addresses and ports: both directions of a connection go to one worker.
    #[default]
    Hash,
    /// One after the other.
    Balance,
    /// By the processor that received it: nothing is shared between processors.
    Cpu,
    /// By the queue of the card that it came through.
    Queue,
}

impl Fanout {
    /// The number of the mode.
    pub(super) fn mode(self) -> u32 {
        match self {
            Fanout::Hash => libc::PACKET_FANOUT_HASH,
            Fanout::Balance => libc::PACKET_FANOUT_LB,
            Fanout::Cpu => libc::PACKET_FANOUT_CPU,
            Fanout::Queue => libc::PACKET_FANOUT_QM,
        }
    }
}
