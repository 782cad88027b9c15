use super::*;

/// As many bytes as there are, counted before them in `WIDTH` bytes.
fn vector<const WIDTH: usize>(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&length[4 - WIDTH..], content].concat()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector::<2>(content)].concat()
}

/// A client hello's body with these cipher suites and extensions.
fn client_hello(ciphers: &[u16], extensions: &[Vec<u8>]) -> Vec<u8> {
    let ciphers: Vec<u8> = ciphers.iter().flat_map(|c| c.to_be_bytes()).collect();
    let head = [&[3, 3][..], &[7; 32], &vector::<1>(&[9; 32]), &vector::<2>(&ciphers), &vector::<1>(&[0])].concat();
    [head, vector::<2>(&extensions.concat())].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &vector::<3>(body)].concat()
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 1][..], &vector::<2>(content)].concat()
}

fn usual() -> Vec<u8> {
    client_hello(
        &[0x0a0a, 0x1301, 0xc02b],
        &[
            extension(0x1a1a, &[]),
            extension(0, &vector::<2>(&[&[0][..], &vector::<2>(b"example.org")].concat())),
            extension(16, &vector::<2>(&[vector::<1>(b"h2"), vector::<1>(b"http/1.1")].concat())),
            extension(43, &vector::<1>(&[0x2a, 0x2a, 3, 4, 3, 3])),
            extension(13, &vector::<2>(&[4, 3, 8, 4])),
        ],
    )
}

fn body_of(stream: &[u8]) -> Option<(Vec<u8>, usize)> {
    match find(stream) {
        Found::Message(Message::Hello { body, records, .. }) => Some((body.into_owned(), records)),
        _ => None,
    }
}

#[test]
fn a_client_hello_says_what_it_wants() {
    let body = usual();
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!((hello.legacy_version(), hello.version()), (Version::TLS12, Version::TLS13));
    assert_eq!(hello.server_name(), Some(&b"example.org"[..]));
    assert_eq!(hello.alpn().collect::<Vec<_>>(), [&b"h2"[..], b"http/1.1"]);
    assert_eq!(hello.cipher_suites().collect::<Vec<_>>(), [0x0a0a, 0x1301, 0xc02b]);
    assert_eq!(hello.signature_algorithms().collect::<Vec<_>>(), [0x0403, 0x0804]);
    assert_eq!(hello.resumption(), None);
    assert_eq!(&Ja4::of(&hello, Transport::Tcp).to_string()[..11], "t13d0204h2_");
}

#[test]
fn marks_of_earlier_sessions() {
    let of = |extensions: &[Vec<u8>]| ClientHello::parse(&client_hello(&[5], extensions)).unwrap().resumption();
    let tls13 = extension(43, &vector::<1>(&[3, 4]));
    assert_eq!(of(&[]), Some(Resumption::SessionId));
    assert_eq!(of(&[extension(35, &[])]), Some(Resumption::SessionId));
    assert_eq!(of(&[extension(35, &[1])]), Some(Resumption::Ticket));
    assert_eq!(of(&[tls13.clone(), extension(35, &[])]), None);
    assert_eq!(of(&[tls13.clone(), extension(41, &[])]), Some(Resumption::PreSharedKey));
    assert_eq!(of(&[tls13, extension(42, &[]), extension(41, &[])]), Some(Resumption::EarlyData));
}

#[test]
fn a_hello_may_lie_in_several_records() {
    let whole = message(CLIENT_HELLO, &usual());
    for size in [1, 3, 7, 100, whole.len()] {
        let stream: Vec<u8> = whole.chunks(size).flat_map(|part| record(HANDSHAKE, part)).collect();
        assert_eq!(body_of(&stream), Some((usual(), whole.len().div_ceil(size))), "records of {size}");
        for end in 1..stream.len() {
            let found = find(&stream[..end]);
            assert!(matches!(found, Found::Cut), "{size} {end} {found:?}");
        }
    }
}

#[test]
fn a_hello_is_found_before_its_record_ends() {
    let hello = message(SERVER_HELLO, &usual());
    let mut stream = record(HANDSHAKE, &[hello.clone(), vec![11; 500]].concat());
    stream.truncate(5 + hello.len());
    assert_eq!(body_of(&stream), Some((usual(), 1)));
}

