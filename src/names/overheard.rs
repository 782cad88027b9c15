//! What frames tell of names: leads each message about them to where it is remembered.

use std::net::IpAddr;
use std::time::Duration;

use super::questions::{Context, Endpoint, Exchange, Questions, Service, Transport};
use super::{Book, Domain, Entry, Lookup, Origin, hosts};
use crate::budget::Budget;
use crate::decode::application::Message;
use crate::decode::dhcp::Dhcp;
use crate::decode::ports::{self, Datagram};
use crate::decode::udp::Udp;
use crate::decode::{Ip, Layer, Layers, Next, Span, dns, tls};
use crate::frame::{ByteOrder, Frame, Timestamp};
use crate::reassembly::fragments::Fragment;
use crate::reassembly::store::Store;
use crate::reassembly::{Event, Follow};

/// How long what a client asked a server for by name is kept, and what a host calls itself until it has an address.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest name that is kept of a host or server, in bytes (RFC 1035, 2.3.4).
const MAX_NAME: usize = 255;

/// A connection, from the client's side.
type Pair = (Endpoint, Endpoint);

/// Names of hosts, as far as heard. What it remembers is taken of a budget.
#[derive(Debug)]
pub struct Names {
    questions: Questions,
    book: Book,
    /// The name by which a client asked a server.
    servers: Store<Pair, Box<[u8]>>,
    /// What a host calls itself that asked for an address, by its transaction.
    hosts: Store<u32, Box<[u8]>>,
    follow: Follow,
}

impl Names {
    pub fn new(budget: &Budget) -> Self {
        Names {
            questions: Questions::default(),
            book: Book::new(budget),
            servers: Store::new(budget, LIFETIME),
            hosts: Store::new(budget, LIFETIME),
            follow: Follow::new(budget),
        }
    }

    /// Hears a frame, and tells of each question to a name server that is done with.
    pub fn hear(&mut self, frame: &Frame<'_>, number: u64, tell: &mut dyn FnMut(Exchange)) {
        let layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
        let Names { questions, book, servers, hosts, follow } = self;
        let mut ear = Ear { questions, book, servers, hosts, time: frame.time, frame: number, tell };
        let pair = ear.layers(layers, None);
        follow.frame(frame, |event| match (event, pair) {
            (Event::Whole(datagram, ip), _) => {
                ear.layers(datagram.layers(ip.version()), Some(ip));
            }
            (Event::Heard(heard), Some((from, to))) => match &heard.message {
                Message::Dns(bytes) => {
                    ear.message(Span::new(bytes, bytes.len()), Service::Dns, Transport::Tcp, from, to);
                }
                Message::Tls(tls::Message::Hello { kind: tls::CLIENT_HELLO, body, .. }) => ear.hello(body, from, to),
                _ => {}
            },
            (Event::Quic(_, Some(initial)), Some((from, to))) => {
                if let Some(hello) = initial.hello.as_ref().filter(|hello| hello.kind == tls::CLIENT_HELLO) {
                    ear.hello(&hello.body, from, to);
                }
            }
            _ => {}
        });
    }

    /// Learns the names of a name resolution block of pcapng (draft-ietf-opsawg-pcapng, 4.5): its body.
    pub fn capture_block(&mut self, body: &[u8], order: ByteOrder) {
        for (address, name) in block_records(body, order) {
            self.always(address, name, Origin::Capture);
        }
    }

    /// Learns the names of a hosts file.
    pub fn hosts_file(&mut self, text: &[u8]) {
        for (address, name) in hosts::entries(text) {
            self.always(address, name, Origin::Hosts);
        }
    }

    fn always(&mut self, address: IpAddr, name: &[u8], origin: Origin) {
        let entry = Entry { name: Domain::of(name), origin, client: None, heard: None, lookup: None };
        self.book.learn(address, entry, Timestamp::new(0, 0));
    }

    /// The best name of an address that a client connected to at a time; see [`Book::best`].
    pub fn of(&mut self, address: IpAddr, client: Option<IpAddr>, at: Timestamp) -> Option<&Entry> {
        self.book.best(address, client, at)
    }

    /// By what name a client asked a server for what it serves: in TLS, QUIC or HTTP/1.
    pub fn server_name(&mut self, client: Endpoint, server: Endpoint, at: Timestamp) -> Option<&[u8]> {
        self.servers.get(&(client, server), at).map(|name| &**name)
    }

    /// Nothing comes any more: tells of the questions that still wait.
    pub fn finish(&mut self, tell: &mut dyn FnMut(Exchange)) {
        self.questions.finish(tell);
    }

    /// How many questions were given up to make room for others.
    pub fn evicted(&self) -> u64 {
        self.questions.evicted()
    }
}

