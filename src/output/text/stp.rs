//! Lines of the spanning tree protocols.

use super::words::padded;
use super::{Page, Sheet, whole};
use crate::decode::stp::{self, Bpdu, BridgeId, Instance, Region};
use crate::decode::{Cause, Span};

/// The least bytes of a configuration, and of the longer one of the rapid protocol.
const CONFIGURATION: usize = 35;
const RAPID: usize = 36;
/// The least bytes of a unit for several trees, those before the length of its region has effect, and the least of
/// what is behind that for shortest paths.
const MULTIPLE: usize = 102;
const MULTIPLE_HEAD: usize = 38;
const SHORTEST_PATH: usize = 85;

/// Prints one unit.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    if span.wire() < 4 {
        return page.sheet.put(" (invalid)");
    }
    let bpdu = match Bpdu::parse(span) {
        Ok(bpdu) => bpdu,
        Err(short) if short.cause == Cause::Capture => return page.truncated("stp"),
        Err(_) => {
            page.sheet.put("unknown STP version, length ");
            return page.sheet.len_of(span.wire());
        }
    };
    if unit(page.sheet, &bpdu, page.options.verbose).is_none() {
        page.truncated("stp");
    }
}

/// What the unit says; none where bytes for that are missing.
fn unit(sheet: &mut Sheet, bpdu: &Bpdu<'_>, verbose: u8) -> Option<()> {
    let version = bpdu.version()?;
    sheet.put("STP ");
    match version {
        stp::VERSION_STP => sheet.put("802.1d"),
        stp::VERSION_RAPID => sheet.put("802.1w"),
        stp::VERSION_MULTIPLE => sheet.put("802.1s"),
        stp::VERSION_SHORTEST_PATH => sheet.put("802.1aq"),
        _ => {
            sheet.put("Unknown STP protocol (0x");
            sheet.hex_padded(version, 2);
            sheet.put(")");
            return Some(());
        }
    }
    let length = bpdu.span().wire();
    match (bpdu.kind()?, version) {
        (stp::CONFIGURATION, _) => {
            sheet.put(", Config");
            configuration(sheet, bpdu, length >= CONFIGURATION, verbose)
        }
        (stp::RAPID, stp::VERSION_RAPID) => {
            sheet.put(", Rapid STP");
            configuration(sheet, bpdu, length >= RAPID, verbose)
        }
        (stp::RAPID, stp::VERSION_MULTIPLE | stp::VERSION_SHORTEST_PATH) => {
            sheet.put(", Rapid STP");
            if length < MULTIPLE || bpdu.version_1_length()? != 0 {
                sheet.put(" (invalid)");
                return Some(());
            }
            let region = bpdu.region();
            if length < MULTIPLE_HEAD.saturating_add(region.length()?.into()) {
                sheet.put(" (invalid)");
                return Some(());
            }
            let bits = bpdu.flags()?;
            sheet.put(", CIST");
            flags(sheet, bits);
            sheet.put(", length ");
            sheet.len_of(length);
            if verbose > 0 {
                tree(sheet, bpdu)?;
                self::region(sheet, &region)?;
            }
            if version == stp::VERSION_SHORTEST_PATH {
                shortest_path(sheet, region.behind(), verbose)
            } else {
                Some(())
            }
        }
        (stp::RAPID, _) => {
            sheet.put(", Rapid STP");
            Some(())
        }
        (stp::TOPOLOGY_CHANGE, _) => {
            sheet.put(", Topology Change");
            Some(())
        }
        (kind, _) => {
            sheet.put(", Unknown BPDU Type (0x");
            sheet.hex_padded(kind, 2);
            sheet.put(")");
            Some(())
        }
    }
}

fn configuration(sheet: &mut Sheet, bpdu: &Bpdu<'_>, whole: bool, verbose: u8) -> Option<()> {
    if !whole {
        sheet.put(" (invalid)");
        return Some(());
    }
    let bits = bpdu.flags()?;
    sheet.put(",");
    flags(sheet, bits);
    let (bridge, port) = (bpdu.bridge()?, bpdu.port()?);
    sheet.put(", bridge-id ");
    bridge_id(sheet, bridge);
    sheet.put(".");
    sheet.hex_padded(port, 4);
    sheet.put(", length ");
    sheet.len_of(bpdu.span().wire());
    if verbose == 0 {
        return Some(());
    }
    timers(sheet, bpdu)?;
    sheet.put("\n\troot-id ");
    bridge_id(sheet, bpdu.root()?);
    sheet.put(", root-pathcost ");
    sheet.dec(bpdu.root_cost()?);
    if bpdu.version() == Some(stp::VERSION_RAPID) {
        sheet.put(", port-role ");
        sheet.put(port_role(bits));
    }
    Some(())
}

/// The common tree of a unit for several trees.
fn tree(sheet: &mut Sheet, bpdu: &Bpdu<'_>) -> Option<()> {
    sheet.put("\n\tport-role ");
    sheet.put(port_role(bpdu.flags()?));
    sheet.put(", CIST root-id ");
    bridge_id(sheet, bpdu.root()?);
    sheet.put(", CIST ext-pathcost ");
    sheet.dec(bpdu.root_cost()?);
    sheet.put("\n\tCIST regional-root-id ");
    bridge_id(sheet, bpdu.bridge()?);
    sheet.put(", CIST port-id ");
    sheet.hex_padded(bpdu.port()?, 4);
    sheet.put(",");
    timers(sheet, bpdu)
}

