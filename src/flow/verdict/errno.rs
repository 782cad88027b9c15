//! The errors that the calls of a socket return, and which of them an ICMP error becomes: as Linux has it.
//!
//! The names are those of errno(3). What ICMP says is translated as `icmp_err_convert` (net/ipv4/icmp.c) and
//! `icmpv6_err_convert` (net/ipv6/icmp.c) do.

/// What a call of a socket failed with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Errno {
    /// Forbidden on the way, as ICMPv6 tells; ICMPv4 has `HostUnreachable` for it.
    Access,
    ConnectionAborted,
    ConnectionRefused,
    ConnectionReset,
    HostDown,
    HostUnreachable,
    MessageSize,
    NetworkUnreachable,
    /// The machine is not on the network.
    NoNetwork,
    /// The host does not speak the protocol.
    NoProtocol,
    /// The way that the packet itself asked for can't be gone.
    NotSupported,
    /// It was written to a connection that had ended.
    Pipe,
    /// Somebody found a fault in the header.
    Protocol,
    TimedOut,
}

impl Errno {
    /// All of them.
    pub const ALL: [Errno; 14] = [
        Errno::Access,
        Errno::ConnectionAborted,
        Errno::ConnectionRefused,
        Errno::ConnectionReset,
        Errno::HostDown,
        Errno::HostUnreachable,
        Errno::MessageSize,
        Errno::NetworkUnreachable,
        Errno::NoNetwork,
        Errno::NoProtocol,
        Errno::NotSupported,
        Errno::Pipe,
        Errno::Protocol,
        Errno::TimedOut,
    ];

    /// The name in errno(3).
    pub fn name(self) -> &'static str {
        match self {
            Errno::Access => "EACCES",
            Errno::ConnectionAborted => "ECONNABORTED",
            Errno::ConnectionRefused => "ECONNREFUSED",
            Errno::ConnectionReset => "ECONNRESET",
            Errno::HostDown => "EHOSTDOWN",
            Errno::HostUnreachable => "EHOSTUNREACH",
            Errno::MessageSize => "EMSGSIZE",
            Errno::NetworkUnreachable => "ENETUNREACH",
            Errno::NoNetwork => "ENONET",
            Errno::NoProtocol => "ENOPROTOOPT",
            Errno::NotSupported => "EOPNOTSUPP",
            Errno::Pipe => "EPIPE",
            Errno::Protocol => "EPROTO",
            Errno::TimedOut => "ETIMEDOUT",
        }
    }
}

/// What an ICMP error says to the socket whose packet it quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SocketError {
    pub errno: Errno,
    /// The transport protocol is to give up at once. A connected UDP socket is told of no other error, unless its program
    /// asked to be (`IP_RECVERR`). TCP makes no difference: to a `connect` under way every error is one, but for [`Errno::MessageSize`],
    /// and a connection keeps each in mind until it times out.
    pub is_hard: bool,
}

impl SocketError {
    /// Of an ICMPv4 message. None for what no socket is told of: queries, redirects, source quench, fragments that came too
    /// late, codes that are not defined.
    pub fn of_icmpv4(kind: u8, code: u8) -> Option<Self> {
        use Errno::*;
        let (errno, is_hard) = match (kind, code) {
            (3, 0 | 11) => (NetworkUnreachable, false),
            (3, 1 | 12) => (HostUnreachable, false),
            (3, 2) => (NoProtocol, true),
            (3, 3) => (ConnectionRefused, true),
            // Soft in the table, but a UDP socket that has its path's size found out is told (RFC 1191).
            (3, 4) => (MessageSize, true),
            (3, 5) => (NotSupported, false),
            (3, 6 | 9) => (NetworkUnreachable, true),
            (3, 7) => (HostDown, true),
            (3, 8) => (NoNetwork, true),
            (3, 10 | 13 | 14 | 15) => (HostUnreachable, true),
            (11, 1) => return None,
            (11, _) => (HostUnreachable, false),
            (12, _) => (Protocol, true),
            _ => return None,
        };
        Some(SocketError { errno, is_hard })
    }

    /// Of an ICMPv6 message. None for what is no error.
    pub fn of_icmpv6(kind: u8, code: u8) -> Option<Self> {
        use Errno::*;
        let (errno, is_hard) = match (kind, code) {
            (1, 0) => (NetworkUnreachable, false),
            (1, 2 | 3) => (HostUnreachable, false),
            (1, 4) => (ConnectionRefused, true),
            (1, 1 | 5 | 6) => (Access, true),
            (1, _) | (4, _) => (Protocol, true),
            (2, _) => (MessageSize, true),
            (3, _) => (HostUnreachable, false),
            _ => return None,
        };
        Some(SocketError { errno, is_hard })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_error_to_a_socket_is_none() {
        for (kind, code) in [(0, 0), (8, 0), (4, 0), (5, 1), (11, 1), (3, 16)] {
            assert_eq!(SocketError::of_icmpv4(kind, code), None, "type {kind} code {code}");
        }
        for (kind, code) in [(128, 0), (129, 0), (135, 0), (137, 0)] {
            assert_eq!(SocketError::of_icmpv6(kind, code), None, "type {kind} code {code}");
        }
    }
}
