//! `sabueso sockets`: all sockets of this machine, and whose they are.

use std::net::SocketAddr;

use anyhow::Result;
use serde_json::{Value, json};

use super::Outcome;
use crate::live::interfaces;
use crate::live::netns;
use crate::output::table::{self, Column};
use crate::output::terminal::{complain, safe, width};
use crate::process::listing::{self, Entry, Holder, Listing, Place};

/// Lists sockets that listen or are bound, raw and packet sockets, with the process, user and container of each
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Also those that are connected
    #[arg(short = 'a', long)]
    all: bool,

    /// As JSON, a line for each socket; docs/processes.md describes it
    #[arg(long)]
    json: bool,

    /// Those of this network namespace: its name, or the number of a process in it
    #[arg(long, value_name = "NAME|PID")]
    netns: Option<String>,
}

pub fn run(args: &Args) -> Result<Outcome> {
    if let Some(namespace) = &args.netns {
        netns::enter(namespace)?;
    }
    let Listing { mut entries, hidden, missing } = listing::list()?;
    entries.retain(|entry| args.all || entry.is_open_to_all());
    let interfaces = interfaces::list()?;
    let names = |index: u32| {
        let bound_to = interfaces.iter().find(|interface| index != 0 && interface.index == index);
        bound_to.map(|interface| interface.name.clone())
    };
    let text: String = if args.json {
        entries.iter().map(|entry| format!("{}\n", as_json(entry, names(entry.interface)))).collect()
    } else {
        let rows: Vec<_> = entries.iter().map(|entry| row(entry, names(entry.interface))).collect();
        table::lines(HEADS.map(Column::words), &rows, width().unwrap_or(usize::MAX))
    };
    super::print(&text)?;
    for missing in missing {
        complain(format_args!("not listed: {missing}"));
    }
    if hidden > 0 {
        let unknown = entries.iter().filter(|entry| entry.holders.is_empty() && entry.inode != 0).count();
        complain(format_args!(
            "{hidden} processes of other users can't be looked into, {unknown} of these sockets may be theirs: root sees all"
        ));
    }
    Ok(Outcome::Success)
}

const COLUMNS: usize = 8;
const HEADS: [&str; COLUMNS] = ["KIND", "STATE", "LOCAL", "PEER", "USER", "PID", "PROCESS", "CONTAINER"];

fn row(entry: &Entry, interface: Option<String>) -> [String; COLUMNS] {
    let scope = interface.map(|name| format!("%{}", safe(name))).unwrap_or_default();
    let local = match entry.place {
        Place::Tcp(at) | Place::Udp(at) => format!("{}{scope}:{}", host(at), at.port()),
        Place::Raw(address, protocol) => format!("{}{scope} protocol {protocol}", host(SocketAddr::new(address, 0))),
        Place::Packet(_, kind) => format!("{} type {kind:#06x}", scope.strip_prefix('%').unwrap_or("*")),
    };
    let peer = entry.remote.map_or(String::new(), |peer| format!("{}:{}", host(peer), peer.port()));
    let user = entry.user.as_ref().map_or_else(|| entry.uid.to_string(), safe);
    let first = entry.holders.first();
    let more = entry.holders.len().saturating_sub(1);
    let pid = first.map_or_else(|| "-".to_owned(), |first| first.process.pid.to_string());
    let mut name = first.map_or_else(|| "-".to_owned(), |first| safe(String::from_utf8_lossy(&first.process.name)));
    if more > 0 {
        name.push_str(&format!(" +{more}"));
    }
    let container = first.and_then(|first| first.container.as_ref()).map_or(String::new(), safe);
    [entry.place.kind().to_owned(), entry.state.to_owned(), local, peer, user, pid, name, container]
}

/// The address of one end: `*` for all.
fn host(end: SocketAddr) -> String {
    match end {
        SocketAddr::V4(at) if at.ip().is_unspecified() => "*".to_owned(),
        SocketAddr::V4(at) => at.ip().to_string(),
        SocketAddr::V6(at) => format!("[{}]", at.ip()),
    }
}

fn as_json(entry: &Entry, interface: Option<String>) -> Value {
    let end = |end: SocketAddr| json!({ "address": end.ip().to_string(), "port": end.port() });
    let mut value = json!({
        "kind": entry.place.kind(),
        "state": entry.state,
        "interface": interface,
        "receive_queue": entry.queues.0,
        "send_queue": entry.queues.1,
        "uid": entry.uid,
        "user": entry.user,
        "inode": entry.inode,
        "processes": entry.holders.iter().map(holder).collect::<Vec<_>>(),
    });
    let place = match entry.place {
        Place::Tcp(at) | Place::Udp(at) => [("local", end(at)), ("peer", entry.remote.map(end).into())],
        Place::Raw(address, protocol) => {
            [("local", json!({ "address": address.to_string() })), ("protocol", protocol.into())]
        }
        Place::Packet(_, kind) => [("local", Value::Null), ("protocol", kind.into())],
    };
    if let Value::Object(object) = &mut value {
        object.extend(place.map(|(name, value)| (name.to_owned(), value)));
    }
    value
}

fn holder(holder: &Holder) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    json!({
        "pid": holder.process.pid,
        "name": text(&holder.process.name),
        "uid": holder.process.uid,
        "command": holder.command.iter().map(|word| text(word)).collect::<Vec<_>>(),
        "container": holder.container,
    })
}
