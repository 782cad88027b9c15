//! Connections as people and programs see them: a line each, or a line of JSON each (`docs/flows.md`).

mod community;
mod eve;
mod groups;
mod json;
mod line;
mod servers;
mod verdict;
pub mod zeek;

pub use eve::eve;
pub use groups::{group, groups};
pub use json::{SCHEMA, object};
pub use line::Lines;
pub use servers::{server, servers};

use super::Sheet;
use crate::flow::{Endpoint, Protocol};
use crate::roster::End;

/// An address and its port, where it has one: `10.0.0.1:80`, `[fe80::1]:80`.
fn address(sheet: &mut Sheet, endpoint: Endpoint, has_port: bool) {
    let brackets = has_port && endpoint.address.is_ipv6();
    sheet.put(if brackets { "[" } else { "" });
    sheet.ip(endpoint.address);
    sheet.put(if brackets { "]" } else { "" });
    if has_port {
        sheet.put(":");
        sheet.dec(endpoint.port);
    }
}

/// What an end of a connection is called, and its process, as far as known: `10.0.0.2:80 (web.lab) nginx[711]`.
fn end(sheet: &mut Sheet, endpoint: Endpoint, has_port: bool, known: &End) {
    address(sheet, endpoint, has_port);
    if let Some(name) = &known.name {
        sheet.put(" (");
        sheet.escaped(&name.text);
        sheet.put(")");
    }
    if let Some(process) = known.process.as_ref().filter(|process| process.pid != 0) {
        sheet.put(" ");
        sheet.escaped(process.name.as_deref().unwrap_or(b"process"));
        sheet.put("[");
        sheet.dec(process.pid);
        sheet.put("]");
    }
}

/// What is put on a sheet, as text.
fn text(put: impl FnOnce(&mut Sheet)) -> String {
    let mut sheet = Sheet::new();
    put(&mut sheet);
    String::from_utf8_lossy(sheet.as_bytes()).into_owned()
}

/// Its name, else `protocol` and its number.
fn protocol(sheet: &mut Sheet, protocol: Protocol) {
    match (protocol.name(), protocol.number()) {
        (Some(name), _) => sheet.put(name),
        (None, number) => {
            sheet.put("protocol ");
            sheet.dec(number.unwrap_or(0));
        }
    }
}
