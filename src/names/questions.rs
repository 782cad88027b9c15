//! Questions to name servers, and what came of each: how often and whom a client asked, what it was told and when.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use super::{Domain, netbios};
use crate::decode::dns::{self, Message, kind};
use crate::frame::Timestamp;

/// A question is given up this long after it was asked last: resolvers have long done so.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The most questions that wait for an answer; beyond them the oldest is given up.
pub const MOST_OPEN: usize = 16 << 10;
/// The most tries of a question that are kept one by one.
const MOST_TRIES: usize = 16;
/// The most records of an answer that are read.
const MOST_RECORDS: usize = 64;
/// In multicast DNS the highest bit of a class is none of its own (RFC 6762, 5.4 and 10.2).
const CLASS: u16 = 0x7fff;
/// A question for records of any type.
const ANY: u16 = 255;

/// The protocol of a question.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Service {
    Dns,
    MulticastDns,
    Llmnr,
    NetBios,
}

/// What carried a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Transport {
    Udp,
    Tcp,
}

/// An end of an exchange.
pub type Endpoint = (IpAddr, u16);

/// Where and when a message was heard.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub service: Service,
    pub transport: Transport,
    pub from: Endpoint,
    pub to: Endpoint,
    pub time: Timestamp,
    /// The number of the frame.
    pub frame: u64,
}

/// One time that a question was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Try {
    pub time: Timestamp,
    pub frame: u64,
    pub server: Endpoint,
    /// The identifier of the query.
    pub id: u16,
}

/// A record of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Data {
    Address(IpAddr),
    /// The name that a record of this type leads to.
    Name(u16, Domain),
    /// The strings of a TXT record.
    Text(Box<[u8]>),
    /// A record of another type.
    Other(u16),
}

/// What a server answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub time: Timestamp,
    pub frame: u64,
    pub server: Endpoint,
    /// The response code: 0 no error, 2 server failure, 3 no such name, 5 refused.
    pub code: u16,
    pub authoritative: bool,
    /// The answer did not fit: the client asks again by TCP.
    pub truncated: bool,
    /// Not all of it was captured.
    pub is_cut: bool,
    /// The records that answer, in their order.
    pub data: Vec<Data>,
}

impl Answer {
    /// The addresses among the records.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.data.iter().filter_map(|data| match data {
            Data::Address(address) => Some(*address),
            _ => None,
        })
    }

    /// The names that lead to the addresses, if the name asked for is another's.
    pub fn chain(&self) -> impl Iterator<Item = &Domain> + '_ {
        self.data.iter().filter_map(|data| match data {
            Data::Name(kind::CNAME, name) => Some(name),
            _ => None,
        })
    }
}

/// What a resolver tells the program that wanted to know (getaddrinfo(3)).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolution {
    Found,
    /// EAI_NONAME: there is no such name.
    NoName,
    /// EAI_NODATA: there is, without a record of this type.
    NoData,
    /// EAI_AGAIN: nobody who could be asked knows, or answers.
    Again,
    /// EAI_FAIL: the server did not understand.
    Fail,
    /// The answer was cut, and another one asked for.
    Truncated,
    /// Too little of the answer was captured to tell.
    Unknown,
}

impl Resolution {
    /// The name of the error; none where something was found.
    pub fn error(self) -> Option<&'static str> {
        match self {
            Resolution::Found | Resolution::Truncated | Resolution::Unknown => None,
            Resolution::NoName => Some("EAI_NONAME"),
            Resolution::NoData => Some("EAI_NODATA"),
            Resolution::Again => Some("EAI_AGAIN"),
            Resolution::Fail => Some("EAI_FAIL"),
        }
    }
}

/// A question and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    pub service: Service,
    pub transport: Transport,
    /// Who asked; of an answer to everyone, whom it was sent to.
    pub client: IpAddr,
    pub name: Domain,
    /// The type of record asked for.
    pub kind: u16,
    pub class: u16,
    /// Each time it was asked, first to last, but for those beyond sixteen; none where the question was not captured.
    pub tries: Vec<Try>,
    /// How often it was asked.
    pub asked: u64,
    pub answer: Option<Answer>,
}

impl Exchange {
    /// From the first question to the answer.
    pub fn elapsed(&self) -> Option<Duration> {
        let nanos = self.answer.as_ref()?.time.as_nanos().checked_sub(self.tries.first()?.time.as_nanos())?;
        u64::try_from(nanos).ok().map(Duration::from_nanos)
    }

