//! TLS (RFC 5246, RFC 8446): records, alerts and the two hellos that a connection begins with, in the clear. What
//! else a handshake says is encrypted from TLS 1.3 on, and not looked at.

mod ja4;

pub use ja4::{Ja4, Transport};

use std::borrow::Cow;

/// Content types of records.
pub const CHANGE_CIPHER_SPEC: u8 = 20;
pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;

/// Types of handshake messages.
pub const CLIENT_HELLO: u8 = 1;
pub const SERVER_HELLO: u8 = 2;

/// Types of extensions that something here asks for.
pub mod extension {
    pub const SERVER_NAME: u16 = 0;
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    pub const ALPN: u16 = 16;
    pub const SESSION_TICKET: u16 = 35;
    pub const PRE_SHARED_KEY: u16 = 41;
    pub const EARLY_DATA: u16 = 42;
    pub const SUPPORTED_VERSIONS: u16 = 43;
}

/// The most bytes that a record holds, encrypted ones with what that may add (RFC 5246, 6.2.3).
const MAX_RECORD: usize = (1 << 14) + 2048;
/// Before each record: its type, version and length.
const RECORD_HEADER: usize = 5;
/// Before each handshake message: its type and length.
const HANDSHAKE_HEADER: usize = 4;
/// A hello is not looked for beyond this many bytes.
pub const MAX_HELLO: usize = 1 << 14;

/// The random of a server hello that asks for another client hello: the hash of "HelloRetryRequest" (RFC 8446, 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// A protocol version as it stands in hellos and records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(pub u16);

impl Version {
    pub const SSL3: Version = Version(0x0300);
    pub const TLS12: Version = Version(0x0303);
    pub const TLS13: Version = Version(0x0304);

    /// Such as `TLS 1.3`, where it has a name.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x0300 => "SSL 3.0",
            0x0301 => "TLS 1.0",
            0x0302 => "TLS 1.1",
            0x0303 => "TLS 1.2",
            0x0304 => "TLS 1.3",
            _ => return None,
        })
    }
}

/// Whether a value of a list is there only so that others stay tolerant (RFC 8701).
pub fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// What a stream of records says next in the clear.
#[derive(Clone, Debug)]
pub enum Message<'a> {
    /// A client or server hello: the bytes of the message without its header, and how many records held it.
    Hello {
        kind: u8,
        body: Cow<'a, [u8]>,
        records: usize,
    },
    Alert(Alert),
}

/// An alert (RFC 8446, 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alert {
    pub fatal: bool,
    pub description: u8,
}

/// What stands at the start of a stream.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    Message(Message<'a>),
    /// More bytes are needed to tell.
    Cut,
    /// Nothing that is told here.
    Other,
}

/// Looks for a hello or an alert at the start of a stream, over as many records as the message has.
pub fn find(stream: &[u8]) -> Found<'_> {
    let mut rest = stream;
    // A client that was asked for another hello puts one before it (RFC 8446, D.4).
    if let [CHANGE_CIPHER_SPEC, 3, _, 0, 1, 1, behind @ ..] = rest
        && !behind.is_empty()
    {
        rest = behind;
    }
    match *rest {
        [ALERT, 3, _, 0, 2, level @ 1..=2, description, ..] => {
            Found::Message(Message::Alert(Alert { fatal: level == 2, description }))
        }
        [HANDSHAKE, 3, 0..=4, _, _, CLIENT_HELLO | SERVER_HELLO, ..] => hello(rest),
        _ if may_begin(rest) => Found::Cut,
        _ => Found::Other,
    }
}

/// Whether a few bytes could be the beginning of a record with a hello, of which the type is not there yet.
fn may_begin(bytes: &[u8]) -> bool {
    matches!(bytes, [HANDSHAKE] | [HANDSHAKE, 3] | [HANDSHAKE, 3, 0..=4]) || {
        matches!(bytes, [HANDSHAKE, 3, 0..=4, ..]) && bytes.len() <= RECORD_HEADER
    }
}

/// Puts a hello together from the records at the start of a stream.
fn hello(stream: &[u8]) -> Found<'_> {
    let mut rest = stream;
    let mut joined: Cow<'_, [u8]> = Cow::Borrowed(&[]);
    let mut records = 0usize;
    loop {
        let (part, behind) = match record(rest) {
            Record::Begun(part, behind) => (part, behind),
            Record::Cut => return Found::Cut,
            Record::Other => return Found::Other,
        };
        records = records.saturating_add(1);
        if joined.is_empty() {
            joined = Cow::Borrowed(part)
        } else {
            joined.to_mut().extend_from_slice(part)
        }
        if let Some((kind, length)) = handshake_header(&joined) {
            if length > MAX_HELLO {
                return Found::Other;
            }
            let end = length.saturating_add(HANDSHAKE_HEADER);
            if joined.len() >= end {
                let body = match joined {
                    Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(HANDSHAKE_HEADER..end).unwrap_or(&[])),
                    Cow::Owned(bytes) => Cow::Owned(bytes.get(HANDSHAKE_HEADER..end).unwrap_or(&[]).to_vec()),
                };
                return Found::Message(Message::Hello { kind, body, records });
            }
        }
        rest = behind;
    }
}

