//! A connection as a line for people: who called whom, what became of it, what was said, how it ended.

use std::time::Duration;

use super::{end as endpoint, protocol, verdict};
use crate::flow::{
    Answer, Cast, Connection, End, Errno, Exchanges, Outcome, Path, Paths, Protocol, Sctp, Side, Step, Tcp, Transport,
};
use crate::output::text::{Clock, TimeStyle};
use crate::output::{Sheet, Style, quantity};
use crate::roster::Ends;

/// Columns that the two endpoints take at least, so that what follows stands in one place on most lines.
const ENDPOINTS: usize = 42;

/// Writes lines for connections, none wider than the terminal.
#[derive(Debug)]
pub struct Lines {
    width: usize,
    clock: Clock,
    part: Sheet,
}

/// A line under way.
struct Line<'s> {
    sheet: &'s mut Sheet,
    part: &'s mut Sheet,
    /// Columns that are left.
    left: usize,
}

impl Line<'_> {
    /// Puts something on the line, as far as there is room, and fills up to `width` columns.
    fn put(&mut self, style: Style, width: usize, write: impl FnOnce(&mut Sheet)) {
        self.part.clear();
        write(self.part);
        let text = str::from_utf8(self.part.as_bytes()).unwrap_or_default();
        let (mut columns, mut end) = (0usize, text.len());
        for (at, _) in text.char_indices() {
            if columns == self.left {
                end = at;
                break;
            }
            columns = columns.saturating_add(1);
        }
        self.part.truncate(end);
        self.left = self.left.saturating_sub(columns);
        self.sheet.style(style);
        self.sheet.join(self.part);
        if style != Style::Plain {
            self.sheet.style(Style::Plain);
        }
        let padding = width.saturating_sub(columns).min(self.left);
        self.left = self.left.saturating_sub(padding);
        (0..padding).for_each(|_| self.sheet.put(" "));
    }
}

impl Lines {
    /// Lines of at most so many columns.
    pub fn new(width: usize) -> Self {
        Lines { width, clock: Clock::new(TimeStyle::Date, false), part: Sheet::new() }
    }

    /// Puts a connection on the sheet: one line, its end included.
    pub fn connection(&mut self, sheet: &mut Sheet, connection: &Connection, known: &Ends, paths: &Paths) {
        let mut line = Line { sheet, part: &mut self.part, left: self.width };
        line.put(Style::Dim, 0, |sheet| self.clock.stamp(sheet, connection.start()));
        line.put(Style::Plain, ENDPOINTS, |sheet| ends(sheet, connection, known));
        line.put(Style::Name, 0, |sheet| {
            sheet.put("  ");
            protocol(sheet, connection.protocol());
        });
        match &connection.transport {
            Transport::Tcp(tcp) => tcp_line(&mut line, connection, tcp, known),
            Transport::Sctp(association) => sctp_line(&mut line, connection, association),
            Transport::Datagrams(exchanges) => exchanges_line(&mut line, connection, exchanges),
        }
        if let Some(errors) = connection.troubles.errors() {
            for error in errors.all() {
                line.put(Style::Bad, 0, |sheet| {
                    sheet.put(if error.from.is_ipv4() { "  (icmp " } else { "  (icmp6 " });
                    sheet.dec(error.kind);
                    sheet.put("/");
                    sheet.dec(error.code);
                    sheet.put(" from ");
                    sheet.ip(error.from);
                    sheet.put(")");
                });
            }
        }
        line.put(Style::Dim, 0, |sheet| path(sheet, connection.path(), paths));
        line.put(Style::Notice, 0, |sheet| sheet.put(if connection.end == End::Evicted { "  cut short" } else { "" }));
        sheet.put("\n");
    }
}

fn ends(sheet: &mut Sheet, connection: &Connection, known: &Ends) {
    let has_ports = connection.protocol().has_ports();
    sheet.put(" ");
    endpoint(sheet, connection.client(), has_ports, &known.client);
    sheet.put(" → ");
    endpoint(sheet, connection.server(), has_ports, &known.server);
}

