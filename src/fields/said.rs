//! What a packet says together with those before it, kept while its fields are told: datagrams from their fragments, and
//! messages, hellos and first lines that may need several segments, fragments or packets.

use super::{PROTOCOLS, Protocol, Wanted, dns, frame, quic, ssh, tls};
use crate::budget::Budget;
use crate::decode::application::Message;
use crate::decode::quic::{Kind, Version};
use crate::decode::tls::{CLIENT_HELLO, ClientHello, Ja4, Message as Tls, Transport};
use crate::decode::{IpVersion, Layers};
use crate::frame::Frame;
use crate::reassembly::fragments::Datagram;
use crate::reassembly::{Event, Follow, Losses};

/// What is whole with a packet: datagrams, each within the one before it, and the first of each other kind.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub(super) datagrams: Vec<Whole>,
    /// A message of DNS that its segments had to be put together for.
    pub(super) dns: Option<Vec<u8>>,
    pub(super) hello: Option<Hello>,
    pub(super) quic: Option<Quic>,
    pub(super) banner: Option<Vec<u8>>,
}

impl Said {
    /// Whether there is nothing of it.
    pub fn is_nothing(&self) -> bool {
        self.datagrams.is_empty()
            && self.dns.is_none()
            && self.hello.is_none()
            && self.quic.is_none()
            && self.banner.is_none()
    }
}

/// A datagram from its fragments.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub datagram: Datagram,
    pub version: IpVersion,
}

impl Whole {
    pub fn layers(&self) -> Layers<'_> {
        self.datagram.layers(self.version)
    }
}

/// A TLS hello, over TCP or in QUIC.
#[derive(Clone, Debug)]
pub(super) struct Hello {
    pub kind: u8,
    /// The message without its header.
    pub body: Vec<u8>,
    /// Of a client's.
    pub ja4: Option<Ja4>,
}

/// A QUIC packet with a long header.
#[derive(Clone, Debug)]
pub(super) struct Quic {
    pub version: Version,
    pub kind: Kind,
    pub destination_id: Vec<u8>,
    pub source_id: Vec<u8>,
    /// The host that a client hello in it asks for.
    pub server_name: Option<Vec<u8>>,
}

/// Follows packets for those who want such fields.
#[derive(Debug)]
pub struct Listener(Follow);

impl Listener {
    /// One whose memory comes out of `budget`.
    pub fn new(budget: &Budget) -> Self {
        Listener(Follow::new(budget))
    }

    /// The one that is needed for what is wanted: none for what is known of a frame beside its bytes; one for datagrams alone
    /// where no message is wanted that may come in several segments.
    pub fn for_wanted(wanted: &Wanted, budget: &Budget) -> Option<Self> {
        const MESSAGES: [&Protocol; 4] = [&dns::PROTOCOL, &tls::PROTOCOL, &quic::PROTOCOL, &ssh::PROTOCOL];
        if MESSAGES.iter().any(|protocol| wanted.has_layers(protocol)) {
            return Some(Self::new(budget));
        }
        let in_bytes = PROTOCOLS.iter().filter(|protocol| **protocol != &frame::PROTOCOL);
        let is_wanted = in_bytes.into_iter().any(|protocol| wanted.has_layers(protocol));
        is_wanted.then(|| Listener(Follow::datagrams_alone(budget)))
    }

    /// Whether [`hear`](Self::hear) needs to be shown the frame at all.
    pub fn concerns(&self, frame: &Frame<'_>) -> bool {
        self.0.concerns(frame)
    }

    /// Takes the next frame: what it says together with those before it.
    pub fn hear(&mut self, frame: &Frame<'_>) -> Said {
        let mut said = Said::default();
        self.0.frame(frame, |event| match event {
            Event::Whole(datagram, ip) => {
                said.datagrams.push(Whole { datagram: datagram.clone(), version: ip.version() });
            }
            Event::Heard(heard) => match &heard.message {
                Message::Dns(_) if heard.is_dns_alone() => {}
                Message::Dns(message) => {
                    said.dns.get_or_insert_with(|| message.to_vec());
                }
                Message::Tls(Tls::Hello { kind, body, .. }) => {
                    said.hello.get_or_insert_with(|| Hello::new(*kind, body, Transport::Tcp));
                }
                Message::SshBanner(line) => {
                    said.banner.get_or_insert_with(|| line.to_vec());
                }
                _ => {}
            },
            Event::Quic(packet, initial) => {
                let quic = said.quic.get_or_insert_with(|| Quic {
                    version: packet.version(),
                    kind: packet.kind(),
                    destination_id: packet.destination_id().to_vec(),
                    source_id: packet.source_id().to_vec(),
                    server_name: None,
                });
                let Some(hello) = initial.and_then(|initial| initial.hello.as_ref()) else { return };
                if hello.kind == CLIENT_HELLO {
                    let client = ClientHello::parse(&hello.body);
                    quic.server_name = client.and_then(|hello| hello.server_name()).map(<[u8]>::to_vec);
                }
                said.hello.get_or_insert_with(|| Hello::new(hello.kind, &hello.body, Transport::Quic));
            }
            Event::Fault(_) | Event::SegmentsOverlap(_) => {}
        });
        said
    }

    /// What was given up before it was whole.
    pub fn losses(&self) -> Losses {
        self.0.losses()
    }
}

impl Hello {
    fn new(kind: u8, body: &[u8], transport: Transport) -> Self {
        let client = if kind == CLIENT_HELLO { ClientHello::parse(body) } else { None };
        Hello { kind, body: body.to_vec(), ja4: client.map(|hello| Ja4::of(&hello, transport)) }
    }
}