fn region(sheet: &mut Sheet, region: &Region<'_>) -> Option<()> {
    let length = region.length()?;
    sheet.put("\n\tv3len ");
    sheet.dec(length);
    sheet.put(", MCID Name ");
    name(sheet, region.name())?;
    let (revision, digest) = (region.revision()?, region.digest()?);
    sheet.put(", rev ");
    sheet.dec(revision);
    sheet.put(",\n\t\tdigest ");
    sheet.hex_bytes(&digest, "");
    sheet.put(", ");
    let cost = region.root_cost()?;
    sheet.put("CIST int-root-pathcost ");
    sheet.dec(cost);
    sheet.put(",");
    let bridge = region.bridge()?;
    sheet.put("\n\tCIST bridge-id ");
    bridge_id(sheet, bridge);
    sheet.put(", ");
    let hops = region.remaining_hops()?;
    sheet.put("CIST remaining-hops ");
    sheet.dec(hops);
    for instance in region.instances() {
        self::instance(sheet, &instance)?;
    }
    Some(())
}

/// A name in a field that zero bytes fill up.
fn name(sheet: &mut Sheet, field: Span<'_>) -> Option<()> {
    padded(sheet, field.bytes());
    if field.bytes().contains(&0) { Some(()) } else { whole(field) }
}

fn instance(sheet: &mut Sheet, instance: &Instance<'_>) -> Option<()> {
    let (bits, number) = (instance.flags()?, instance.number()?);
    sheet.put("\n\tMSTI ");
    sheet.dec(number);
    sheet.put(",");
    flags(sheet, bits);
    sheet.put(", port-role ");
    sheet.put(port_role(bits));
    let (root, cost) = (instance.root()?, instance.root_cost()?);
    sheet.put("\n\t\tMSTI regional-root-id ");
    bridge_id(sheet, root);
    sheet.put(", pathcost ");
    sheet.dec(cost);
    let priorities = instance.priorities()?;
    for (name, number) in ["\n\t\tMSTI bridge-prio ", ", port-prio ", ", hops "].into_iter().zip(priorities) {
        sheet.put(name);
        sheet.dec(number);
    }
    Some(())
}

/// What bridges agree on for shortest paths (802.1aq), behind its own length.
fn shortest_path(sheet: &mut Sheet, part: Span<'_>, verbose: u8) -> Option<()> {
    let length = part.u16_at(0)?;
    let size = usize::from(length);
    if size < SHORTEST_PATH || part.wire() < size.saturating_add(2) {
        sheet.put(" (invalid)");
        return Some(());
    }
    if verbose == 0 {
        return Some(());
    }
    sheet.put("\n\tv4len ");
    sheet.dec(length);
    sheet.put(", AUXMCID Name ");
    name(sheet, part.skip(3).limit(32))?;
    let (revision, digest) = (part.u16_at(35)?, part.array_at::<16>(37)?);
    sheet.put(", Rev ");
    sheet.dec(revision);
    sheet.put(",\n\t\tdigest ");
    sheet.hex_bytes(&digest, "");
    let [agreement, _, format, convention, high, low] = part.array_at(53)?;
    let agreed = part.array_at::<20>(67)?;
    for (name, number) in [
        ("\n\tAgreement num ", agreement >> 6),
        (", Discarded Agreement num ", agreement >> 4 & 3),
        (", Agreement valid-flag ", agreement >> 3 & 1),
        (",\n\tRestricted role-flag: ", agreement >> 2 & 1),
        (", Format id ", format >> 4),
        (" cap ", format),
        (", Convention id ", convention >> 4),
        (" cap ", convention),
    ] {
        sheet.put(name);
        sheet.dec(number);
    }
    sheet.put(",\n\tEdge count ");
    sheet.dec(u16::from_be_bytes([high, low]));
    sheet.put(", Agreement digest ");
    sheet.hex_bytes(&agreed, "");
    Some(())
}

fn flags(sheet: &mut Sheet, flags: u8) {
    let names = [
        (0x01, "Topology change"),
        (0x02, "Proposal"),
        (0x10, "Learn"),
        (0x20, "Forward"),
        (0x40, "Agreement"),
        (0x80, "Topology change ACK"),
    ];
    sheet.put(" Flags [");
    let mut joint = "";
    for (_, name) in names.iter().filter(|(bit, _)| flags & bit != 0) {
        sheet.put(joint);
        sheet.put(name);
        joint = ", ";
    }
    sheet.put(if joint.is_empty() { "none]" } else { "]" });
}

fn port_role(flags: u8) -> &'static str {
    match flags >> 2 & 3 {
        0 => "Unknown",
        1 => "Alternate",
        2 => "Root",
        _ => "Designated",
    }
}

fn bridge_id(sheet: &mut Sheet, bridge: BridgeId) {
    sheet.hex_padded(bridge.priority(), 4);
    sheet.put(".");
    sheet.mac_number(bridge.address());
}

fn timers(sheet: &mut Sheet, bpdu: &Bpdu<'_>) -> Option<()> {
    let names = ["\n\tmessage-age ", ", max-age ", ", hello-time ", ", forwarding-delay "];
    for (name, timer) in names.into_iter().zip(bpdu.timers()?) {
        sheet.put(name);
        seconds(sheet, timer);
    }
    Some(())
}

/// 256ths of a second, to two places, halves to even as printf(3) rounds.
fn seconds(sheet: &mut Sheet, parts: u16) {
    let scaled = u32::from(parts).wrapping_mul(100);
    let (whole, rest) = (scaled >> 8, scaled & 0xff);
    let up = rest > 128 || (rest == 128 && whole & 1 == 1);
    let hundredths = whole.wrapping_add(u32::from(up));
    sheet.dec(hundredths / 100);
    sheet.put(".");
    sheet.dec_padded((hundredths % 100).into(), 2);
    sheet.put("s");
}