/// A handshake record at the start of a stream.
enum Record<'a> {
    /// What is there of its content, and what stands behind it.
    Begun(&'a [u8], &'a [u8]),
    Cut,
    Other,
}

fn record(stream: &[u8]) -> Record<'_> {
    let Some((&[kind, major, _, high, low], rest)) = stream.split_first_chunk::<RECORD_HEADER>() else {
        return if stream.is_empty() || may_begin(stream) { Record::Cut } else { Record::Other };
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if kind != HANDSHAKE || major != 3 || !(1..=MAX_RECORD).contains(&length) {
        return Record::Other;
    }
    match rest.split_at_checked(length) {
        Some((content, behind)) => Record::Begun(content, behind),
        None if rest.is_empty() => Record::Cut,
        None => Record::Begun(rest, &[]),
    }
}

/// The type and length of the handshake message at the start of some bytes.
pub fn handshake_header(bytes: &[u8]) -> Option<(u8, usize)> {
    let &[kind, a, b, c] = bytes.first_chunk()?;
    Some((kind, u32::from_be_bytes([0, a, b, c]) as usize))
}

/// A stretch of bytes read from the front.
#[derive(Clone, Copy, Debug)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<u16> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*head))
    }

    /// As many bytes as the byte before them says.
    fn vector8(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(length.into())
    }

    /// As many bytes as the two before them say.
    fn vector16(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }
}

/// The numbers in a list of them, two bytes each.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> + use<'_> {
    bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair))
}

/// The extensions of a hello: type and content, in order.
#[derive(Clone, Copy, Debug)]
pub struct Extensions<'a>(Reader<'a>);

impl<'a> Extensions<'a> {
    /// The content of the first extension of a type.
    pub fn get(self, wanted: u16) -> Option<&'a [u8]> {
        { self }.find(|(kind, _)| *kind == wanted).map(|(_, content)| content)
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.u16()?, self.0.vector16()?))
    }
}

/// What a client begins with (RFC 8446, 4.1.2).
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    version: Version,
    session_id: &'a [u8],
    cipher_suites: &'a [u8],
    extensions: Extensions<'a>,
}

impl<'a> ClientHello<'a> {
    /// The message without its header; none where it can't be one.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let version = Version(reader.u16()?);
        let _random = reader.take(32)?;
        let session_id = reader.vector8()?;
        let cipher_suites = reader.vector16()?;
        let _compression_methods = reader.vector8()?;
        let extensions = Extensions(Reader(reader.vector16().unwrap_or(&[])));
        Some(ClientHello { version, session_id, cipher_suites, extensions })
    }

    /// The version field, which stays at TLS 1.2 in TLS 1.3.
    pub fn legacy_version(&self) -> Version {
        self.version
    }

    /// The versions of the extension that offers them, in order; empty where it is not there.
    pub fn supported_versions(&self) -> impl Iterator<Item = Version> + use<'a> {
        let list = self.extensions.get(extension::SUPPORTED_VERSIONS).and_then(|v| Reader(v).vector8());
        numbers(list.unwrap_or(&[])).map(Version)
    }

    /// The highest version offered.
    pub fn version(&self) -> Version {
        self.supported_versions().filter(|v| !is_grease(v.0)).max().unwrap_or(self.version)
    }

    /// The name of the host that is wanted (RFC 6066, 3).
    pub fn server_name(&self) -> Option<&'a [u8]> {
        let mut list = Reader(Reader(self.extensions.get(extension::SERVER_NAME)?).vector16()?);
        loop {
            match (list.u8()?, list.vector16()?) {
                (0, name) => return Some(name),
                _ => continue,
            }
        }
    }

    /// The application protocols offered, in order (RFC 7301).
    pub fn alpn(&self) -> Alpn<'a> {
        Alpn::of(self.extensions)
    }

    /// In the order of preference, values for tolerance ([`is_grease`]) too.
    pub fn cipher_suites(&self) -> impl Iterator<Item = u16> + use<'a> {
        numbers(self.cipher_suites)
    }

    /// In the order of preference.
    pub fn signature_algorithms(&self) -> impl Iterator<Item = u16> + use<'a> {
        let list = self.extensions.get(extension::SIGNATURE_ALGORITHMS).and_then(|v| Reader(v).vector16());
        numbers(list.unwrap_or(&[]))
    }

    pub fn extensions(&self) -> Extensions<'a> {
        self.extensions
    }

    /// 0 to 32 bytes; of TLS 1.3 they mean nothing.
    pub fn session_id(&self) -> &'a [u8] {
        self.session_id
    }

    /// How the client asks to go on with an earlier session.
    pub fn resumption(&self) -> Option<Resumption> {
        if self.extensions.get(extension::PRE_SHARED_KEY).is_some() {
            let early = self.extensions.get(extension::EARLY_DATA).is_some();
            return Some(if early { Resumption::EarlyData } else { Resumption::PreSharedKey });
        }
        if self.extensions.get(extension::SESSION_TICKET).is_some_and(|ticket| !ticket.is_empty()) {
            return Some(Resumption::Ticket);
        }
        (self.version() < Version::TLS13 && !self.session_id.is_empty()).then_some(Resumption::SessionId)
    }
}

