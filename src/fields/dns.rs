//! Fields of DNS, multicast DNS and LLMNR.

use std::ops::Range;

use super::{Part, Value, Visitor};
use crate::decode::dns::{HEADER, Message, Record, kind};
use crate::decode::{Short, Span};

fields! { dns, "dns", Plain, "Domain name system (RFC 1035), also multicast DNS and LLMNR";
    ID "id" Number @0..2 "Identifier of query and answer" ["dns.id" "dns.trans_id" "dns.id"];
    IS_RESPONSE "response" Bool @2..3 "An answer, not a query" ["dns.flags.response" "" "dns.type"];
    OPERATION "opcode" Number @2..3 "0 query, 4 notify, 5 update" ["dns.flags.opcode" "dns.opcode" "dns.opcode"];
    AUTHORITATIVE ("flags") "aa" Bool @2..3 "The answer is authoritative" ["dns.flags.authoritative" "dns.AA" "dns.aa"];
    TRUNCATED ("flags") "tc" Bool @2..3 "The answer was cut" ["dns.flags.truncated" "dns.TC" "dns.tc"];
    RECURSION_DESIRED ("flags") "rd" Bool @2..3 "Recursion is asked for" ["dns.flags.recdesired" "dns.RD" "dns.rd"];
    RECURSION_AVAILABLE ("flags") "ra" Bool @3..4 "Recursion is offered" ["dns.flags.recavail" "dns.RA" "dns.ra"];
    AUTHENTIC ("flags") "ad" Bool @3..4 "The answer was validated" ["dns.flags.authenticated" "" ""];
    CHECKING_DISABLED ("flags") "cd" Bool @3..4 "The answer need not be validated" ["dns.flags.checkdisable" "" ""];
    RESPONSE_CODE "rcode" Number @3..4 "0 no error, 2 server failure, 3 no such name, 5 refused; with the bits of EDNS" ["dns.flags.rcode" "dns.rcode" "dns.rcode"];
    QUESTIONS "questions" Number @4..6 "How many questions it says it has" ["dns.count.queries" "" ""];
    ANSWERS "answers" Number @6..8 "How many answers it says it has" ["dns.count.answers" "" ""];
    AUTHORITIES "authorities" Number @8..10 "How many authorities it says it has" ["dns.count.auth_rr" "" ""];
    ADDITIONALS "additionals" Number @10..12 "How many additional records it says it has" ["dns.count.add_rr" "" ""];
    QUESTION_NAME "qname" Text "Names asked for" ["dns.qry.name" "dns.query" "dns.rrname"];
    QUESTION_TYPE "qtype" Number "Types asked for: 1 A, 28 AAAA; the nth belongs to the nth name" ["dns.qry.type" "dns.qtype" "dns.rrtype"];
    QUESTION_CLASS "qclass" Number "Classes asked for; the nth belongs to the nth name" ["dns.qry.class" "dns.qclass" ""];
    QUESTION_UNICAST "qu" Bool "Whether an answer by unicast is wanted (multicast DNS), of the nth name" ["dns.qry.qu" "" ""];
    SECTION ("record") "section" Text "answer, authority or additional" ["" "" ""];
    NAME ("record") "name" Text "Name of a record" ["dns.resp.name" "" "dns.answers.rrname"];
    TYPE ("record") "type" Number "Its type: 1 A, 2 NS, 5 CNAME, 28 AAAA, …" ["dns.resp.type" "" "dns.answers.rrtype"];
    CLASS ("record") "class" Number "Its class: 1 is the internet" ["dns.resp.class" "" ""];
    CACHE_FLUSH ("record") "cache_flush" Bool "Others of its name and type are to be forgotten (multicast DNS)" ["dns.resp.cache_flush" "" ""];
    TTL ("record") "ttl" Number "How long it holds, in seconds" ["dns.resp.ttl" "dns.TTLs" "dns.answers.ttl"];
    ADDRESS ("record") "address" Ip "Address of an A or AAAA record" ["" "dns.answers" "dns.answers.rdata"];
    TARGET ("record") "target" Text "Name that a NS, CNAME, PTR, DNAME, MX or SRV record leads to, or the first server of a SOA" ["" "dns.answers" "dns.answers.rdata"];
    PREFERENCE ("record") "preference" Number "Preference of an MX record, priority of an SRV record" ["" "" ""];
    PORT ("record") "port" Number "Port of an SRV record" ["dns.srv.port" "" ""];
    TEXT ("record") "text" Text "Strings of a TXT record" ["dns.txt" "dns.answers" ""];
    DATA ("record") "data" Bytes "Data of a record of another type" ["dns.data" "" ""];
    EDNS_SIZE ("edns") "udp_size" Number "Largest datagram that the sender takes (EDNS)" ["dns.rr.udp_payload_size" "" ""];
    EDNS_VERSION ("edns") "version" Number "Version of EDNS" ["dns.resp.edns0_version" "" ""];
    EDNS_DO ("edns") "do" Bool "DNSSEC records are wanted" ["dns.resp.z.do" "" ""];
}

