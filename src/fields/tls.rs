//! Fields of TLS hellos.

use super::said::Hello;
use super::{Value, Visitor};
use crate::decode::tls::{CLIENT_HELLO, ClientHello, Resumption, SERVER_HELLO, ServerHello};

fields! { tls, "tls", Plain, "Transport layer security, its hellos (RFC 8446), over TCP and in QUIC";
    TYPE "type" Number "1 client hello, 2 server hello" ["tls.handshake.type" "" ""];
    VERSION "version" Text "The highest version that a client offers, or the one that a server chose: TLS 1.3" ["" "ssl.version" "tls.version"];
    NAME "sni" Text "Name of the host that is wanted" ["tls.handshake.extensions_server_name" "ssl.server_name" "tls.sni"];
    PROTOCOLS "alpn" Text "Application protocols that a client offers, in order, or the one that a server chose" ["tls.handshake.extensions_alpn_str" "ssl.next_protocol" "tls.client_alpns"];
    CIPHERS "ciphers" Number "Cipher suites that a client offers, in order, or the one that a server chose" ["tls.handshake.ciphersuite" "ssl.cipher" ""];
    JA4 "ja4" Text "JA4, the fingerprint of a client" ["tls.handshake.ja4" "" "tls.ja4"];
    RESUMES "resumes" Text "How it goes on with an earlier session: id, ticket, key, early_data" ["" "ssl.resumed" "tls.session_resumed"];
    RETRY "retry" Bool "The server asks for another hello" ["" "" ""];
}

pub(super) fn visit<'a>(hello: &'a Hello, out: &mut impl Visitor<'a>) {
    out.put(&TYPE, hello.kind);
    match hello.kind {
        CLIENT_HELLO => {
            let Some(client) = ClientHello::parse(&hello.body) else { return };
            out.maybe(&VERSION, client.version().name());
            out.maybe(&NAME, client.server_name().map(Value::Text));
            protocols(client.alpn(), out);
            out.list(&CIPHERS, client.cipher_suites());
            out.maybe(&JA4, hello.ja4.as_ref().map(|ja4| Value::Text(ja4.as_bytes())));
            let resumes = client.resumption().map(|how| match how {
                Resumption::SessionId => "id",
                Resumption::Ticket => "ticket",
                Resumption::PreSharedKey => "key",
                Resumption::EarlyData => "early_data",
            });
            out.maybe(&RESUMES, resumes);
        }
        SERVER_HELLO => {
            let Some(server) = ServerHello::parse(&hello.body) else { return };
            out.maybe(&VERSION, server.version().name());
            protocols(server.alpn().into_iter(), out);
            out.list(&CIPHERS, [server.cipher_suite()]);
            out.maybe(&RESUMES, server.has_pre_shared_key().then_some("key"));
            out.put(&RETRY, server.is_retry_request());
        }
        _ => {}
    }
}

fn protocols<'a>(names: impl Iterator<Item = &'a [u8]>, out: &mut impl Visitor<'a>) {
    let mut names = names.peekable();
    if names.peek().is_some() {
        out.list(&PROTOCOLS, names.map(Value::Text));
    }
}