fn took(sheet: &mut Sheet, words: &'static str, time: Option<Duration>) {
    if let Some(time) = time {
        sheet.put(words);
        quantity::duration(sheet, time);
    }
}

fn traffic(line: &mut Line<'_>, connection: &Connection) {
    line.put(Style::Plain, 0, |sheet| {
        sheet.put("  ↑ ");
        quantity::bytes(sheet, connection.sent().payload_bytes);
        sheet.put(" ↓ ");
        quantity::bytes(sheet, connection.received().payload_bytes);
    });
}

fn tcp_line(line: &mut Line<'_>, connection: &Connection, tcp: &Tcp, known: &Ends) {
    let verdict = connection.verdict();
    let client = tcp.sides.of(connection.client);
    let server = tcp.sides.of(connection.client.other());
    let is_unseen = connection.sent().packets == 0 && connection.received().packets == 0;
    match verdict.connect {
        Some(answer) if client.syn.or(server.syn).is_some() || answer.outcome != Outcome::Ok => {
            let is_reset = tcp.reset().is_some_and(|reset| reset.by != connection.client);
            connect(line, &answer, is_reset, client.syns);
            let is_refused = answer.outcome == Outcome::Failed(Errno::ConnectionRefused);
            if let Some(elsewhere) = known.server.elsewhere.as_ref().filter(|_| is_refused) {
                line.put(Style::Notice, 0, |sheet| {
                    sheet.put("  the port's listener is ");
                    sheet.escaped(elsewhere);
                });
            }
        }
        _ if is_unseen => line.put(Style::Dim, 0, |sheet| sheet.put("  not seen")),
        _ => line.put(Style::Dim, 0, |sheet| sheet.put("  under way")),
    }
    let has_failed = verdict.connect.is_some_and(|answer| answer.outcome != Outcome::Ok);
    let data = [connection.sent(), connection.received()].iter().any(|side| side.payload_bytes > 0);
    if data || !has_failed && !is_unseen {
        traffic(line, connection);
    }
    line.put(Style::Plain, 0, |sheet| took(sheet, "  served in ", connection.service_time()));
    if has_failed || is_unseen {
        return;
    }
    end(line, connection, tcp);
    for (who, answer) in [("  client ", verdict.client), ("  server ", verdict.server)] {
        if let Some(answer) = answer.filter(verdict::is_failure) {
            line.put(Style::Bad, 0, |sheet| {
                sheet.put(who);
                verdict::put(sheet, &answer);
            });
        }
    }
}

/// What `connect` returned, and why that is thought to be so. The ICMP errors that speak for it stand behind it.
fn connect(line: &mut Line<'_>, answer: &Answer, is_reset: bool, syns: u16) {
    line.put(verdict::style(answer), 0, |sheet| {
        sheet.put("  connect ");
        verdict::put(sheet, answer);
        match answer.outcome {
            Outcome::Failed(Errno::ConnectionRefused) if is_reset => sheet.put(" (RST)"),
            Outcome::Failed(Errno::TimedOut) | Outcome::Waiting | Outcome::Abandoned => {
                sheet.put(" (");
                sheet.dec(syns);
                sheet.put(if answer.outcome == Outcome::Failed(Errno::TimedOut) {
                    " SYN, silence: dropped by a firewall?)"
                } else {
                    " SYN)"
                });
            }
            _ => {}
        }
    });
}

/// How a connection ended that was one.
fn end(line: &mut Line<'_>, connection: &Connection, tcp: &Tcp) {
    let who = |side| if side == connection.client { "client" } else { "server" };
    let fin = |side: Side| tcp.sides.of(side).fin;
    let (client, server) = (connection.client, connection.client.other());
    let (style, how, by, rest) = match (tcp.reset(), fin(client), fin(server)) {
        (Some(reset), ..) => (Style::Bad, "  reset by ", who(reset.by), ""),
        (None, Some(ours), Some(theirs)) => {
            (Style::Notice, "  EOF by ", who(if theirs.is_before(ours) { server } else { client }), ", orderly")
        }
        (None, Some(_), None) => (Style::Notice, "  half-closed by ", "client", ""),
        (None, None, Some(_)) => (Style::Notice, "  half-closed by ", "server", ""),
        (None, None, None) if connection.end == End::Idle => (Style::Dim, "  idle", "", ""),
        (None, None, None) => (Style::Dim, "  open", "", ""),
    };
    line.put(style, 0, |sheet| [how, by, rest].into_iter().for_each(|words| sheet.put(words)));
}

