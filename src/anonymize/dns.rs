//! DNS messages: names are their pseudonyms, label by label in the same places, so that pointers to them stay right; so
//! are addresses. Of records that are not known there is no data but its length.

use super::Pseudonyms;
use super::canvas::Plan;
use crate::decode::Span;
use crate::decode::dns::{HEADER, Message, Record, kind};

/// The most labels of a message that are looked at, counted each time a pointer leads to them.
const MOST_LABELS: usize = 1 << 15;

/// A message; none where it can't be one, to its last byte. Of one that the capture cut, what is there.
pub(super) fn message(pseudonyms: &mut Pseudonyms, span: Span<'_>) -> Option<Plan> {
    let message = Message::parse(span).ok()?;
    let mut copy = Copy { pseudonyms, message, bytes: span.bytes(), plan: Plan::default(), labels: 0 };
    match copy.all() {
        Some(end) if end == span.wire() => Some(copy.plan),
        None if span.is_cut() => Some(copy.plan),
        _ => None,
    }
}

/// Messages as TCP has them, each behind its length; none where they do not end with the segment.
pub(super) fn stream(pseudonyms: &mut Pseudonyms, segment: Span<'_>) -> Option<Plan> {
    let mut plan = Plan::default();
    let mut rest = segment;
    while !rest.bytes().is_empty() {
        let length = rest.array_at::<2>(0)?;
        let at = rest.offset().saturating_sub(segment.offset());
        let body = rest.skip(2);
        let size = usize::from(u16::from_be_bytes(length));
        if body.wire() < size {
            return None;
        }
        plan.put(at, length);
        plan.append(at.saturating_add(2), message(pseudonyms, body.limit(size))?);
        rest = body.skip(size);
    }
    Some(plan)
}

struct Copy<'p, 'a> {
    pseudonyms: &'p mut Pseudonyms,
    message: Message<'a>,
    bytes: &'a [u8],
    plan: Plan,
    labels: usize,
}

impl Copy<'_, '_> {
    /// The whole message; where it ends, or none where it is not all there.
    fn all(&mut self) -> Option<usize> {
        self.keep(0, HEADER)?;
        let [questions, records @ ..] = self.message.counts();
        let mut at = HEADER;
        for _ in 0..questions {
            let behind = self.name(at)?;
            at = self.keep(behind, 4)?;
        }
        let records: u32 = records.into_iter().map(u32::from).sum();
        for _ in 0..records {
            at = self.record(at)?;
        }
        Some(at)
    }

    /// Keeps some bytes; where they end.
    fn keep(&mut self, at: usize, length: usize) -> Option<usize> {
        let end = at.checked_add(length)?;
        self.plan.put(at, self.bytes.get(at..end)?);
        Some(end)
    }

    /// The name at a place; where it ends. What stands where a pointer leads to has its own turn.
    fn name(&mut self, at: usize) -> Option<usize> {
        let end = self.message.skip_name(at)?;
        let labels: Vec<&[u8]> = self.message.name(at).collect::<Result<_, _>>().ok()?;
        self.labels = self.labels.checked_add(labels.len()).filter(|labels| *labels <= MOST_LABELS)?;
        let mut place = at;
        for label in self.pseudonyms.names.labels(&labels) {
            if self.bytes.get(place).is_none_or(|length| usize::from(*length) != label.len()) {
                break;
            }
            place = self.keep(place, 1)?;
            let behind = place.checked_add(label.len())?;
            self.plan.put(place, label);
            place = behind;
        }
        // The root, or a pointer.
        self.keep(place, end.checked_sub(place)?)
    }

    /// The record at a place; where it ends.
    fn record(&mut self, at: usize) -> Option<usize> {
        let behind = self.name(at)?;
        let record = self.message.record(behind)?;
        self.keep(behind, record.data.checked_sub(behind)?)?;
        let data = self.bytes.get(record.data..record.end)?;
        self.plan.put(record.data, vec![0; data.len()]);
        let end = self.data(&record, data)?;
        (end <= record.end).then_some(record.end)
    }