/// Listens to one frame.
struct Ear<'n, 't> {
    questions: &'n mut Questions,
    book: &'n mut Book,
    servers: &'n mut Store<Pair, Box<[u8]>>,
    hosts: &'n mut Store<u32, Box<[u8]>>,
    time: Timestamp,
    frame: u64,
    tell: &'t mut dyn FnMut(Exchange),
}

impl Ear<'_, '_> {
    /// Goes down to the transport layer; tells between whom it is.
    fn layers<'a>(&mut self, mut layers: Layers<'a>, mut ip: Option<Ip<'a>>) -> Option<Pair> {
        while let Some(layer) = layers.next() {
            let ports = match layer {
                // What a fragment begins is heard when it is whole.
                Layer::Ipv4(header) if Fragment::of_ipv4(&header).is_some() => return None,
                Layer::Ipv6Extension(extension) if extension.fragment().is_some() => return None,
                Layer::Ipv4(header) => {
                    ip = Some(Ip::V4(header));
                    continue;
                }
                Layer::Ipv6(header) => {
                    ip = Some(Ip::V6(header));
                    continue;
                }
                Layer::Udp(datagram) if layers.next_header() == Next::Payload => {
                    (datagram.source_port(), datagram.destination_port())
                }
                Layer::Tcp(segment) => (segment.source_port(), segment.destination_port()),
                // Quotes of other packets are no packets.
                Layer::Icmpv4(_) | Layer::Icmpv6(_) => return None,
                _ => continue,
            };
            let (source, destination) = ip?.addresses();
            let (from, to) = ((source, ports.0), (destination, ports.1));
            match layer {
                Layer::Udp(datagram) => self.datagram(&datagram, from, to),
                Layer::Tcp(segment) => self.request(segment.payload().bytes(), from, to),
                _ => {}
            }
            return Some((from, to));
        }
        None
    }

    fn datagram(&mut self, datagram: &Udp<'_>, from: Endpoint, to: Endpoint) {
        let service = match ports::datagram(from.1, to.1) {
            Some(Datagram::Dns) => Service::Dns,
            Some(Datagram::MulticastDns) => Service::MulticastDns,
            Some(Datagram::Llmnr) => Service::Llmnr,
            Some(Datagram::NetbiosNames) => Service::NetBios,
            Some(Datagram::Dhcp) => return self.lease(datagram.payload()),
            _ => return,
        };
        self.message(datagram.payload(), service, Transport::Udp, from, to);
    }

    fn message(&mut self, span: Span<'_>, service: Service, transport: Transport, from: Endpoint, to: Endpoint) {
        let Ok(message) = dns::Message::parse(span) else { return };
        let Ear { questions, book, time, frame, tell, .. } = self;
        let context = Context { service, transport, from, to, time: *time, frame: *frame };
        questions.hear(&message, &context, &mut |exchange| {
            learn(book, &exchange);
            tell(exchange);
        });
    }

    /// The option of a host's name (RFC 2132, 3.14) comes with the request, the address with the answer.
    fn lease(&mut self, payload: Span<'_>) {
        const HOST_NAME: u8 = 12;
        const YOUR_ADDRESS: usize = 16;
        const REPLY: u8 = 2;
        let Ok(message) = Dhcp::parse(payload) else { return };
        let Some(transaction) = message.transaction() else { return };
        let said = message.options().and_then(|mut options| options.find(|option| option.code == HOST_NAME));
        if let Some(said) = said
            && let name @ [_, ..] = said.value.bytes()
            && let Some(kept) = self.hosts.reserve(transaction, MAX_NAME, self.time)
        {
            *kept = name.into();
        }
        let address = message.address(YOUR_ADDRESS).filter(|address| *address != [0; 4]);
        if message.operation() == REPLY
            && let (Some(address), Some(name)) = (address, self.hosts.get(&transaction, self.time))
        {
            let heard = Some((self.time, self.time));
            let entry = Entry { name: Domain::of(name), origin: Origin::Dhcp, client: None, heard, lookup: None };
            self.book.learn(address.into(), entry, self.time);
        }
    }

    fn hello(&mut self, body: &[u8], from: Endpoint, to: Endpoint) {
        if let Some(name) = tls::ClientHello::parse(body).and_then(|hello| hello.server_name()) {
            self.asked_by_name(name, from, to);
        }
    }

    /// The host of a request of HTTP/1 (RFC 9110, 7.2), where it stands in the segment that the request begins.
    fn request(&mut self, payload: &[u8], from: Endpoint, to: Endpoint) {
        if let Some(name) = http_host(payload) {
            self.asked_by_name(name, from, to);
        }
    }

    fn asked_by_name(&mut self, name: &[u8], client: Endpoint, server: Endpoint) {
        if let Some(kept) = self.servers.reserve((client, server), name.len().min(MAX_NAME), self.time) {
            *kept = name.get(..MAX_NAME).unwrap_or(name).into();
        }
    }
}