fn sctp_line(line: &mut Line<'_>, connection: &Connection, association: &Sctp) {
    if association.established.is_some() {
        line.put(Style::Good, 0, |sheet| sheet.put("  connected"));
    }
    traffic(line, connection);
    let who = |side| if side == connection.client { "client" } else { "server" };
    match (association.abort, association.shutdown) {
        (Some((_, side)), _) => line.put(Style::Bad, 0, |sheet| {
            sheet.put("  aborted by ");
            sheet.put(who(side));
        }),
        (None, Some((_, side))) => line.put(Style::Notice, 0, |sheet| {
            sheet.put("  closed by ");
            sheet.put(who(side));
        }),
        (None, None) => {}
    }
}

fn exchanges_line(line: &mut Line<'_>, connection: &Connection, exchanges: &Exchanges) {
    let asked = connection.sent().packets;
    let unanswered = exchanges.unanswered();
    let cast = match connection.cast {
        Cast::Unicast => "",
        Cast::Multicast => "  multicast",
        Cast::Broadcast => "  broadcast",
    };
    let verdict = connection.verdict();
    if exchanges.answered > 0 {
        line.put(Style::Good, 0, |sheet| {
            sheet.put("  answered ");
            sheet.dec(exchanges.answered);
            sheet.put(" of ");
            sheet.dec(exchanges.requests);
            took(sheet, " in ", exchanges.round_trips.mean());
        });
    } else if let Some(answer) = verdict.connect {
        line.put(verdict::style(&answer), 0, |sheet| {
            sheet.put("  connect ");
            verdict::put(sheet, &answer);
            sheet.put(if connection.client().address.is_ipv4() { " (no ARP answer; " } else { " (no ND answer; " });
            sheet.dec(asked);
            sheet.put(if asked == 1 { " request" } else { " requests" });
            sheet.put(", no packet left the host)");
        });
    } else if unanswered > 0 && connection.cast == Cast::Unicast {
        line.put(Style::Bad, 0, |sheet| {
            sheet.put("  no answer to ");
            sheet.dec(asked);
            sheet.put(if asked == 1 { " packet" } else { " packets" });
        });
    }
    if let Some(answer) = verdict.client.filter(verdict::is_failure) {
        line.put(Style::Bad, 0, |sheet| {
            sheet.put("  recv ");
            verdict::put(sheet, &answer);
        });
    }
    line.put(Style::Plain, 0, |sheet| sheet.put(cast));
    if let Some(quic) = &exchanges.quic {
        line.put(Style::Name, 0, |sheet| {
            sheet.put("  quic ");
            sheet.put(quic.version.name().unwrap_or_default());
        });
    }
    if connection.protocol() != Protocol::Neighbour {
        traffic(line, connection);
    }
}

/// The networks around a connection.
fn path(sheet: &mut Sheet, path: Path, paths: &Paths) {
    for step in paths.steps(path) {
        sheet.put("  ");
        let (name, number) = match step {
            Step::Vlan(id) => ("vlan ", u32::from(*id)),
            Step::Pppoe(session) => ("pppoe ", u32::from(*session)),
            Step::Vxlan(network) => ("vxlan ", *network),
            Step::Geneve(network) => ("geneve ", *network),
            Step::Gre(key) => ("gre ", *key),
            Step::Tunnel(from, to) => {
                sheet.put("tunnel ");
                sheet.ip(*from);
                sheet.put("-");
                sheet.ip(*to);
                continue;
            }
        };
        sheet.put(name);
        sheet.dec(number);
    }
}