/// The mark of a hello that goes on with an earlier session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resumption {
    /// By its number (RFC 5246, 7.4.1.2).
    SessionId,
    /// By a ticket (RFC 5077).
    Ticket,
    /// By a key known to both (RFC 8446, 4.2.11).
    PreSharedKey,
    /// By such a key, and with data that follows at once (RFC 8446, 4.2.10).
    EarlyData,
}

/// The application protocols that a hello names.
#[derive(Clone, Copy, Debug)]
pub struct Alpn<'a>(Reader<'a>);

impl<'a> Alpn<'a> {
    fn of(extensions: Extensions<'a>) -> Self {
        let list = extensions.get(extension::ALPN).and_then(|v| Reader(v).vector16());
        Alpn(Reader(list.unwrap_or(&[])))
    }
}

impl<'a> Iterator for Alpn<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.vector8()
    }
}

/// What a server answers (RFC 8446, 4.1.3).
#[derive(Clone, Copy, Debug)]
pub struct ServerHello<'a> {
    version: Version,
    random: &'a [u8],
    session_id: &'a [u8],
    cipher_suite: u16,
    extensions: Extensions<'a>,
}

impl<'a> ServerHello<'a> {
    /// The message without its header; none where it can't be one.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let version = Version(reader.u16()?);
        let random = reader.take(32)?;
        let session_id = reader.vector8()?;
        let cipher_suite = reader.u16()?;
        let _compression_method = reader.u8()?;
        let extensions = Extensions(Reader(reader.vector16().unwrap_or(&[])));
        Some(ServerHello { version, random, session_id, cipher_suite, extensions })
    }

    /// The version chosen.
    pub fn version(&self) -> Version {
        let chosen = self.extensions.get(extension::SUPPORTED_VERSIONS).and_then(|v| Reader(v).u16());
        chosen.map_or(self.version, Version)
    }

    pub fn cipher_suite(&self) -> u16 {
        self.cipher_suite
    }

    pub fn session_id(&self) -> &'a [u8] {
        self.session_id
    }

    /// The application protocol chosen, where that is told in the clear (before TLS 1.3).
    pub fn alpn(&self) -> Option<&'a [u8]> {
        Alpn::of(self.extensions).next()
    }

    pub fn extensions(&self) -> Extensions<'a> {
        self.extensions
    }

    /// Whether it asks for another client hello.
    pub fn is_retry_request(&self) -> bool {
        self.random == RETRY
    }

    /// Whether it goes on with the session of the key that the client offered.
    pub fn has_pre_shared_key(&self) -> bool {
        self.extensions.get(extension::PRE_SHARED_KEY).is_some()
    }
}

impl Alert {
    /// The name of its description (RFC 8446, 6, and those before it).
    pub fn name(self) -> Option<&'static str> {
        Some(match self.description {
            0 => "close notify",
            10 => "unexpected message",
            20 => "bad record MAC",
            21 => "decryption failed",
            22 => "record overflow",
            30 => "decompression failure",
            40 => "handshake failure",
            41 => "no certificate",
            42 => "bad certificate",
            43 => "unsupported certificate",
            44 => "certificate revoked",
            45 => "certificate expired",
            46 => "certificate unknown",
            47 => "illegal parameter",
            48 => "unknown CA",
            49 => "access denied",
            50 => "decode error",
            51 => "decrypt error",
            60 => "export restriction",
            70 => "protocol version",
            71 => "insufficient security",
            80 => "internal error",
            86 => "inappropriate fallback",
            90 => "user canceled",
            100 => "no renegotiation",
            109 => "missing extension",
            110 => "unsupported extension",
            111 => "certificate unobtainable",
            112 => "unrecognized name",
            113 => "bad certificate status response",
            114 => "bad certificate hash value",
            115 => "unknown PSK identity",
            116 => "certificate required",
            120 => "no application protocol",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
