//! Connections as people and programs see them: a line each, or a line of JSON each (`docs/flows.md`).

mod json;
mod line;
mod verdict;

pub use json::{SCHEMA, object};
pub use line::Lines;

use super::Sheet;
use crate::flow::Endpoint;

/// An address and its port, where it has one: `10.0.0.1:80`, `[fe80::1]:80`.
fn endpoint(sheet: &mut Sheet, endpoint: Endpoint, has_port: bool) {
    let brackets = has_port && endpoint.address.is_ipv6();
    sheet.put(if brackets { "[" } else { "" });
    sheet.ip(endpoint.address);
    sheet.put(if brackets { "]" } else { "" });
    if has_port {
        sheet.put(":");
        sheet.dec(endpoint.port);
    }
}
