//! Fields of SNMP versions 1, 2c and 3.

use super::{Part, Value, Visitor};
use crate::decode::asn1::{Element, class};
use crate::decode::{Short, Span};

fields! { snmp, "snmp", Plain, "Simple network management protocol (RFC 1157, RFC 3416, RFC 3412)";
    VERSION "version" Number "0 version 1, 1 version 2c, 3 version 3" ["snmp.version" "snmp.version" "snmp.version"];
    COMMUNITY "community" Text "Community (versions 1 and 2c)" ["snmp.community" "snmp.community" "snmp.community"];
    MESSAGE "message_id" Number "Message (version 3)" ["snmp.msgID" "" ""];
    FLAGS "flags" Number "1 authenticated, 2 encrypted, 4 to be answered (version 3)" ["" "" ""];
    ENGINE "engine_id" Bytes "Engine that is the authority (version 3)" ["snmp.msgAuthoritativeEngineID" "" ""];
    BOOTS "engine_boots" Number "How often it was started" ["snmp.msgAuthoritativeEngineBoots" "" ""];
    ENGINE_TIME "engine_time" Number "Seconds since it was" ["snmp.msgAuthoritativeEngineTime" "" ""];
    USER "user" Text "Name of the user (version 3)" ["snmp.msgUserName" "" "snmp.usm"];
    CONTEXT "context" Text "Context of the variables (version 3)" ["snmp.contextName" "" ""];
    TYPE "type" Number "0 get, 1 get next, 2 response, 3 set, 4 trap of version 1, 5 get bulk, 6 inform, 7 trap, 8 report" ["snmp.data" "" "snmp.pdu_type"];
    REQUEST "request_id" Number "Identifier of request and response" ["snmp.request_id" "" ""];
    ERROR "error_status" Number "What went wrong" ["snmp.error_status" "" ""];
    ERROR_INDEX "error_index" Number "With which variable, from 1" ["snmp.error_index" "" ""];
    NON_REPEATERS "non_repeaters" Number "Variables that are asked for once (get bulk)" ["snmp.non_repeaters" "" ""];
    REPETITIONS "max_repetitions" Number "How often the others are (get bulk)" ["snmp.max_repetitions" "" ""];
    ENTERPRISE "enterprise" Text "What sent a trap, an object identifier (version 1)" ["snmp.enterprise" "" ""];
    AGENT "agent_ip" Ip "Its address (version 1)" ["snmp.agent_addr" "" ""];
    GENERIC "generic_trap" Number "0 cold start, 1 warm start, 2 link down, 3 link up, 6 see the specific one (version 1)" ["snmp.generic_trap" "" "snmp.trap_type"];
    SPECIFIC "specific_trap" Number "The enterprise's own number of it (version 1)" ["snmp.specific_trap" "" ""];
    UPTIME "uptime" Number "Since when the agent runs, in hundredths of a second (version 1)" ["snmp.time_stamp" "" ""];
    NAME ("variable") "name" Text "Name of a variable, an object identifier" ["snmp.name" "" "snmp.vars"];
    SIGNED ("variable") "integer" Number "Its value, if that is an integer" ["snmp.value.int" "" ""];
    NUMBER ("variable") "number" Number "Its value, if that is a counter, a gauge or a time" ["" "" ""];
    OCTETS ("variable") "octets" Bytes "Its value, if that is a string" ["snmp.value.octets" "" ""];
    IDENTIFIER ("variable") "oid" Text "Its value, if that is an object identifier" ["snmp.value.oid" "" ""];
    ADDRESS ("variable") "address" Ip "Its value, if that is an address" ["snmp.value.ipv4" "" ""];
    ABSENT ("variable") "absent" Text "Why it has none: no_object, no_instance, end" ["" "" ""];
}

const VERSION_3: i32 = 3;

/// Universal tags (X.690).
const INTEGER: u8 = 2;
const OCTET_STRING: u8 = 4;
const OBJECT_IDENTIFIER: u8 = 6;
const SEQUENCE: u8 = 16;

/// Data units of other forms than the rest.
const TRAP: u8 = 4;
const GET_BULK: u8 = 5;

/// Elements, one after the other.
struct Elements<'a>(Span<'a>);