/// The message of a segment that is one whole message, its length before it (RFC 1035, 4.2.2).
pub(super) fn in_segment(payload: Span<'_>) -> Option<Span<'_>> {
    let length = usize::from(payload.u16_at(0)?);
    (length >= HEADER && length.checked_add(2) == Some(payload.wire())).then(|| payload.skip(2))
}

/// The highest bit of a class in multicast DNS is none of its own (RFC 6762, 5.4 and 10.2).
const MULTICAST_BIT: u16 = 0x8000;

/// A message of multicast DNS.
pub(super) fn visit_multicast<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    message(span, MULTICAST_BIT, out)
}

/// A message of DNS or LLMNR.
pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    message(span, 0, out)
}

/// `flag` is the bit of classes that is none of their own.
fn message<'a>(span: Span<'a>, flag: u16, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Message::parse(span)?;
    let flags = message.flags();
    out.put(&ID, message.id());
    out.put(&IS_RESPONSE, message.is_response());
    out.put(&OPERATION, message.operation());
    out.part(Part::Object("flags"), |out| {
        out.put(&AUTHORITATIVE, flags & 0x0400 != 0);
        out.put(&TRUNCATED, flags & 0x0200 != 0);
        out.put(&RECURSION_DESIRED, flags & 0x0100 != 0);
        out.put(&RECURSION_AVAILABLE, flags & 0x0080 != 0);
        out.put(&AUTHENTIC, flags & 0x0020 != 0);
        out.put(&CHECKING_DISABLED, flags & 0x0010 != 0);
    });
    if out.wants(&RESPONSE_CODE) {
        out.put(&RESPONSE_CODE, message.response_code());
    }
    let counts = message.counts();
    for (field, count) in [&QUESTIONS, &ANSWERS, &AUTHORITIES, &ADDITIONALS].into_iter().zip(counts) {
        out.put(field, count);
    }
    let [count, ..] = counts;
    let all = || Questions { message, at: Some(HEADER), left: count };
    let mut walked = all();
    walked.by_ref().for_each(drop);
    let section = HEADER..walked.at.unwrap_or(span.bytes().len());
    // Of a lone question it is known where each part stands.
    let kind = message.skip_name(HEADER).filter(|_| count == 1);
    let [name, kind, class] = match kind.zip(kind.and_then(|kind| kind.checked_add(2))) {
        Some((kind, class)) => [HEADER..kind, kind..class, class..section.end],
        None => [section.clone(), section.clone(), section],
    };
    out.list_from(span.part(name), &QUESTION_NAME, all().map(|question| message.name(question.name)));
    out.list_from(span.part(kind), &QUESTION_TYPE, all().map(|question| question.kind));
    out.list_from(span.part(class.clone()), &QUESTION_CLASS, all().map(|question| question.class & !flag));
    if flag != 0 {
        out.list_from(span.part(class), &QUESTION_UNICAST, all().map(|question| question.class & flag != 0));
    }
    records(&message, walked.at, flag, out).ok_or_else(|| span.short(span.bytes().len().saturating_add(1)))
}

/// The questions of a message, as far as they were captured.
struct Questions<'a> {
    message: Message<'a>,
    /// Where the next one stands; none behind one that is not all there.
    at: Option<usize>,
    left: u16,
}

