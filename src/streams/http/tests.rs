//! Messages cut anywhere are shown as whole ones are.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

/// What is shown of one connection: of each side its bytes, notes and gaps in brackets.
#[derive(Default)]
struct Told([Vec<u8>; 2], [usize; 2]);

impl Told {
    fn show(&mut self, side: Side, offset: usize, shown: Shown<'_>) {
        let at = usize::from(side == Side::Server);
        assert_eq!(offset, self.1[at], "offsets follow each other");
        match shown {
            Shown::Part(Part::Bytes(bytes)) => {
                self.0[at].extend_from_slice(bytes);
                self.1[at] += bytes.len();
            }
            Shown::Part(Part::Missing(count)) => {
                self.0[at].extend(format!("[{count}]").bytes());
                self.1[at] += count;
            }
            Shown::Note(words) => self.0[at].extend(format!("[{words}]").bytes()),
        }
    }
}

/// What is shown of client and server where both sent this, in pieces of so many bytes.
fn shown_in_pieces(client: &[u8], server: &[u8], piece: usize) -> [Vec<u8>; 2] {
    let mut dialogues = Dialogues::new(&Budget::new(1 << 20));
    let mut told = Told::default();
    for (side, sent) in [(Side::Client, client), (Side::Server, server)] {
        for bytes in sent.chunks(piece) {
            dialogues.take(0, side, Part::Bytes(bytes), &mut |offset, shown| told.show(side, offset, shown));
        }
    }
    dialogues.finish(0, |side, offset, shown| told.show(side, offset, shown));
    assert_eq!(dialogues.budget.left(), 1 << 20, "memory is given back");
    told.0
}

/// The same for pieces of all lengths, which must not matter.
fn shown(client: &[u8], server: &[u8]) -> [Vec<u8>; 2] {
    let whole = shown_in_pieces(client, server, usize::MAX);
    for piece in [1, 2, 3, 7, 50] {
        assert_eq!(shown_in_pieces(client, server, piece), whole, "in pieces of {piece}");
    }
    whole
}

fn response(fields: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n").as_bytes(), body].concat()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn chunked(body: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in body.chunks(length) {
        out.extend(format!("{:X};name=value\r\n", chunk.len()).bytes());
        out.extend_from_slice(chunk);
        out.extend(b"\r\n");
    }
    out.extend(b"0\r\nChecksum: none\r\n\r\n");
    out
}

const TEXT: &[u8] = b"a text, a text, and a text again, so that it can be shortened a bit";

#[test]
fn bodies_are_decoded_whatever_their_coding() {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(TEXT).unwrap();
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(TEXT).unwrap();
    let codings = [
        ("gzip", gzip(TEXT)),
        ("X-GZip", gzip(TEXT)),
        ("deflate", zlib.finish().unwrap()),
        ("deflate", deflate.finish().unwrap()),
        ("identity", TEXT.to_vec()),
    ];
    for (name, body) in codings {
        for (framing, body) in [
            (format!("Content-Length: {}", body.len()), body.clone()),
            ("transfer-encoding: chunked".to_owned(), chunked(&body, 5)),
        ] {
            let fields = format!("Content-Encoding: {name}\r\n{framing}");
            let [_, server] = shown(b"", &[response(&fields, &body), response("Content-Length: 3", b"end")].concat());
            let expected = [response(&fields, TEXT), response("Content-Length: 3", b"end")].concat();
            assert_eq!(String::from_utf8_lossy(&server), String::from_utf8_lossy(&expected), "{name}");
        }
        let [_, server] = shown(b"", &response(&format!("Content-Encoding: {name}"), &body));
        assert!(server.ends_with(TEXT), "{name} until the end");
    }
}

#[test]
fn zstd_is_decoded_too() {
    let body = zstd::encode_all(TEXT, 0).unwrap();
    let mut dialogues = Dialogues::new(&Budget::new(64 << 20));
    let mut told = Told::default();
    let sent = response(&format!("Content-Encoding: zstd\r\nContent-Length: {}", body.len()), &body);
    let side = Side::Server;
    dialogues.take(0, side, Part::Bytes(&sent), &mut |offset, shown| told.show(side, offset, shown));
    assert!(told.0[1].ends_with(TEXT));
    let [_, server] = shown(b"", &sent);
    assert!(server.ends_with(&body), "there is no memory for it");
}

