//! Who listens on a port at other addresses than the one that refuses.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::diag::{self, SocketInfo};
use super::netlink::Socket;

/// How long a list is good.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// The sockets that listen for connections, by port.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    by_port: HashMap<u16, Vec<SocketInfo>>,
    listed: Option<Instant>,
}

impl Listeners {
    /// The first that listens on the port of `end`, where none listens at its address.
    pub(super) fn elsewhere(&mut self, diag: &mut Socket, end: SocketAddr, now: Instant) -> Option<SocketInfo> {
        if self.listed.is_none_or(|then| now.saturating_duration_since(then) >= GOOD_FOR) {
            self.listed = Some(now);
            self.by_port.clear();
            // Where the kernel can't be asked, nothing is known.
            for socket in diag::listening(diag).unwrap_or_default() {
                self.by_port.entry(socket.local.port()).or_default().push(socket);
            }
        }
        let listeners = self.by_port.get(&end.port())?;
        let takes = |socket: &SocketInfo| {
            let at = socket.local.ip();
            at == end.ip() || at.is_unspecified() && (at.is_ipv6() || end.is_ipv4())
        };
        if listeners.iter().any(takes) { None } else { listeners.first().copied() }
    }
}
