//! Lines of TLS hellos and alerts.

use super::super::{Page, Sheet};
use crate::decode::tls::{
    Alert, CLIENT_HELLO, ClientHello, Ja4, Message, Resumption, SERVER_HELLO, ServerHello, Transport, Version,
};

pub(super) fn print(page: &mut Page<'_>, message: &Message<'_>, transport: Transport) {
    match message {
        Message::Alert(alert) => self::alert(page.sheet, *alert),
        Message::Hello { kind, body, records } => {
            hello(page, *kind, body, transport);
            if *records > 1 {
                page.sheet.put(", in ");
                page.sheet.len_of(*records);
                page.sheet.put(" records");
            }
        }
    }
}

/// Prints a hello: the message without its header.
pub(super) fn hello(page: &mut Page<'_>, kind: u8, body: &[u8], transport: Transport) {
    match kind {
        CLIENT_HELLO => match ClientHello::parse(body) {
            Some(hello) => client(page, &hello, transport),
            None => page.sheet.put("TLS ClientHello (invalid)"),
        },
        SERVER_HELLO => match ServerHello::parse(body) {
            Some(hello) => server(page.sheet, &hello),
            None => page.sheet.put("TLS ServerHello (invalid)"),
        },
        kind => {
            page.sheet.put("TLS handshake message ");
            page.sheet.dec(kind);
        }
    }
}

fn client(page: &mut Page<'_>, hello: &ClientHello<'_>, transport: Transport) {
    let sheet = &mut *page.sheet;
    version(sheet, hello.version());
    sheet.put(" ClientHello");
    if let Some(name) = hello.server_name() {
        sheet.put(", sni ");
        sheet.escaped(name);
    }
    let mut joint = ", alpn ";
    for protocol in hello.alpn() {
        sheet.put(joint);
        sheet.escaped(protocol);
        joint = ",";
    }
    sheet.put(", ja4 ");
    sheet.escaped(Ja4::of(hello, transport).as_bytes());
    sheet.put(match hello.resumption() {
        None => "",
        Some(Resumption::SessionId) => ", resumes by session id",
        Some(Resumption::Ticket) => ", resumes by ticket",
        Some(Resumption::PreSharedKey) => ", resumes by key",
        Some(Resumption::EarlyData) => ", resumes by key with early data",
    });
    if page.options.verbose > 0 {
        let mut joint = ", ciphers ";
        for suite in hello.cipher_suites() {
            page.sheet.put(joint);
            page.sheet.hex_padded(suite, 4);
            joint = ",";
        }
    }
}

fn server(sheet: &mut Sheet, hello: &ServerHello<'_>) {
    version(sheet, hello.version());
    sheet.put(if hello.is_retry_request() { " HelloRetryRequest" } else { " ServerHello" });
    sheet.put(", cipher ");
    match suite_name(hello.cipher_suite()) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("0x");
            sheet.hex_padded(hello.cipher_suite(), 4);
        }
    }
    if let Some(protocol) = hello.alpn() {
        sheet.put(", alpn ");
        sheet.escaped(protocol);
    }
    if hello.has_pre_shared_key() {
        sheet.put(", resumed");
    }
}

fn version(sheet: &mut Sheet, version: Version) {
    match version.name() {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("TLS 0x");
            sheet.hex_padded(version.0, 4);
        }
    }
}

fn alert(sheet: &mut Sheet, alert: Alert) {
    sheet.put(if alert.fatal { "TLS alert, fatal: " } else { "TLS alert, warning: " });
    match alert.name() {
        Some(name) => sheet.put(name),
        None => sheet.dec(alert.description),
    }
}

/// The suites in use today (IANA, TLS Cipher Suites).
fn suite_name(suite: u16) -> Option<&'static str> {
    Some(match suite {
        0x002f => "TLS_RSA_WITH_AES_128_CBC_SHA",
        0x0035 => "TLS_RSA_WITH_AES_256_CBC_SHA",
        0x009c => "TLS_RSA_WITH_AES_128_GCM_SHA256",
        0x009d => "TLS_RSA_WITH_AES_256_GCM_SHA384",
        0x009e => "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        0x009f => "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
        0x1301 => "TLS_AES_128_GCM_SHA256",
        0x1302 => "TLS_AES_256_GCM_SHA384",
        0x1303 => "TLS_CHACHA20_POLY1305_SHA256",
        0x1304 => "TLS_AES_128_CCM_SHA256",
        0x1305 => "TLS_AES_128_CCM_8_SHA256",
        0xc009 => "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        0xc00a => "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        0xc013 => "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        0xc014 => "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        0xc02b => "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        0xc02c => "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xc02f => "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        0xc030 => "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xcca8 => "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        0xcca9 => "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        _ => return None,
    })
}