    /// What the program got that asked; where nothing was answered, after all servers stayed silent.
    pub fn resolution(&self) -> Resolution {
        let Some(answer) = &self.answer else { return Resolution::Again };
        match answer.code {
            0 if answer.truncated => Resolution::Truncated,
            // A name that only leads to another one has no record of the type.
            0 if self.kind != kind::CNAME && answer.data.len() == answer.chain().count() => match answer.is_cut {
                true => Resolution::Unknown,
                false => Resolution::NoData,
            },
            0 => Resolution::Found,
            3 => Resolution::NoName,
            // Not implemented and refused: as with a failure, the next server is asked.
            2 | 4 | 5 => Resolution::Again,
            _ => Resolution::Fail,
        }
    }

    /// When it began, as far as is known.
    pub fn time(&self) -> Option<Timestamp> {
        self.tries.first().map(|first| first.time).or(self.answer.as_ref().map(|answer| answer.time))
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Key {
    service: Service,
    client: IpAddr,
    name: Domain,
    kind: u16,
}

/// A question of a message, or the name and type of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Asked {
    name: Domain,
    kind: u16,
    class: u16,
}

/// The questions that wait for an answer, at most [`MOST_OPEN`].
#[derive(Debug, Default)]
pub struct Questions {
    open: HashMap<Key, (u64, Exchange), foldhash::quality::RandomState>,
    /// In the order in which they were asked first; those whose serial number is another are gone.
    order: VecDeque<(Key, u64)>,
    serial: u64,
    /// Given up for want of room.
    evicted: u64,
}

impl Questions {
    /// How many questions were given up to make room for others.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Takes a message, and tells of each question that is done with: answered by it, or given up by now.
    pub fn hear(&mut self, message: &Message<'_>, context: &Context, tell: &mut dyn FnMut(Exchange)) {
        self.expire(context.time, tell);
        if message.operation() != 0 && context.service != Service::NetBios {
            return;
        }
        let read = Read::of(message, context.service);
        if !message.is_response() {
            for asked in read.questions {
                self.ask(asked, message.id(), context, tell);
            }
            return;
        }
        let is_for_all = context.service == Service::MulticastDns;
        let mut answered = if is_for_all { Vec::new() } else { read.questions };
        if answered.is_empty() {
            // What is announced, or an answer without the question (RFC 6762, 6; RFC 1002, 4.2.13).
            for (asked, _) in &read.records {
                if !answered.contains(asked) {
                    answered.push(asked.clone());
                }
            }
        }
        for asked in answered {
            let records = read.records.iter();
            let data = match is_for_all {
                true => records.filter(|(of, _)| *of == asked).map(|(_, data)| data.clone()).collect(),
                false => records.map(|(_, data)| data.clone()).collect(),
            };
            let answer = Answer {
                time: context.time,
                frame: context.frame,
                server: context.from,
                code: message.response_code(),
                authoritative: message.flags() & 0x0400 != 0,
                truncated: message.flags() & 0x0200 != 0,
                is_cut: message.span().is_cut(),
                data,
            };
            self.answer(asked, message.id(), answer, context, tell);
        }
    }

    /// Nothing comes any more: tells of all that still wait.
    pub fn finish(&mut self, tell: &mut dyn FnMut(Exchange)) {
        while self.give_up_oldest(tell) {}
    }

    /// Whose question it is: of what is asked of everyone, the group that was asked.
    fn key(service: Service, client: IpAddr, group: IpAddr, asked: &Asked) -> Key {
        let client = if service == Service::MulticastDns { group } else { client };
        Key { service, client, name: asked.name.lower(), kind: asked.kind }
    }

    fn ask(&mut self, asked: Asked, id: u16, context: &Context, tell: &mut dyn FnMut(Exchange)) {
        let Context { service, transport, from, to, time, frame } = *context;
        let key = Self::key(service, from.0, to.0, &asked);
        let tried = Try { time, frame, server: to, id };
        if let Some((_, exchange)) = self.open.get_mut(&key) {
            exchange.asked = exchange.asked.saturating_add(1);
            exchange.transport = transport;
            if exchange.tries.len() < MOST_TRIES {
                exchange.tries.push(tried);
            } else if let Some(last) = exchange.tries.last_mut() {
                *last = tried;
            }
            return;
        }
        while self.open.len() >= MOST_OPEN && self.give_up_oldest(tell) {
            self.evicted = self.evicted.saturating_add(1);
        }
        let Asked { name, kind, class } = asked;
        let (client, tries) = (from.0, vec![tried]);
        let exchange = Exchange { service, transport, client, name, kind, class, tries, asked: 1, answer: None };
        self.serial = self.serial.wrapping_add(1);
        self.order.push_back((key.clone(), self.serial));
        self.open.insert(key, (self.serial, exchange));
    }

