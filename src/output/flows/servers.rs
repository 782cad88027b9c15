//! Servers as people and programs see them: a table, or a line of JSON each (`docs/flows.md`).

use std::time::Duration;

use super::{end, json, text};
use crate::flow::Paths;
use crate::output::object::Object;
use crate::output::table::{self, Column};
use crate::output::{Sheet, quantity};
use crate::servers::Server;

const COLUMNS: usize = 13;
const HEADS: [Column; COLUMNS] = [
    Column::words("SERVER"),
    Column::words("PROTOCOL"),
    Column::numbers("CONNECTIONS"),
    Column::numbers("REFUSED"),
    Column::numbers("UNANSWERED"),
    Column::numbers("OVERFLOWS"),
    Column::numbers("AT ONCE"),
    Column::words("WAY"),
    Column::numbers("P50"),
    Column::numbers("P95"),
    Column::numbers("P99"),
    Column::numbers("RECEIVED"),
    Column::numbers("SENT"),
];

/// A table of servers, no line of which is wider than so many columns.
pub fn servers(servers: &[Server], width: usize) -> String {
    let rows: Vec<[String; COLUMNS]> = servers.iter().map(row).collect();
    table::lines(HEADS, &rows, width)
}

fn row(server: &Server) -> [String; COLUMNS] {
    let count = |count: u64| if count == 0 { String::new() } else { count.to_string() };
    let time = |hundredths| {
        let time: Option<Duration> = server.served.percentile(hundredths);
        time.map_or(String::new(), |time| text(|sheet| quantity::duration(sheet, time)))
    };
    let at_once = server.at_once().map_or(String::new(), |most| {
        let least = if server.is_cut { "≥ " } else { "" };
        format!("{least}{most}")
    });
    [
        text(|sheet| end(sheet, server.end, true, &server.known)),
        server.protocol.name().unwrap_or_default().to_owned(),
        server.connections.to_string(),
        count(server.refused),
        count(server.unanswered),
        count(server.overflows),
        at_once,
        server.way().map_or(String::new(), |way| way.name().to_owned()),
        time(50),
        time(95),
        time(99),
        text(|sheet| quantity::bytes(sheet, server.received)),
        text(|sheet| quantity::bytes(sheet, server.sent)),
    ]
}

/// Puts a server on the sheet: one line, its end included.
pub fn server(sheet: &mut Sheet, server: &Server, paths: &Paths) {
    Object::put(sheet, |line| {
        line.number("schema", super::SCHEMA);
        line.word("protocol", server.protocol.name().unwrap_or_default());
        line.object("server", |object| json::end(object, server.end, true, &server.known));
        json::path(line, paths.steps(server.path));
        line.number("first_frame", server.first_frame);
        line.number("connections", server.connections);
        line.number("refused", server.refused);
        line.number("unanswered", server.unanswered);
        line.number("overflows", server.overflows);
        if let Some(most) = server.at_once() {
            line.number("at_once", u64::try_from(most).unwrap_or(u64::MAX));
            line.flag("at_least", server.is_cut);
        }
        if let Some(way) = server.way() {
            line.word("way", way.name());
        }
        if server.served.count() > 0 {
            line.object("served", |object| {
                object.number("count", server.served.count());
                for (key, hundredths) in [("p50_ns", 50), ("p95_ns", 95), ("p99_ns", 99)] {
                    object.nanos(key, server.served.percentile(hundredths));
                }
            });
        }
        line.number("received_bytes", server.received);
        line.number("sent_bytes", server.sent);
    });
    sheet.put("\n");
}
