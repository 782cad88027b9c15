//! What a packet says together with those before it, kept while its fields are told: hellos and first lines that may
//! need several segments, fragments or packets.

use super::{Protocol, Wanted, quic, ssh, tls};
use crate::budget::Budget;
use crate::decode::application::Message;
use crate::decode::quic::{Kind, Version};
use crate::decode::tls::{CLIENT_HELLO, ClientHello, Ja4, Message as Tls, Transport};
use crate::frame::Frame;
use crate::reassembly::{Event, Follow, Losses};

/// The first of each kind that is whole with a packet.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub(super) hello: Option<Hello>,
    pub(super) quic: Option<Quic>,
    pub(super) banner: Option<Vec<u8>>,
}

impl Said {
    /// Whether there is nothing of it.
    pub fn is_nothing(&self) -> bool {
        self.hello.is_none() && self.quic.is_none() && self.banner.is_none()
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

    /// Whether one is needed for what is wanted.
    pub fn is_needed(wanted: &Wanted) -> bool {
        const PROTOCOLS: [&Protocol; 3] = [&tls::PROTOCOL, &quic::PROTOCOL, &ssh::PROTOCOL];
        PROTOCOLS.iter().any(|protocol| wanted.has_layers(protocol))
    }

    /// Takes the next frame: what it says together with those before it.
    pub fn hear(&mut self, frame: &Frame<'_>) -> Said {
        let mut said = Said::default();
        self.0.frame(frame, |event| match event {
            Event::Heard(heard) => match &heard.message {
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
            Event::Fault(_) | Event::Whole(..) | Event::SegmentsOverlap(_) => {}
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