    fn answer(&mut self, asked: Asked, id: u16, answer: Answer, context: &Context, tell: &mut dyn FnMut(Exchange)) {
        let Context { service, transport, from, to, .. } = *context;
        let is_for_all = service == Service::MulticastDns;
        let key = Self::key(service, to.0, to.0, &asked);
        let mut found = self.open.remove(&key);
        if found.is_none() && is_for_all {
            found = self.open.remove(&Key { kind: ANY, ..key.clone() });
        }
        let fits = |exchange: &Exchange| {
            // The group that was asked does not answer by itself: any server will do.
            let by = |tried: &Try| tried.server.0.is_multicast() || service == Service::NetBios || tried.server == from;
            is_for_all || exchange.tries.iter().any(|tried| tried.id == id && by(tried))
        };
        match found {
            Some((_, mut exchange)) if fits(&exchange) => {
                exchange.answer = Some(answer);
                tell(exchange);
            }
            kept => {
                if let Some(kept) = kept {
                    self.open.insert(key, kept);
                }
                let Asked { name, kind, class } = asked;
                let (client, answer) = (to.0, Some(answer));
                tell(Exchange { service, transport, client, name, kind, class, tries: Vec::new(), asked: 0, answer });
            }
        }
        if self.order.len() > self.open.len().saturating_mul(2).saturating_add(64) {
            let open = &self.open;
            self.order.retain(|(key, serial)| open.get(key).is_some_and(|(of, _)| of == serial));
        }
    }

    fn expire(&mut self, now: Timestamp, tell: &mut dyn FnMut(Exchange)) {
        let patience = i128::try_from(PATIENCE.as_nanos()).unwrap_or(i128::MAX);
        while let Some((key, serial)) = self.order.front() {
            let oldest = self.open.get(key).filter(|(of, _)| of == serial);
            let is_waiting = oldest
                .and_then(|(_, exchange)| exchange.tries.last())
                .is_some_and(|last| now.as_nanos().saturating_sub(last.time.as_nanos()) <= patience);
            if is_waiting || !self.give_up_oldest(tell) {
                return;
            }
        }
    }

    /// Gives up the first in order; whether there was one.
    fn give_up_oldest(&mut self, tell: &mut dyn FnMut(Exchange)) -> bool {
        let Some((key, serial)) = self.order.pop_front() else { return false };
        if self.open.get(&key).is_some_and(|(of, _)| *of == serial)
            && let Some((_, exchange)) = self.open.remove(&key)
        {
            tell(exchange);
        }
        true
    }
}

/// What is of interest in a message.
struct Read {
    questions: Vec<Asked>,
    records: Vec<(Asked, Data)>,
}

impl Read {
    fn of(message: &Message<'_>, service: Service) -> Read {
        let mut read = Read { questions: Vec::new(), records: Vec::new() };
        // What was captured of a message is told, whatever comes behind.
        let _ = read.fill(message, service);
        read
    }