    /// What is known of a record's data; where that ends.
    fn data(&mut self, record: &Record, data: &[u8]) -> Option<usize> {
        let at = record.data;
        match record.kind {
            kind::A => {
                if let Ok(address) = data.try_into() {
                    self.plan.put(at, self.pseudonyms.addresses.v4(address));
                }
            }
            kind::AAAA => {
                if let Ok(address) = data.try_into() {
                    self.plan.put(at, self.pseudonyms.addresses.v6(address));
                }
            }
            kind::NS | kind::CNAME | kind::PTR | kind::DNAME => return self.name(at),
            kind::MX => {
                let name = self.keep(at, 2)?;
                return self.name(name);
            }
            kind::SRV => {
                let name = self.keep(at, 6)?;
                return self.name(name);
            }
            kind::SOA => {
                let mailbox = self.name(at)?;
                let numbers = self.name(mailbox)?;
                return self.keep(numbers, 20);
            }
            kind::OPT => self.options(at, data),
            _ => {}
        }
        Some(at)
    }

    /// Codes and lengths of EDNS options.
    fn options(&mut self, at: usize, data: &[u8]) {
        let mut place = 0usize;
        while let Some([a, b, high, low]) = data.get(place..).and_then(<[u8]>::first_chunk) {
            self.plan.put(at.saturating_add(place), [*a, *b, *high, *low]);
            place = place.saturating_add(4).saturating_add(u16::from_be_bytes([*high, *low]).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymize::testing::{anonymizer, payload};

    fn pseudonyms() -> Pseudonyms {
        anonymizer().pseudonyms
    }

    /// The message as it becomes; none where it is cut.
    fn copy(message: &[u8]) -> Option<Vec<u8>> {
        payload(message, message.len(), super::message)
    }

    fn answer() -> Vec<u8> {
        let mut message = vec![0, 7, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
        message.extend(b"\x03www\x07example\x03com\x00\x00\x01\x00\x01");
        // www.example.com is a name for the host of the same domain, which has an address.
        message.extend(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x07\x04host\xc0\x10");
        message.extend(b"\xc0\x2d\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01");
        message
    }

    #[test]
    fn pointers_lead_to_the_same_names_as_before() {
        let (original, copy) = (answer(), copy(&answer()).unwrap());
        let names = |bytes: &[u8]| -> Vec<Vec<u8>> {
            let message = Message::parse(Span::new(bytes, bytes.len())).unwrap();
            let name = |at| message.name(at).map(|label| label.unwrap().to_vec()).collect::<Vec<_>>().join(&b'.');
            [12, 33, 45].map(name).to_vec()
        };
        let [question, alias, host] = &names(&copy)[..] else { unreachable!() };
        assert_eq!(names(&original)[2], b"host.example.com");
        assert_eq!(question, alias);
        assert_eq!(*question, pseudonyms().names.text(b"www.example.com"));
        assert_eq!(*host, pseudonyms().names.text(b"host.example.com"));
        assert_eq!(copy[copy.len() - 4..], pseudonyms().addresses.v4([192, 0, 2, 1]));
        assert_eq!(copy[..12], original[..12]);
    }

    #[test]
    fn what_is_no_message_to_its_end_is_cut() {
        let mut longer = answer();
        longer.push(0);
        assert_eq!(copy(&longer), None);
        let mut shorter = answer();
        shorter.pop();
        assert_eq!(copy(&shorter), None);
        assert_eq!(copy(b"GET / HTTP/1.0\r\nHost: www.example.com\r\n"), None);
    }

    #[test]
    fn of_a_message_that_was_cut_there_is_what_is_whole() {
        let message = answer();
        for cut in 12..message.len() {
            let bytes = payload(&message[..cut], message.len(), super::message).unwrap();
            for name in [&b"www"[..], b"example", b"host"] {
                assert!(!bytes.windows(name.len()).any(|window| window == name), "{cut}");
            }
        }
    }

    #[test]
    fn messages_in_a_segment_end_with_it() {
        let message = answer();
        let length = (message.len() as u16).to_be_bytes();
        let segment = [&length[..], &message, &length, &message].concat();
        let copies = payload(&segment, segment.len(), stream).unwrap();
        let (first, second) = copies.split_at(copies.len() / 2);
        assert_eq!((first, &first[..2]), (second, &length[..]));
        assert_eq!(first[2..], copy(&message).unwrap());
        // What another segment goes on with is no message that anybody knows.
        assert_eq!(payload(&segment[..40], 40, stream), None);
        assert_eq!(payload(&segment[5..], segment.len() - 5, stream), None);
    }
}
