//! Questions to name servers: a line each for people, or JSON. `docs/dns.md` describes both.

use std::net::IpAddr;

use super::object::{Object, put_address};
use super::text::dns::names::{record_type, response_code};
use super::{Sheet, Style, quantity};
use crate::names::{Answer, Data, Exchange, Resolution, Service, Transport};

/// The version of the JSON: it changes where a name or a type does, not where one is added.
pub const SCHEMA: u32 = 1;

/// The most records of an answer in a line for people; JSON has all.
const SHOWN: usize = 4;

/// The most bytes of a text in a line for people.
const TEXT_SHOWN: usize = 48;

/// How wide types and names are, so that answers stand below each other.
const TYPE_WIDTH: usize = 6;
const NAME_WIDTH: usize = 28;

/// Puts a line for people on the sheet; its time is put before by who knows the zone.
pub fn line(sheet: &mut Sheet, exchange: &Exchange) {
    match (exchange.tries.first(), &exchange.answer) {
        (None, Some(answer)) if exchange.client.is_multicast() => from_to(sheet, answer.server.0, exchange.client),
        (None, Some(answer)) => from_to(sheet, exchange.client, answer.server.0),
        (Some(first), _) => from_to(sheet, exchange.client, first.server.0),
        (None, None) => {}
    }
    sheet.put("  ");
    padded(sheet, TYPE_WIDTH, |sheet| kind(sheet, exchange.kind));
    sheet.style(Style::Name);
    padded(sheet, NAME_WIDTH, |sheet| sheet.escaped(exchange.name.as_bytes()));
    sheet.style(Style::Plain);
    match &exchange.answer {
        Some(answer) => told(sheet, exchange, answer),
        None => {
            sheet.style(Style::Bad);
            sheet.put("no answer");
            sheet.style(Style::Plain);
        }
    }
    notes(sheet, exchange);
    sheet.put("\n");
}

fn from_to(sheet: &mut Sheet, from: IpAddr, to: IpAddr) {
    sheet.ip(from);
    sheet.put(" → ");
    sheet.ip(to);
}

/// Puts what a closure does, and spaces up to a width behind it; two at least.
fn padded(sheet: &mut Sheet, width: usize, put: impl FnOnce(&mut Sheet)) {
    let mut cell = Sheet::new();
    put(&mut cell);
    sheet.join(&cell);
    let used = String::from_utf8_lossy(cell.as_bytes()).chars().count();
    for _ in used.min(width)..width {
        sheet.put(" ");
    }
    sheet.put("  ");
}

fn told(sheet: &mut Sheet, exchange: &Exchange, answer: &Answer) {
    match exchange.resolution() {
        Resolution::Found => {
            for (at, data) in answer.data.iter().take(SHOWN).enumerate() {
                if at > 0 {
                    sheet.put(", ");
                }
                record(sheet, data);
            }
            let more = answer.data.len().saturating_sub(SHOWN);
            if more > 0 {
                sheet.put(" and ");
                sheet.dec(more as u64);
                sheet.put(" more");
            }
        }
        Resolution::Truncated => sheet.put("truncated, to be asked again by TCP"),
        Resolution::Unknown => sheet.put("answer not captured whole"),
        Resolution::NoData => {
            sheet.style(Style::Notice);
            sheet.put("no such record");
            for name in answer.chain().take(1) {
                sheet.put(" (alias of ");
                sheet.escaped(name.as_bytes());
                sheet.put(")");
            }
            sheet.style(Style::Plain);
        }
        _ => {
            sheet.style(Style::Bad);
            code(sheet, answer.code);
            sheet.style(Style::Plain);
        }
    }
}

/// How long it took, how often it was asked, and what the program got where that was an error.
fn notes(sheet: &mut Sheet, exchange: &Exchange) {
    sheet.style(Style::Dim);
    match exchange.elapsed() {
        Some(elapsed) => {
            sheet.put("  ");
            quantity::duration(sheet, elapsed);
        }
        None if exchange.tries.is_empty() && exchange.client.is_multicast() => sheet.put("  announced"),
        None if exchange.tries.is_empty() => sheet.put("  (question not captured)"),
        None => {}
    }
    if exchange.asked > 1 {
        sheet.put("  ");
        sheet.dec(exchange.asked);
        sheet.put(" tries");
    }
    let mut servers: Vec<IpAddr> = exchange.tries.iter().map(|tried| tried.server.0).collect();
    servers.dedup();
    if servers.len() > 1 {
        sheet.put(" of ");
        for (at, server) in servers.into_iter().enumerate() {
            sheet.put(if at > 0 { ", " } else { "" });
            sheet.ip(server);
        }
    }
    if exchange.transport == Transport::Tcp {
        sheet.put("  tcp");
    }
    if exchange.service != Service::Dns {
        sheet.put("  ");
        sheet.put(service(exchange.service));
    }
    if let Some(error) = error(exchange) {
        sheet.put("  ");
        sheet.put(error);
    }
    sheet.style(Style::Plain);
}

