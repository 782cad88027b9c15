//! Fields of the spanning tree protocols.

use super::Visitor;
use crate::decode::llc::{Llc, OUI_BRIDGED, OUI_CISCO, SAP_STP, Snap};
use crate::decode::stp::{Bpdu, TOPOLOGY_CHANGE};
use crate::decode::{Short, Span};

fields! { stp, "stp", Plain, "Spanning tree protocol (IEEE 802.1D)";
    VERSION "version" Number @2..3 "0 STP, 2 RSTP, 3 MSTP, 4 SPT" ["stp.version" "" ""];
    TYPE "type" Number @3..4 "0 configuration, 2 rapid, 128 topology change" ["stp.type" "" ""];
    FLAGS "flags" Number @4..5 "Topology change, proposal, role, learning, … from the lowest bit on" ["stp.flags" "" ""];
    ROOT_PRIORITY ("root") "priority" Number @5..7 "Priority of the root, in steps of 4096" ["stp.root.prio" "" ""];
    ROOT_TREE ("root") "tree" Number @5..7 "The tree that it is the root of: a VLAN where each has its own" ["stp.root.ext" "" ""];
    ROOT_ADDRESS ("root") "address" Mac @7..13 "Address of the root" ["stp.root.hw" "" ""];
    ROOT_COST ("root") "cost" Number @13..17 "The sender's cost to the root" ["stp.root.cost" "" ""];
    BRIDGE_PRIORITY ("bridge") "priority" Number @17..19 "Priority of the sender, in steps of 4096" ["stp.bridge.prio" "" ""];
    BRIDGE_TREE ("bridge") "tree" Number @17..19 "The tree that this is about" ["stp.bridge.ext" "" ""];
    BRIDGE_ADDRESS ("bridge") "address" Mac @19..25 "Address of the sender" ["stp.bridge.hw" "" ""];
    PORT "port" Number @25..27 "Port that it was sent from" ["stp.port" "" ""];
    AGE "message_age" Number @27..29 "Age of what it says, in 256ths of a second" ["stp.msg_age" "" ""];
    MAX_AGE "max_age" Number @29..31 "At what age it is void, in 256ths of a second" ["stp.max_age" "" ""];
    HELLO "hello_time" Number @31..33 "Time between configurations, in 256ths of a second" ["stp.hello" "" ""];
    DELAY "forward_delay" Number @33..35 "Time in each state before forwarding, in 256ths of a second" ["stp.forward" "" ""];
}

/// Where a unit stands behind a header of logical link control, if one does.
pub(super) fn inside<'a>(header: &Llc<'a>) -> Option<Span<'a>> {
    let behind = header.span().skip(header.header_len());
    match header.snap() {
        // Cisco's tree for each VLAN, its VLAN bridge, and a unit that was bridged (RFC 2684).
        Some(Snap { oui: OUI_CISCO, protocol: 0x010b | 0x010c } | Snap { oui: OUI_BRIDGED, protocol: 0x000e }) => {
            Some(behind.skip(5))
        }
        _ => (header.datagram() == Some(SAP_STP)).then_some(behind),
    }
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let unit = Bpdu::parse(span)?;
    out.maybe(&VERSION, unit.version());
    out.maybe(&TYPE, unit.kind());
    if unit.kind() == Some(TOPOLOGY_CHANGE) {
        return Ok(());
    }
    out.maybe(&FLAGS, unit.flags());
    out.part(super::Part::Object("root"), |out| {
        out.maybe(&ROOT_PRIORITY, unit.root().map(|id| id.priority() & 0xf000));
        out.maybe(&ROOT_TREE, unit.root().map(|id| id.priority() & 0x0fff));
        out.maybe(&ROOT_ADDRESS, unit.root().map(|id| id.address()));
        out.maybe(&ROOT_COST, unit.root_cost());
    });
    out.part(super::Part::Object("bridge"), |out| {
        out.maybe(&BRIDGE_PRIORITY, unit.bridge().map(|id| id.priority() & 0xf000));
        out.maybe(&BRIDGE_TREE, unit.bridge().map(|id| id.priority() & 0x0fff));
        out.maybe(&BRIDGE_ADDRESS, unit.bridge().map(|id| id.address()));
    });
    out.maybe(&PORT, unit.port());
    if let Some([age, max_age, hello, delay]) = unit.timers() {
        out.put(&AGE, age);
        out.put(&MAX_AGE, max_age);
        out.put(&HELLO, hello);
        out.put(&DELAY, delay);
    }
    Ok(())
}
