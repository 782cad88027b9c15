//! Groups of connections as people and programs see them: a table, or a line of JSON each (`docs/flows.md`).

use super::{json, text};
use crate::groups::{Group, Key};
use crate::output::object::Object;
use crate::output::table::{self, Column};
use crate::output::{Sheet, quantity};

const COLUMNS: usize = 7;

/// A table of groups, no line of which is wider than so many columns.
pub fn groups(groups: &[(Key, Group)], width: usize) -> String {
    let columns = [
        Column::words("GROUP"),
        Column::words("NAME"),
        Column::numbers("CONNECTIONS"),
        Column::numbers("FAILED"),
        Column::numbers("PACKETS"),
        Column::numbers("SENT"),
        Column::numbers("RECEIVED"),
    ];
    let rows: Vec<[String; COLUMNS]> = groups.iter().map(|(key, group)| row(key, group)).collect();
    table::lines(columns, &rows, width)
}

fn row(key: &Key, group: &Group) -> [String; COLUMNS] {
    let name = group.name.as_deref().unwrap_or_default();
    [
        text(|sheet| put_key(sheet, key)),
        text(|sheet| sheet.escaped(name)),
        group.connections.to_string(),
        if group.failed == 0 { String::new() } else { group.failed.to_string() },
        group.packets.to_string(),
        text(|sheet| quantity::bytes(sheet, group.sent)),
        text(|sheet| quantity::bytes(sheet, group.received)),
    ]
}

fn put_key(sheet: &mut Sheet, key: &Key) {
    match key {
        Key::Host(address) => sheet.ip(*address),
        Key::Port(protocol, port) => {
            super::protocol(sheet, *protocol);
            if protocol.has_ports() {
                sheet.put(" ");
                sheet.dec(*port);
            }
        }
        Key::Process(process) => {
            sheet.escaped(process.name.as_deref().unwrap_or(b"process"));
            sheet.put("[");
            sheet.dec(process.pid);
            sheet.put("]");
        }
        Key::Name(name) => sheet.escaped(name),
        Key::None => sheet.put("-"),
    }
}

/// Puts a group on the sheet: one line, its end included.
pub fn group(sheet: &mut Sheet, key: &Key, group: &Group) {
    Object::put(sheet, |line| {
        line.number("schema", super::SCHEMA);
        match key {
            Key::Host(address) => line.address("host", *address),
            Key::Port(protocol, port) => {
                line.text("protocol", text(|sheet| super::protocol(sheet, *protocol)).as_bytes());
                if protocol.has_ports() {
                    line.number("port", *port);
                }
            }
            Key::Process(process) => line.object("process", |object| json::process(object, process)),
            Key::Name(name) => line.text("name", name),
            Key::None => {}
        }
        if let Some(name) = &group.name {
            line.text("name", name);
        }
        line.number("first_frame", group.first_frame);
        line.number("connections", group.connections);
        line.number("failed", group.failed);
        line.number("packets", group.packets);
        line.number("sent_bytes", group.sent);
        line.number("received_bytes", group.received);
    });
    sheet.put("\n");
}
