//! What a TCP stream says at its beginning: the protocol is told by the first bytes, of DNS by the port.

use super::{http2, ssh, tls};

/// How far a stream has been read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Place {
    /// Where a protocol may begin; in the middle of a stream too, as far as is known.
    #[default]
    Begin,
    /// Behind the first line of SSH.
    Ssh,
    /// Among frames of HTTP/2.
    Http2,
    /// What follows is not told.
    Done,
}

/// One message.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Message<'a> {
    Tls(tls::Message<'a>),
    SshBanner(&'a [u8]),
    SshKeyExchange(ssh::KeyExchange<'a>),
    Http2Preface,
    Http2(http2::Frame<'a>),
    /// Without the length before it.
    Dns(&'a [u8]),
}

/// What stands next in a stream.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// A message and how many bytes of the stream it used.
    Message(Message<'a>, usize),
    /// More bytes are needed to tell.
    Cut,
    /// Nothing that is told here.
    Other,
}

/// What is known of a stream beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// A port of the connection is that of DNS.
    pub is_dns: bool,
    /// The bytes are the first of the stream, not only the first seen.
    pub is_start: bool,
}

/// Looks at the next bytes of a stream; `place` moves on behind a message.
pub fn next<'a>(stream: &'a [u8], place: &mut Place, known: Known) -> Found<'a> {
    let (found, behind) = match *place {
        Place::Done => (Found::Other, Place::Done),
        Place::Ssh => (key_exchange(stream), Place::Done),
        Place::Http2 => (frame(stream), Place::Http2),
        Place::Begin if known.is_dns => (dns(stream), Place::Begin),
        Place::Begin => first(stream, known.is_start),
    };
    if matches!(found, Found::Message(..)) {
        *place = behind;
    }
    found
}

/// The first message, and where the stream is behind it.
fn first(stream: &[u8], is_start: bool) -> (Found<'_>, Place) {
    match tls::find(stream) {
        tls::Found::Message(message) => return (Found::Message(Message::Tls(message), stream.len()), Place::Done),
        tls::Found::Cut => return (Found::Cut, Place::Done),
        tls::Found::Other => {}
    }
    match ssh::banner(stream) {
        ssh::Found::Banner(line, used) => return (Found::Message(Message::SshBanner(line), used), Place::Ssh),
        ssh::Found::Cut => return (Found::Cut, Place::Ssh),
        ssh::Found::KeyExchange(..) | ssh::Found::Other => {}
    }
    if stream.starts_with(http2::PREFACE) {
        return (Found::Message(Message::Http2Preface, http2::PREFACE.len()), Place::Http2);
    }
    if http2::PREFACE.starts_with(stream) {
        return (Found::Cut, Place::Http2);
    }
    match http2::Frame::parse(stream) {
        Some(settings) if is_start && settings.begins_connection() => (frame(stream), Place::Http2),
        _ => (Found::Other, Place::Done),
    }
}

fn key_exchange(stream: &[u8]) -> Found<'_> {
    match ssh::key_exchange(stream) {
        ssh::Found::KeyExchange(offer, used) => Found::Message(Message::SshKeyExchange(offer), used),
        ssh::Found::Cut => Found::Cut,
        ssh::Found::Banner(..) | ssh::Found::Other => Found::Other,
    }
}

fn frame(stream: &[u8]) -> Found<'_> {
    match http2::Frame::parse(stream) {
        Some(frame) if frame.len() <= stream.len() => Found::Message(Message::Http2(frame), frame.len()),
        Some(frame) if frame.name().is_none() => Found::Other,
        _ => Found::Cut,
    }
}

/// A message with its length before it (RFC 1035, 4.2.2).
fn dns(stream: &[u8]) -> Found<'_> {
    let Some((length, rest)) = stream.split_first_chunk() else { return Found::Cut };
    let length = usize::from(u16::from_be_bytes(*length));
    if length < super::dns::HEADER {
        return Found::Other;
    }
    match rest.get(..length) {
        Some(message) => Found::Message(Message::Dns(message), length.saturating_add(2)),
        None => Found::Cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Known = Known { is_dns: false, is_start: true };

    /// The names of all messages of a stream, and how the reading ended.
    fn read(mut stream: &[u8], known: Known) -> (Vec<&'static str>, &'static str) {
        let (mut place, mut names) = (Place::Begin, Vec::new());
        while !stream.is_empty() {
            match next(stream, &mut place, known) {
                Found::Message(message, used) => {
                    assert!(used > 0 && used <= stream.len());
                    stream = &stream[used..];
                    names.push(match message {
                        Message::Tls(_) => "tls",
                        Message::SshBanner(_) => "banner",
                        Message::SshKeyExchange(_) => "key exchange",
                        Message::Http2Preface => "preface",
                        Message::Http2(_) => "frame",
                        Message::Dns(_) => "dns",
                    });
                }
                Found::Cut => return (names, "cut"),
                Found::Other => return (names, "other"),
            }
        }
        (names, "end")
    }

    #[test]
    fn messages_follow_each_other() {
        let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        let client = [http2::PREFACE, &settings, &settings[..5]].concat();
        assert_eq!(read(&client, START), (vec!["preface", "frame"], "cut"));
        assert_eq!(read(&settings, START), (vec!["frame"], "end"));
        assert_eq!(read(&settings, Known { is_start: false, ..START }), (vec![], "other"));
        assert_eq!(read(b"SSH-2.0-x\r\n\0\0", START), (vec!["banner"], "cut"));
        assert_eq!(read(b"PRI * HT", START), (vec![], "cut"));
        assert_eq!(read(b"GET / HTTP/1.1\r\n", START), (vec![], "other"));
        assert_eq!(read(&[21, 3, 3, 0, 2, 2, 40], START), (vec!["tls"], "end"));
        let message = [&[0, 12][..], &[7; 12], &[0, 12], &[7; 3]].concat();
        assert_eq!(read(&message, Known { is_dns: true, ..START }), (vec!["dns"], "cut"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
            head in proptest::sample::select(vec![&b""[..], http2::PREFACE, b"SSH-2.0-x\n", &[22, 3, 1], &[0, 0, 6, 4, 0]]),
            is_dns in proptest::bool::ANY,
        ) {
            read(&[head, &bytes].concat(), Known { is_dns, is_start: true });
        }
    }
}