/// What getaddrinfo(3) returned. Of what is asked of everyone, and of answers alone, that is not known.
fn error(exchange: &Exchange) -> Option<&'static str> {
    let is_asked = exchange.service == Service::Dns && !exchange.tries.is_empty();
    exchange.resolution().error().filter(|_| is_asked)
}

fn record(sheet: &mut Sheet, data: &Data) {
    match data {
        Data::Address(address) => sheet.ip(*address),
        Data::Name(of, name) => {
            kind(sheet, *of);
            sheet.put(" ");
            sheet.escaped(name.as_bytes());
        }
        Data::Text(text) => {
            let shown = text.get(..TEXT_SHOWN).unwrap_or(text);
            sheet.put("\"");
            sheet.escaped(shown);
            sheet.put(if shown.len() < text.len() { "…\"" } else { "\"" });
        }
        Data::Other(of) => kind(sheet, *of),
    }
}

/// The type of a record: also those newer than what the lines of packets name.
fn kind(sheet: &mut Sheet, kind: u16) {
    match kind {
        50 => sheet.put("NSEC3"),
        51 => sheet.put("NSEC3PARAM"),
        52 => sheet.put("TLSA"),
        64 => sheet.put("SVCB"),
        65 => sheet.put("HTTPS"),
        257 => sheet.put("CAA"),
        other => record_type(sheet, other),
    }
}

/// The name of a response code.
fn code(sheet: &mut Sheet, code: u16) {
    let mut name = Sheet::new();
    response_code(&mut name, code);
    sheet.escaped(name.as_bytes().trim_ascii());
}

fn service(service: Service) -> &'static str {
    match service {
        Service::Dns => "dns",
        Service::MulticastDns => "mdns",
        Service::Llmnr => "llmnr",
        Service::NetBios => "netbios",
    }
}

/// Puts a line of JSON on the sheet.
pub fn json(sheet: &mut Sheet, exchange: &Exchange) {
    let mut object = Object::begin(sheet);
    object.number("schema", SCHEMA);
    if let Some(time) = exchange.time() {
        object.time("time", "time_ns", time);
    }
    object.word("service", service(exchange.service));
    object.word("transport", if exchange.transport == Transport::Tcp { "tcp" } else { "udp" });
    object.address("client", exchange.client);
    object.text("name", exchange.name.as_bytes());
    object.number("type", exchange.kind);
    word(object.key("type_name"), |sheet| kind(sheet, exchange.kind));
    object.number("class", exchange.class);
    object.number("asked", exchange.asked);
    object.list("tries", &exchange.tries, |sheet, tried| {
        let mut object = Object::begin(sheet);
        object.time("time", "time_ns", tried.time);
        object.number("frame", tried.frame);
        object.address("server", tried.server.0);
        object.number("port", tried.server.1);
        object.number("id", tried.id);
        object.end();
    });
    if let Some(answer) = &exchange.answer {
        object.object("answer", |object| answered(object, answer));
    }
    if let Some(elapsed) = exchange.elapsed() {
        object.number("elapsed_ns", u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX));
    }
    if let Some(error) = error(exchange) {
        object.word("error", error);
    }
    object.end();
    sheet.put("\n");
}

fn answered(object: &mut Object<'_>, answer: &Answer) {
    object.time("time", "time_ns", answer.time);
    object.number("frame", answer.frame);
    object.address("server", answer.server.0);
    object.number("code", answer.code);
    word(
        object.key("code_name"),
        |sheet| if answer.code == 0 { sheet.put("NoError") } else { code(sheet, answer.code) },
    );
    object.bool("authoritative", answer.authoritative);
    object.bool("truncated", answer.truncated);
    object.bool("cut", answer.is_cut);
    object.list("addresses", answer.addresses(), put_address);
    object.list("chain", answer.chain(), |sheet, name| sheet.json_text(name.as_bytes()));
    object.list("records", &answer.data, |sheet, data| word(sheet, |sheet| record_plain(sheet, data)));
}

/// What a closure puts, as a string of JSON.
fn word(sheet: &mut Sheet, put: impl FnOnce(&mut Sheet)) {
    let mut cell = Sheet::new();
    put(&mut cell);
    sheet.json_text(cell.as_bytes());
}

/// A record as text without quotes around it.
fn record_plain(sheet: &mut Sheet, data: &Data) {
    match data {
        Data::Text(text) => sheet.escaped(text),
        other => record(sheet, other),
    }
}