impl<'a> Elements<'a> {
    /// The elements within the next one.
    fn sequence(&mut self) -> Option<Elements<'a>> {
        self.next().filter(|element| element.tag == SEQUENCE).map(|element| Elements(element.content))
    }

    fn integer(&mut self) -> Option<i32> {
        self.next().filter(|element| element.tag == INTEGER).map(|element| element.integer())
    }

    /// None where not all of it was captured.
    fn string(&mut self) -> Option<&'a [u8]> {
        let element = self.next().filter(|element| element.tag == OCTET_STRING)?;
        (!element.content.is_cut()).then_some(element.content.bytes())
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (element, behind) = Element::parse(self.0).ok()?;
        self.0 = behind;
        Some(element)
    }
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    // What does not fit ends the fields: whether it fits is told by the lines of text.
    let _ = message(span, out);
    if span.is_cut() { Err(span.short(span.wire())) } else { Ok(()) }
}

fn message<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Option<()> {
    let mut parts = Elements(span).sequence()?;
    let version = parts.integer()?;
    out.put(&VERSION, version);
    if version != VERSION_3 {
        out.put(&COMMUNITY, Value::Text(parts.string()?));
        return data_unit(&mut parts, out);
    }
    let mut header = parts.sequence()?;
    out.put(&MESSAGE, header.integer()?);
    let _max_size = header.integer()?;
    out.maybe(&FLAGS, header.string()?.first().copied());
    let security = parts.string()?;
    if let Some(mut security) = Elements(Span::new(security, security.len())).sequence() {
        out.put(&ENGINE, Value::Bytes(security.string()?));
        out.put(&BOOTS, security.integer()?);
        out.put(&ENGINE_TIME, security.integer()?);
        out.put(&USER, Value::Text(security.string()?));
    }
    // An octet string where it is encrypted.
    let mut scoped = parts.sequence()?;
    let _engine = scoped.string()?;
    out.put(&CONTEXT, Value::Text(scoped.string()?));
    data_unit(&mut scoped, out)
}

fn data_unit<'a>(parts: &mut Elements<'a>, out: &mut impl Visitor<'a>) -> Option<()> {
    let unit = parts.next().filter(|unit| unit.class == class::CONTEXT)?;
    out.put(&TYPE, unit.tag);
    let mut parts = Elements(unit.content);
    if unit.tag == TRAP {
        out.put(&ENTERPRISE, Value::ObjectIdentifier(parts.next()?));
        out.maybe(&AGENT, parts.next()?.content.array_at::<4>(0));
        out.put(&GENERIC, parts.integer()?);
        out.put(&SPECIFIC, parts.integer()?);
        out.put(&UPTIME, parts.next()?.unsigned());
    } else {
        out.put(&REQUEST, parts.integer()?);
        let bulk = unit.tag == GET_BULK;
        out.put(if bulk { &NON_REPEATERS } else { &ERROR }, parts.integer()?);
        out.put(if bulk { &REPETITIONS } else { &ERROR_INDEX }, parts.integer()?);
    }
    let mut variables = parts.sequence()?.peekable();
    if variables.peek().is_some() {
        out.part(Part::Group("variable"), |out| {
            for variable in variables {
                out.part(Part::Item, |out| {
                    let mut parts = Elements(variable.content);
                    let named = parts.next().filter(|name| name.tag == OBJECT_IDENTIFIER && !name.content.is_cut());
                    if let Some(name) = named {
                        out.put(&NAME, Value::ObjectIdentifier(name));
                        parts.next().into_iter().for_each(|element| value(element, out));
                    }
                });
            }
        });
    }
    Some(())
}

/// What a variable holds (RFC 2578, 7.1).
fn value<'a>(element: Element<'a>, out: &mut impl Visitor<'a>) {
    if element.content.is_cut() {
        return;
    }
    match (element.class, element.tag) {
        (class::UNIVERSAL, INTEGER) => out.put(&SIGNED, element.integer()),
        (class::UNIVERSAL, OCTET_STRING) | (class::APPLICATION, 4) => {
            out.put(&OCTETS, Value::Bytes(element.content.bytes()));
        }
        (class::UNIVERSAL, OBJECT_IDENTIFIER) => out.put(&IDENTIFIER, Value::ObjectIdentifier(element)),
        (class::APPLICATION, 0) => out.maybe(&ADDRESS, element.content.array_at::<4>(0)),
        (class::APPLICATION, 1..=3 | 6 | 7) => out.put(&NUMBER, element.unsigned()),
        (class::CONTEXT, 0) => out.put(&ABSENT, "no_object"),
        (class::CONTEXT, 1) => out.put(&ABSENT, "no_instance"),
        (class::CONTEXT, 2) => out.put(&ABSENT, "end"),
        _ => {}
    }
}