#[test]
fn a_second_hello_stands_behind_a_change_of_cipher() {
    let stream = [vec![20, 3, 3, 0, 1, 1], record(HANDSHAKE, &message(CLIENT_HELLO, &usual()))].concat();
    assert!(body_of(&stream).is_some());
}

#[test]
fn alerts_are_told_where_they_are_in_the_clear() {
    let alert = |bytes: &[u8]| match find(bytes) {
        Found::Message(Message::Alert(alert)) => alert.name(),
        _ => None,
    };
    assert_eq!(alert(&[21, 3, 3, 0, 2, 2, 48]), Some("unknown CA"));
    assert_eq!(alert(&[21, 3, 3, 0, 26, 2, 48]), None);
}

#[test]
fn what_is_no_hello_is_let_go() {
    for bytes in [&b"GET / HTTP/1.1\r\n"[..], &[22, 2, 0], &[22, 3, 1, 0, 0, 1, 0], &[22, 3, 1, 0, 4, 3, 0, 0, 0]] {
        assert!(matches!(find(bytes), Found::Other), "{bytes:?}");
    }
    let long = record(HANDSHAKE, &[1, 1, 0, 0]);
    assert!(matches!(find(&long), Found::Other));
}

#[test]
fn a_server_hello_says_what_it_chose() {
    let of = |random: [u8; 32], extensions: &[Vec<u8>]| {
        [&[3, 3][..], &random, &vector::<1>(&[]), &[0x13, 1, 0], &vector::<2>(&extensions.concat())].concat()
    };
    let bytes = of([1; 32], &[extension(43, &[3, 4]), extension(41, &[0, 0])]);
    let hello = ServerHello::parse(&bytes).unwrap();
    assert_eq!((hello.version(), hello.cipher_suite()), (Version::TLS13, 0x1301));
    assert!(hello.has_pre_shared_key() && !hello.is_retry_request());
    let bytes = of(RETRY, &[extension(16, &vector::<2>(&vector::<1>(b"h2")))]);
    let hello = ServerHello::parse(&bytes).unwrap();
    assert_eq!((hello.version(), hello.alpn()), (Version::TLS12, Some(&b"h2"[..])));
    assert!(hello.is_retry_request());
}

#[test]
fn another_reader_sees_the_same_in_a_hello() {
    let stream = record(HANDSHAKE, &message(CLIENT_HELLO, &usual()));
    let (_, parsed) = tls_parser::parse_tls_plaintext(&stream).unwrap();
    let tls_parser::TlsMessage::Handshake(tls_parser::TlsMessageHandshake::ClientHello(theirs)) = &parsed.msg[0] else {
        panic!("no client hello")
    };
    let body = usual();
    let ours = ClientHello::parse(&body).unwrap();
    assert_eq!(ours.cipher_suites().collect::<Vec<_>>(), theirs.ciphers.iter().map(|c| c.0).collect::<Vec<_>>());
    assert_eq!(Some(ours.session_id()), theirs.session_id);
    let (_, extensions) = tls_parser::parse_tls_extensions(theirs.ext.unwrap()).unwrap();
    let kinds: Vec<u16> = extensions.iter().map(|e| tls_parser::TlsExtensionType::from(e).0).collect();
    assert_eq!(ours.extensions().map(|e| e.0).filter(|e| !is_grease(*e)).collect::<Vec<_>>(), kinds[1..]);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let framed = record(HANDSHAKE, &message(CLIENT_HELLO, &bytes));
        for stream in [&bytes[..], &framed] {
            if let Found::Message(Message::Hello { body, .. }) = find(stream)
                && let Some(hello) = ClientHello::parse(&body)
            {
                let _ = (hello.server_name(), hello.resumption(), hello.alpn().count(), hello.supported_versions().count());
                proptest::prop_assert_eq!(Ja4::of(&hello, Transport::Tcp).as_bytes().len(), Ja4::LENGTH);
            }
        }
        let _ = ServerHello::parse(&bytes).map(|hello| (hello.version(), hello.alpn().map(<[u8]>::len)));
    }
}