    fn fill(&mut self, message: &Message<'_>, service: Service) -> Option<()> {
        let name_at = |at: usize| match service {
            Service::NetBios => netbios::first_level(message.name(at)).map(|name| Domain::of(&name)),
            _ => Domain::read(message.name(at)),
        };
        let [questions, answers, ..] = message.counts();
        let mut at = dns::HEADER;
        for _ in 0..usize::from(questions).min(MOST_RECORDS) {
            let (question, behind) = message.question(at)?;
            let class = question.class & CLASS;
            self.questions.push(Asked { name: name_at(question.name)?, kind: question.kind, class });
            at = behind;
        }
        for _ in 0..usize::from(answers).min(MOST_RECORDS) {
            let name = name_at(at)?;
            let record = message.record(message.skip_name(at)?)?;
            let asked = Asked { name, kind: record.kind, class: record.class & CLASS };
            self.records.extend(data(message, &record, service)?.into_iter().map(|data| (asked.clone(), data)));
            at = record.end;
        }
        Some(())
    }
}

/// What a record says; none where it was not captured whole.
fn data(message: &Message<'_>, record: &dns::Record, service: Service) -> Option<Vec<Data>> {
    let span = message.span();
    let bytes = span.bytes().get(record.data..record.end)?;
    let name = |at: usize| Domain::read(message.name(at)).map(|name| Data::Name(record.kind, name));
    let behind = |count: usize| record.data.checked_add(count);
    Some(vec![match (record.kind, bytes) {
        (netbios::ADDRESSES, _) if service == Service::NetBios => {
            let (entries, _) = bytes.as_chunks::<6>();
            return Some(entries.iter().map(|[_, _, a, b, c, d]| Data::Address([*a, *b, *c, *d].into())).collect());
        }
        (kind::A, _) => Data::Address(<[u8; 4]>::try_from(bytes).ok()?.into()),
        (kind::AAAA, _) => Data::Address(<[u8; 16]>::try_from(bytes).ok()?.into()),
        (kind::NS | kind::CNAME | kind::PTR | kind::DNAME | kind::SOA, _) => name(record.data)?,
        (kind::MX, _) => name(behind(2)?)?,
        (kind::SRV, _) => name(behind(6)?)?,
        (kind::TXT, _) => Data::Text(strings(bytes).into()),
        (other, _) => Data::Other(other),
    }])
}

/// The strings of a TXT record, one after the other.
fn strings(mut bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some((length, rest)) = bytes.split_first() {
        let (string, behind) = rest.split_at_checked(usize::from(*length)).unwrap_or((rest, &[]));
        text.extend_from_slice(string);
        bytes = behind;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Span;

    const CLIENT: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), 4000);
    const SERVER: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 53)), 53);
    const OTHER: Endpoint = (IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 54)), 53);

    /// A message about www.ab with some flags and, as answers, records of type and data.
    fn message(id: u16, flags: u16, kind: u16, answers: &[(u16, &[u8])]) -> Vec<u8> {
        let count = u16::try_from(answers.len()).unwrap();
        let mut bytes: Vec<u8> = [id, flags, 1, count, 0, 0].iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend(b"\x03www\x02ab\x00");
        bytes.extend([kind, 1].iter().flat_map(|word| word.to_be_bytes()));
        for (kind, data) in answers {
            bytes.extend(b"\xc0\x0c");
            let length = u16::try_from(data.len()).unwrap();
            bytes.extend([*kind, 1, 0, 60, length].iter().flat_map(|word| word.to_be_bytes()));
            bytes.extend(*data);
        }
        bytes
    }

    #[derive(Default)]
    struct Desk {
        questions: Questions,
        told: Vec<Exchange>,
        frame: u64,
    }

    impl Desk {
        fn hear(&mut self, bytes: &[u8], from: Endpoint, to: Endpoint, millis: i64) {
            self.frame += 1;
            let time = Timestamp::from_nanos(i128::from(millis) * 1_000_000);
            let (service, transport, frame) = (Service::Dns, Transport::Udp, self.frame);
            let context = Context { service, transport, from, to, time, frame };
            let message = Message::parse(Span::new(bytes, bytes.len())).unwrap();
            self.questions.hear(&message, &context, &mut |exchange| self.told.push(exchange));
        }

        fn finish(mut self) -> Vec<Exchange> {
            self.questions.finish(&mut |exchange| self.told.push(exchange));
            self.told
        }
    }

    #[test]
    fn an_answer_belongs_to_its_question() {
        let mut desk = Desk::default();
        desk.hear(&message(7, 0x0100, 1, &[]), CLIENT, SERVER, 0);
        let alias = (kind::CNAME, &b"\x01x\xc0\x10"[..]);
        desk.hear(&message(7, 0x8180, 1, &[alias, (kind::A, &[10, 0, 0, 2])]), SERVER, CLIENT, 3);
        let [exchange] = &desk.finish()[..] else { panic!() };
        assert_eq!((exchange.elapsed(), exchange.resolution()), (Some(Duration::from_millis(3)), Resolution::Found));
        let answer = exchange.answer.as_ref().unwrap();
        assert_eq!(answer.addresses().collect::<Vec<_>>(), [IpAddr::from([10, 0, 0, 2])]);
        assert_eq!(answer.chain().collect::<Vec<_>>(), [&Domain::of(b"x.ab")]);
        assert_eq!((exchange.name.as_bytes(), exchange.asked, answer.frame), (&b"www.ab"[..], 1, 2));
    }

    #[test]
    fn tries_of_a_question_are_counted_over_servers() {
        let mut desk = Desk::default();
        desk.hear(&message(7, 0x0100, 1, &[]), CLIENT, SERVER, 0);
        desk.hear(&message(8, 0x0100, 1, &[]), (CLIENT.0, 4001), OTHER, 5000);
        desk.hear(&message(8, 0x8180, 1, &[(1, &[10, 0, 0, 2])]), OTHER, (CLIENT.0, 4001), 5001);
        let [exchange] = &desk.finish()[..] else { panic!() };
        assert_eq!(exchange.asked, 2);
        assert_eq!(exchange.tries.iter().map(|tried| tried.server).collect::<Vec<_>>(), [SERVER, OTHER]);
        assert_eq!(exchange.elapsed(), Some(Duration::from_millis(5001)));
    }

    #[test]
    fn an_answer_that_fits_no_question_stands_alone() {
        let mut desk = Desk::default();
        desk.hear(&message(7, 0x0100, 1, &[]), CLIENT, SERVER, 0);
        desk.hear(&message(9, 0x8180, 1, &[(1, &[10, 9, 9, 9])]), SERVER, CLIENT, 1);
        desk.hear(&message(7, 0x8180, 1, &[(1, &[10, 9, 9, 9])]), OTHER, CLIENT, 2);
        desk.hear(&message(7, 0x8180, 1, &[(1, &[10, 0, 0, 2])]), SERVER, CLIENT, 3);
        let told = desk.finish();
        assert_eq!(told.iter().map(|exchange| exchange.tries.len()).collect::<Vec<_>>(), [0, 0, 1]);
    }

    #[test]
    fn what_the_program_got() {
        let got = |flags: u16, kind: u16, answers: &[(u16, &[u8])]| {
            let mut desk = Desk::default();
            desk.hear(&message(7, 0x0100, kind, &[]), CLIENT, SERVER, 0);
            desk.hear(&message(7, flags, kind, answers), SERVER, CLIENT, 1);
            desk.finish().remove(0).resolution()
        };
        assert_eq!(got(0x8183, 1, &[]), Resolution::NoName);
        assert_eq!(got(0x8182, 1, &[]), Resolution::Again);
        assert_eq!(got(0x8185, 1, &[]), Resolution::Again);
        assert_eq!(got(0x8181, 1, &[]), Resolution::Fail);
        assert_eq!(got(0x8180, 28, &[]), Resolution::NoData);
        assert_eq!(got(0x8180, 28, &[(kind::CNAME, b"\x01x\xc0\x10")]), Resolution::NoData);
        assert_eq!(got(0x8180, kind::CNAME, &[(kind::CNAME, b"\x01x\xc0\x10")]), Resolution::Found);
        assert_eq!(got(0x8380, 1, &[]), Resolution::Truncated);
        assert_eq!(got(0x8180, 255, &[(kind::CNAME, b"\x01x\xc0\x10"), (99, b"")]), Resolution::Found);
    }

    #[test]
    fn silence_ends_after_a_time_and_with_the_capture() {
        let mut desk = Desk::default();
        desk.hear(&message(7, 0x0100, 1, &[]), CLIENT, SERVER, 0);
        desk.hear(&message(7, 0x0100, 28, &[]), CLIENT, SERVER, 31_000);
        assert_eq!(desk.told.len(), 1);
        assert_eq!((desk.told[0].kind, desk.told[0].resolution()), (1, Resolution::Again));
        assert_eq!(desk.finish().len(), 2);
    }

    #[test]
    fn so_many_questions_wait_and_no_more() {
        let mut desk = Desk::default();
        for kind in 0..=u16::MAX {
            desk.hear(&message(7, 0x0100, kind, &[]), CLIENT, SERVER, 0);
            assert!(desk.questions.open.len() <= MOST_OPEN);
        }
        assert_eq!(desk.questions.evicted(), (1 << 16) - MOST_OPEN as u64);
        assert_eq!(desk.finish().len(), 1 << 16);
    }

    proptest::proptest! {
        #[test]
        fn each_question_is_told_once_and_any_bytes_are_read(
            steps in proptest::collection::vec((0u16..4, 0u16..3, proptest::bool::ANY, 0i64..20_000, 0usize..60), 0..60)
        ) {
            let mut desk = Desk::default();
            let (mut now, mut asked) = (0, 0);
            for (id, kind, is_answer, pause, cut) in steps {
                now += pause;
                let mut bytes = message(id, if is_answer { 0x8180 } else { 0x0100 }, kind, &[(1, &[1, 2, 3, 4])]);
                bytes.truncate(dns::HEADER + cut);
                let whole = cut >= 12;
                let (from, to) = if is_answer { (SERVER, CLIENT) } else { (CLIENT, SERVER) };
                asked += u64::from(!is_answer && whole);
                desk.hear(&bytes, from, to, now);
            }
            let told = desk.finish();
            proptest::prop_assert_eq!(told.iter().map(|exchange| exchange.asked).sum::<u64>(), asked);
        }
    }
}