/// Notes the addresses that an answer gave to the name asked for.
fn learn(book: &mut Book, exchange: &Exchange) {
    let Some(answer) = exchange.answer.as_ref().filter(|answer| answer.code == 0) else { return };
    let origin = match exchange.service {
        Service::Dns => Origin::Dns,
        Service::MulticastDns => Origin::MulticastDns,
        Service::Llmnr => Origin::Llmnr,
        Service::NetBios => Origin::NetBios,
    };
    let client = Some(exchange.client).filter(|client| !client.is_multicast());
    let heard = Some((answer.time, answer.time));
    for address in answer.addresses() {
        let aliases = answer.chain().cloned().collect();
        let lookup = Lookup { server: answer.server, frame: answer.frame, elapsed: exchange.elapsed(), aliases };
        let lookup = Some(Box::new(lookup)).filter(|_| exchange.asked > 0);
        book.learn(address, Entry { name: exchange.name.clone(), origin, client, heard, lookup }, answer.time);
    }
}

/// The value of the field `Host` of a request, where the bytes begin with one.
fn http_host(payload: &[u8]) -> Option<&[u8]> {
    const METHODS: [&[u8]; 8] = [b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"CONNECT "];
    if !METHODS.iter().any(|method| payload.starts_with(method)) {
        return None;
    }
    let head = payload.get(..4096).unwrap_or(payload);
    let mut lines = head.split_inclusive(|byte| *byte == b'\n').skip(1);
    // A line that is not whole could be a part of a name.
    let line = lines
        .find(|line| line.ends_with(b"\n") && line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"host:")))?;
    let value = line.get(5..)?.trim_ascii();
    let host = match value {
        [b'[', rest @ ..] => rest.split(|byte| *byte == b']').next(),
        _ => value.split(|byte| *byte == b':').next(),
    };
    let is_address = |host: &[u8]| str::from_utf8(host).is_ok_and(|host| host.parse::<IpAddr>().is_ok());
    host.filter(|host| !host.is_empty() && !is_address(host))
}

/// The addresses of a name resolution block, each with its first name.
fn block_records(body: &[u8], order: ByteOrder) -> Vec<(IpAddr, &[u8])> {
    const IPV4: u16 = 1;
    const IPV6: u16 = 2;
    let mut found = Vec::new();
    let mut rest = body;
    while let Some(([a, b, c, d], behind)) = rest.split_first_chunk::<4>() {
        let [kind, length] = [[*a, *b], [*c, *d]].map(|word| match order {
            ByteOrder::Little => u16::from_le_bytes(word),
            ByteOrder::Big => u16::from_be_bytes(word),
        });
        let Some(value) = behind.get(..usize::from(length)) else { break };
        if kind == 0 {
            break;
        }
        let entry = match kind {
            IPV4 => value.split_first_chunk::<4>().map(|(address, names)| (IpAddr::from(*address), names)),
            IPV6 => value.split_first_chunk::<16>().map(|(address, names)| (IpAddr::from(*address), names)),
            _ => None,
        };
        found.extend(entry.and_then(|(address, names)| {
            names.split(|byte| *byte == 0).next().filter(|name| !name.is_empty()).map(|name| (address, name))
        }));
        let padded = usize::from(length).next_multiple_of(4);
        rest = behind.get(padded..).unwrap_or(&[]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_request() {
        let host = |text: &'static str| http_host(text.as_bytes());
        assert_eq!(host("GET / HTTP/1.1\r\nAccept: */*\r\nHOST: www.ab:8080\r\n\r\n"), Some(&b"www.ab"[..]));
        assert_eq!(host("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), None);
        assert_eq!(host("GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n"), None);
        assert_eq!(host("GET / HTTP/1.1\r\nHost: www.a"), None);
        assert_eq!(host("GET / HTTP/1.1\r\nHost: \r\n\r\n"), None);
        assert_eq!(host("HTTP/1.1 200 OK\r\nHost: x\r\n\r\n"), None);
    }

    #[test]
    fn a_name_block_is_read_in_both_byte_orders() {
        let mut big = vec![0, 1, 0, 9, 10, 0, 0, 1];
        big.extend(b"www\0x\0\0\0\0\0");
        big[3] = 10;
        big.truncate(8 + 6 + 2);
        big.extend([0, 0, 0, 0]);
        let mut little = big.clone();
        little[..4].copy_from_slice(&[1, 0, 10, 0]);
        let expected = vec![(IpAddr::from([10, 0, 0, 1]), &b"www"[..])];
        assert_eq!(block_records(&big, ByteOrder::Big), expected);
        assert_eq!(block_records(&little, ByteOrder::Little), expected);
        for cut in 0..14 {
            assert!(block_records(&big[..cut], ByteOrder::Big).is_empty(), "cut at {cut}");
        }
    }
}
