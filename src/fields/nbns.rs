//! Fields of NetBIOS's name service.

use super::{Value, Visitor};
use crate::decode::dns::{HEADER, Message};
use crate::decode::{Short, Span};

fields! { nbns, "nbns", Plain, "Name service of NetBIOS (RFC 1002)";
    ID "id" Number "Identifier of query and answer" ["nbns.id" "dns.trans_id" ""];
    IS_RESPONSE "response" Bool "An answer, not a query" ["nbns.flags.response" "" ""];
    OPERATION "opcode" Number "0 query, 5 registration, 6 release, 7 wait, 8 refresh" ["nbns.flags.opcode" "" ""];
    RESPONSE_CODE "rcode" Number "0 no error, 3 no such name, 6 the name is another's" ["nbns.flags.rcode" "" ""];
    NAME "name" Text "Names asked for and told, with what each stands for in hexadecimal: `FILES<20>`" ["nbns.name" "dns.query" ""];
    TYPE "type" Number "Types asked for and told: 32 name, 33 status; the nth belongs to the nth name" ["nbns.type" "dns.qtype" ""];
    TTL "ttl" Number "How long a name that is told holds, in seconds" ["nbns.ttl" "dns.TTLs" ""];
    ADDRESS "address" Ip "Addresses of a name" ["nbns.addr" "dns.answers" ""];
}

/// The type of a record that tells a name's addresses, each behind two bytes of flags.
const NB: u16 = 32;
const STATUS: u16 = 33;

/// A name in a question or record: where it stands, its type, and for a record how long it holds and its data.
struct Entry<'a> {
    name: usize,
    kind: u16,
    record: Option<(u32, &'a [u8])>,
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Message::parse(span)?;
    out.put(&ID, message.id());
    out.put(&IS_RESPONSE, message.is_response());
    out.put(&OPERATION, message.operation());
    if message.is_response() {
        out.put(&RESPONSE_CODE, message.flags() & 15);
    }
    if entries(message).next().is_some() {
        out.list(&NAME, entries(message).filter_map(|entry| Some(Value::Netbios(message.name(entry.name).next()?.ok()?))));
        out.list(&TYPE, entries(message).map(|entry| entry.kind));
    }
    let records = || entries(message).filter_map(|entry| Some((entry.kind, entry.record?)));
    if records().next().is_some() {
        out.list(&TTL, records().map(|(_, (ttl, _))| ttl));
    }
    let tell = |(kind, (_, data)): (u16, (u32, &'a [u8]))| (kind == NB).then_some(data);
    let addresses = || records().filter_map(tell).flat_map(|data| data.as_chunks().0);
    if addresses().next().is_some() {
        out.list(&ADDRESS, addresses().map(|[_, _, a, b, c, d]| [*a, *b, *c, *d]));
    }
    if span.is_cut() { Err(span.short(span.wire())) } else { Ok(()) }
}

/// The questions and records of a message, as far as they can be read.
fn entries(message: Message<'_>) -> impl Iterator<Item = Entry<'_>> {
    let [mut questions, records @ ..] = message.counts();
    let mut records: u32 = records.into_iter().map(u32::from).sum();
    let mut at = HEADER;
    std::iter::from_fn(move || {
        if let Some(left) = questions.checked_sub(1) {
            questions = left;
            let (question, behind) = message.question(at)?;
            at = behind;
            return Some(Entry { name: question.name, kind: question.kind, record: None });
        }
        records = records.checked_sub(1)?;
        let name = at;
        let record = message.record(message.skip_name(at)?)?;
        at = record.end;
        let data = message.span().bytes().get(record.data..record.end)?;
        Some(Entry { name, kind: record.kind, record: Some((record.ttl, data)) })
    })
    .filter(|entry| matches!(entry.kind, NB | STATUS))
}