impl Iterator for Questions<'_> {
    type Item = crate::decode::dns::Question;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (question, behind) = self.message.question(self.at?).unzip();
        self.at = behind;
        question
    }
}

/// All records from `at` on, and what the one of EDNS says; none where the message ends before they do.
fn records<'a>(message: &Message<'a>, at: Option<usize>, flag: u16, out: &mut impl Visitor<'a>) -> Option<()> {
    let [_, counts @ ..] = message.counts();
    let mut at = at?;
    let mut edns = None;
    let mut whole = Some(());
    if counts != [0; 3] {
        out.part(Part::Group("record"), |out| {
            'sections: for (section, count) in ["answer", "authority", "additional"].into_iter().zip(counts) {
                for _ in 0..count {
                    let found = message.skip_name(at).and_then(|behind| message.record(behind));
                    let Some(found) = found.filter(|found| found.end <= message.span().bytes().len()) else {
                        whole = None;
                        break 'sections;
                    };
                    if found.kind == kind::OPT {
                        edns = edns.or(Some(found));
                    } else {
                        let part = |from, to| message.span().part(from..to);
                        out.part_from(part(at, found.end), Part::Item, |out| {
                            // Type, class, time to live and the length of the data take ten bytes.
                            let kind = found.data.saturating_sub(10);
                            let [class, ttl, length] = [2, 4, 8].map(|at| kind.saturating_add(at));
                            out.put(&SECTION, section);
                            out.put_from(part(at, kind), &NAME, message.name(at));
                            out.put_from(part(kind, class), &TYPE, found.kind);
                            out.put_from(part(class, ttl), &CLASS, found.class & !flag);
                            if flag != 0 {
                                out.put_from(part(class, ttl), &CACHE_FLUSH, found.class & flag != 0);
                            }
                            out.put_from(part(ttl, length), &TTL, found.ttl);
                            data(message, &found, out);
                        });
                    }
                    at = found.end;
                }
            }
        });
    }
    if let Some(Record { class, ttl, .. }) = edns {
        out.part(Part::Object("edns"), |out| {
            out.put(&EDNS_SIZE, class);
            out.put(&EDNS_VERSION, ttl >> 16 & 0xff);
            out.put(&EDNS_DO, ttl & 0x8000 != 0);
        });
    }
    whole
}

/// What the data of a record holds, by its type.
fn data<'a>(message: &Message<'a>, record: &Record, out: &mut impl Visitor<'a>) {
    let data = message.span().bytes().get(record.data..record.end).unwrap_or(&[]);
    let number = |at: usize| data.get(at..).and_then(|rest| rest.first_chunk()).map(|pair| u16::from_be_bytes(*pair));
    let part = |at: Range<usize>| data.get(at).unwrap_or_default();
    let name_at = |at: usize| message.name(record.data.saturating_add(at));
    match (record.kind, data) {
        (kind::A, &[a, b, c, d]) => out.put_from(data, &ADDRESS, [a, b, c, d]),
        (kind::AAAA, _) if data.len() == 16 => out.maybe_from(data, &ADDRESS, data.first_chunk::<16>().copied()),
        (kind::NS | kind::CNAME | kind::PTR | kind::DNAME | kind::SOA, [_, ..]) => out.put_from(data, &TARGET, name_at(0)),
        (kind::MX, [_, _, _, ..]) => {
            out.maybe_from(part(0..2), &PREFERENCE, number(0));
            out.put_from(part(2..data.len()), &TARGET, name_at(2));
        }
        (kind::SRV, [_, _, _, _, _, _, _, ..]) => {
            out.maybe_from(part(0..2), &PREFERENCE, number(0));
            out.maybe_from(part(4..6), &PORT, number(4));
            out.put_from(part(6..data.len()), &TARGET, name_at(6));
        }
        (kind::TXT, _) => out.list(&TEXT, strings(data).map(Value::Text)),
        (_, []) => {}
        _ => out.put(&DATA, Value::Bytes(data)),
    }
}

/// Strings that have their length before them, the last as far as it goes.
fn strings(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&length, behind) = rest.split_first()?;
        let (string, more) = behind.split_at_checked(length.into()).unwrap_or((behind, &[]));
        rest = more;
        Some(string)
    })
}
