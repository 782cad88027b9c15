//! Where a connection was captured, as far as its packets tell.

use super::answer::Confidence;

/// Where a connection was captured: what is told about a side is sure only where nothing could be lost on the way to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vantage {
    /// On the client or its link: no router had passed on what it sent.
    Client,
    /// On the server or its link.
    Server,
    /// On a link that both are on.
    Both,
    /// On the way between routers.
    Between,
    Unknown,
}

impl Vantage {
    /// Found by how many routers the packets of either side could still pass; 0 where it sent none. One that has all that systems
    /// give a packet at first has passed none.
    pub(in crate::flow) fn of(client: u8, server: u8) -> Vantage {
        let is_near = |hops: u8| (hops > 0).then_some(matches!(hops, 32 | 64 | 128 | 255));
        match (is_near(client), is_near(server)) {
            (Some(true), Some(true)) => Vantage::Both,
            (Some(true), _) => Vantage::Client,
            (_, Some(true)) => Vantage::Server,
            (Some(false), Some(false)) => Vantage::Between,
            _ => Vantage::Unknown,
        }
    }

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Vantage::Client => "client",
            Vantage::Server => "server",
            Vantage::Both => "both",
            Vantage::Between => "between",
            Vantage::Unknown => "unknown",
        }
    }

    /// How sure it is what the client was told.
    pub(super) fn at_client(self) -> Confidence {
        if matches!(self, Vantage::Client | Vantage::Both) { Confidence::Certain } else { Confidence::Likely }
    }

    /// How sure it is what the server was told.
    pub(super) fn at_server(self) -> Confidence {
        if matches!(self, Vantage::Server | Vantage::Both) { Confidence::Certain } else { Confidence::Likely }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_live_tells_how_near_a_side_is() {
        for (client, server, vantage) in [
            (64, 63, Vantage::Client),
            (128, 0, Vantage::Client),
            (50, 255, Vantage::Server),
            (64, 64, Vantage::Both),
            (57, 113, Vantage::Between),
            (57, 0, Vantage::Unknown),
            (0, 0, Vantage::Unknown),
        ] {
            assert_eq!(Vantage::of(client, server), vantage, "{client:?} {server:?}");
        }
    }
}