#[test]
fn a_response_without_a_body_has_none_whatever_its_fields_say() {
    let client = b"HEAD / HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n";
    let server = [
        response("Content-Length: 100", b""),
        b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
        response("Transfer-Encoding: chunked", &chunked(b"abc", 2)),
    ]
    .concat();
    let [_, server] = shown(client, &server);
    assert!(server.ends_with(b"chunked\r\n\r\nabc"), "{}", String::from_utf8_lossy(&server));
}

#[test]
fn what_is_no_http_stays_as_it_is() {
    let switched = b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x05hello".to_vec();
    let long = [b"GET /".to_vec(), vec![b'a'; LONGEST_HEAD], b"\r\n\r\n".to_vec()].concat();
    for (client, server) in [
        (&b"\x16\x03\x01\0\x05hello"[..], &b"\x16\x03\x03\0\0"[..]),
        (b"SSH-2.0-x\r\n\r\n", b"SSH-2.0-y\r\n\r\n"),
        (b"GET", b"HTTP/"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\x81\x85", &switched),
        (&long, b""),
    ] {
        assert_eq!(shown(client, server), [client.to_vec(), server.to_vec()]);
    }
}

#[test]
fn what_is_damaged_or_missing_is_told() {
    let sent = response("Transfer-Encoding: chunked", b"3\r\nabc\r\nxyz\r\nmore");
    let [_, server] = shown(b"", &sent);
    assert!(server.ends_with(b"abc[there is no chunk where one should be: shown as it is from here on]xyz\r\nmore"));
    let mut body = gzip(TEXT);
    body[12] = 0xff;
    let fields = format!("Content-Encoding: gzip\r\nContent-Length: {}", body.len());
    let [_, server] = shown_in_pieces(b"", &response(&fields, &body), usize::MAX);
    assert!(String::from_utf8_lossy(&server).contains("[the body is damaged here: shown as it is]"));

    let mut dialogues = Dialogues::new(&Budget::new(1 << 20));
    let mut told = Told::default();
    let begin = response("Content-Length: 10", b"ab");
    let end = [b"gh", &response("Content-Length: 0", b"")[..]].concat();
    for part in [Part::Bytes(&begin), Part::Missing(6), Part::Bytes(&end)] {
        dialogues.take(0, Side::Server, part, &mut |offset, shown| told.show(Side::Server, offset, shown));
    }
    let [_, server] = told.0;
    assert!(server.ends_with(&[&b"ab[6]gh"[..], &response("Content-Length: 0", b"")].concat()));
}

#[test]
fn a_bomb_is_not_shown_whole() {
    let zeros = vec![0; 20 << 20];
    let body = gzip(&zeros);
    let fields = format!("Content-Encoding: gzip\r\nContent-Length: {}", body.len());
    let sent = [response(&fields, &body), response("Content-Length: 3", b"end")].concat();
    let [_, server] = shown_in_pieces(b"", &sent, 1400);
    assert!(server.len() < body.len() * 110 + (100 << 10), "{}", server.len());
    assert!(String::from_utf8_lossy(&server).contains("[the rest of the body is left out"));
    assert!(server.ends_with(b"Content-Length: 3\r\n\r\nend"), "what follows is found");
}

proptest! {
    #[test]
    fn whatever_comes_ends_and_gives_its_memory_back(
        parts in proptest::collection::vec((any::<bool>(), proptest::option::of(
            prop_oneof![
                any::<Vec<u8>>(),
                "(GET|HEAD|CONNECT) / HTTP/1.1\r\n(Content-Length: [0-9]{1,3}\r\n)?\r\n".prop_map(String::into_bytes),
                "HTTP/1.1 [12345]0[014]( OK)?\r\n(Transfer-Encoding: chunked\r\n)?(Content-Encoding: (gzip|deflate|zstd)\r\n)?\r\n"
                    .prop_map(String::into_bytes),
                "[0-9a-f]{1,2}\r\n".prop_map(String::into_bytes),
            ])), 0..20),
    ) {
        let budget = Budget::new(32 << 20);
        let mut dialogues = Dialogues::new(&budget);
        let mut told = Told::default();
        for (client, part) in &parts {
            let side = if *client { Side::Client } else { Side::Server };
            let part = part.as_ref().map_or(Part::Missing(7), |bytes| Part::Bytes(bytes));
            dialogues.take(0, side, part, &mut |offset, shown| told.show(side, offset, shown));
        }
        dialogues.finish(0, |side, offset, shown| told.show(side, offset, shown));
        prop_assert_eq!(budget.left(), 32 << 20);
    }
}
