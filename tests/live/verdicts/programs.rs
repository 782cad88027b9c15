//! What the programs of the lab do, and what their calls return.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::Duration;

use etherparse::PacketBuilder;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockProtocol, SockType, SockaddrStorage, bind, connect, getsockname, listen,
    setsockopt, socket, sockopt,
};
use sabueso::filter::compile;
use sabueso::live::{Capture, CaptureOptions, Filter, Sender};

use super::lab::{Family, Lab, NOWHERE};
use crate::harness::{open_with, send_through, take, until};

/// How long a call may take that must return by itself.
const LIMIT: Duration = Duration::from_secs(60);

/// The flag, in its byte of a TCP header.
const RST: u8 = 4;

/// What a call returned to the program that made it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Got {
    /// It did what it was asked to; of a datagram: it was answered.
    Done,
    /// There is nothing more to read.
    Eof,
    Failed(Errno),
    /// The program didn't wait for it, or closed the socket before anything failed.
    Left,
    /// Nothing has come yet.
    Nothing,
}

/// What the programs of a conversation were told.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub connect: Got,
    /// The first call of the client after `connect` that did not succeed.
    pub client: Option<Got>,
    /// The first call of the server that did not succeed.
    pub server: Option<Got>,
}

/// One conversation to be had.
pub struct Call<'a> {
    pub lab: &'a Lab,
    pub family: Family,
    /// The server's port, which is this conversation's alone.
    pub port: u16,
}

impl Call<'_> {
    pub fn server(&self) -> SocketAddr {
        (self.family.server(), self.port).into()
    }

    /// Bytes of an IP header without options.
    fn ip_header(&self) -> usize {
        if self.family == Family::V4 { 20 } else { 40 }
    }

    /// A socket of the client whose port is known before it is connected.
    fn socket(&self, kind: SockType) -> (OwnedFd, SocketAddr) {
        bound(self.family, kind, (self.family.client(), 0).into())
    }

    fn listens(&self) -> TcpListener {
        let address = (self.family.any(), self.port);
        self.lab.server.run(move || TcpListener::bind(address).unwrap())
    }

    fn told(&self, local: SocketAddr, connect: Got) -> Told {
        Told { local, remote: self.server(), connect, client: None, server: None }
    }

    /// Connects to a port of this address and is told how that went.
    fn connect_to(&self, address: IpAddr) -> Told {
        let (socket, local) = self.socket(SockType::Stream);
        let remote = (address, self.port).into();
        Told { local, remote, connect: connected(&socket, remote), client: None, server: None }
    }

    /// The two ends of a connection.
    fn pair(&self) -> Pair {
        let listener = self.listens();
        let (socket, local) = self.socket(SockType::Stream);
        assert_eq!(connected(&socket, self.server()), Got::Done);
        let client = TcpStream::from(socket);
        let (server, _) = listener.accept().unwrap();
        for end in [&client, &server] {
            end.set_nodelay(true).unwrap();
            end.set_read_timeout(Some(LIMIT)).unwrap();
        }
        Pair { client, server, told: self.told(local, Got::Done) }
    }

    /// A question that was answered: the two ends go on from there.
    fn talk(&self) -> Pair {
        let mut pair = self.pair();
        say(&mut pair.client, &mut pair.server);
        say(&mut pair.server, &mut pair.client);
        pair
    }

    fn datagrams(&self) -> (UdpSocket, Told) {
        let (socket, local) = self.socket(SockType::Datagram);
        let socket = UdpSocket::from(socket);
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        (socket, self.told(local, Got::Done))
    }
}

struct Pair {
    client: TcpStream,
    server: TcpStream,
    told: Told,
}

impl Pair {
    fn told(self, client: Got, server: Got) -> Told {
        Told { client: Some(client), server: Some(server), ..self.told }
    }
}

/// What arrives at the server for one conversation.
struct Arrivals {
    capture: Capture,
    /// Bytes of an IP header.
    header: usize,
    port: u16,
}

impl Arrivals {
    fn at_server(call: &Call) -> Arrivals {
        let wanted = format!("dst port {}", call.port);
        let filter = Filter::new(wanted.clone(), move |link_type| {
            compile(&wanted, link_type, &Default::default()).map_err(Into::into)
        });
        let options = CaptureOptions { buffer_size: 2 << 20, filter: Some(filter), ..Default::default() };
        let capture = call.lab.server.run(move || open_with("s0", &options));
        Arrivals { capture, header: call.ip_header(), port: call.port }
    }

    /// Waits for a packet from this socket.
    fn from(&mut self, local: SocketAddr) -> Vec<u8> {
        let ports = 14 + self.header;
        let wanted = [local.port().to_be_bytes(), self.port.to_be_bytes()].concat();
        let mut frames = Vec::new();
        until("it arrives", || {
            frames.clear();
            assert!(take(&mut self.capture, &mut frames));
            frames.iter().find(|f| f.data.get(ports..ports + 4) == Some(&wanted)).map(|f| f.data.clone())
        })
    }
}

fn bound(family: Family, kind: SockType, address: SocketAddr) -> (OwnedFd, SocketAddr) {
    let domain = if family == Family::V4 { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let socket = socket(domain, kind, SockFlag::empty(), None::<SockProtocol>).unwrap();
    setsockopt(&socket, sockopt::ReuseAddr, &true).unwrap();
    bind(socket.as_raw_fd(), &SockaddrStorage::from(address)).unwrap();
    let local = address_of(&socket);
    (socket, local)
}

fn address_of(socket: &OwnedFd) -> SocketAddr {
    let address: SockaddrStorage = getsockname(socket.as_raw_fd()).unwrap();
    match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => SocketAddr::V4((*v4).into()),
        (_, Some(v6)) => SocketAddr::V6((*v6).into()),
        _ => unreachable!(),
    }
}

fn connected(socket: &OwnedFd, remote: SocketAddr) -> Got {
    match connect(socket.as_raw_fd(), &SockaddrStorage::from(remote)) {
        Ok(()) => Got::Done,
        Err(errno) => Got::Failed(errno),
    }
}

/// What a call that may give a length returned.
fn got(result: std::io::Result<usize>) -> Got {
    match result {
        Ok(0) => Got::Eof,
        Ok(_) => Got::Done,
        Err(error) => match Errno::from_raw(error.raw_os_error().unwrap()) {
            Errno::EAGAIN => Got::Nothing,
            errno => Got::Failed(errno),
        },
    }
}

/// Reads until there is no more to read: why.
fn read(mut stream: &TcpStream) -> Got {
    loop {
        match got(stream.read(&mut [0; 4096])) {
            Got::Done => {}
            other => return other,
        }
    }
}

/// Writes until that fails: why.
fn write(mut stream: &TcpStream) -> Got {
    loop {
        match got(stream.write(b"more")) {
            Got::Done => {}
            other => return other,
        }
    }
}

fn say(from: &mut TcpStream, to: &mut TcpStream) {
    from.write_all(b"hello").unwrap();
    to.read_exact(&mut [0; 5]).unwrap();
}

/// Closes with an RST.
fn abort(stream: TcpStream) {
    setsockopt(&stream, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 }).unwrap();
}

fn shut(stream: &TcpStream) {
    stream.shutdown(std::net::Shutdown::Write).unwrap();
}

// Connecting.

pub fn connects(call: &Call) -> Told {
    call.connect_to(call.family.server())
}

pub fn connects_to_listener(call: &Call) -> Told {
    let _listener = call.listens();
    connects(call)
}

pub fn connects_to_silent_neighbour(call: &Call) -> Told {
    call.connect_to(call.family.of(1, 77))
}

pub fn connects_to_neighbour_of_router(call: &Call) -> Told {
    call.connect_to(call.family.of(2, 77))
}

pub fn connects_where_no_route_leads(call: &Call) -> Told {
    call.connect_to(call.family.of(99, 1))
}

/// The client's own kernel knows that there is no way: no packet is sent.
pub fn connects_without_a_route(call: &Call) -> Told {
    call.connect_to(call.family.of(NOWHERE, 1))
}

/// The packets of this socket live for one hop.
pub fn connects_too_far(call: &Call) -> Told {
    let (socket, local) = call.socket(SockType::Stream);
    match call.family {
        Family::V4 => setsockopt(&socket, sockopt::Ipv4Ttl, &1).unwrap(),
        Family::V6 => setsockopt(&socket, sockopt::Ipv6Ttl, &1).unwrap(),
    }
    call.told(local, connected(&socket, call.server()))
}

/// Somebody answers the SYN with this ICMP message.
pub fn is_told_by_icmp(call: &Call, kind: u8, code: u8) -> Told {
    let (socket, local) = call.socket(SockType::Stream);
    call.told(local, with_icmp(call, local, [kind, code], || connected(&socket, call.server())))
}

/// Somebody answers a datagram with this ICMP message, of which the program is told, or waits in vain to be.
pub fn asks_and_is_told_by_icmp(call: &Call, kind: u8, code: u8, is_told: bool) -> Told {
    let (socket, told) = call.datagrams();
    socket.set_read_timeout(Some(if is_told { LIMIT } else { Duration::from_millis(500) })).unwrap();
    socket.connect(call.server()).unwrap();
    let client = with_icmp(call, told.local, [kind, code], || {
        socket.send(b"anybody?").unwrap();
        got(socket.recv(&mut [0; 16]))
    });
    Told { client: Some(client), ..told }
}

/// Has somebody answer the packet of a call with an ICMP message of this type and code.
fn with_icmp(call: &Call, local: SocketAddr, [kind, code]: [u8; 2], tried: impl FnOnce() -> Got + Send) -> Got {
    let mut arrivals = Arrivals::at_server(call);
    // Others wait for the server's thread too: the answer is to leave at once.
    let mut sender = call.lab.server.run(|| Sender::open("s0", false).unwrap());
    thread::scope(|scope| {
        let tried = scope.spawn(tried);
        let packet = arrivals.from(local);
        let [to, from] = [&packet[6..12], &packet[..6]].map(|mac| <[u8; 6]>::try_from(mac).unwrap());
        let builder = PacketBuilder::ethernet2(from, to);
        let quote = &packet[14..14 + call.ip_header() + 8];
        let mut answer = Vec::new();
        match (call.family.server(), call.family.client()) {
            (IpAddr::V4(server), IpAddr::V4(client)) => builder
                .ipv4(server.octets(), client.octets(), 64)
                .icmpv4_raw(kind, code, [0; 4])
                .write(&mut answer, quote)
                .unwrap(),
            (IpAddr::V6(server), IpAddr::V6(client)) => builder
                .ipv6(server.octets(), client.octets(), 64)
                .icmpv6_raw(kind, code, [0; 4])
                .write(&mut answer, quote)
                .unwrap(),
            _ => unreachable!(),
        }
        send_through(&mut sender, &[answer]);
        tried.join().unwrap()
    })
}

/// Begins to connect and doesn't wait.
pub fn gives_up(call: &Call) -> Told {
    let (_socket, local) = begins(call);
    call.told(local, Got::Left)
}

/// Begins to connect, and has closed its socket when the answer comes, which the router's rules held back.
pub fn gives_up_before_the_answer(call: &Call) -> Told {
    let _listener = call.listens();
    let mut arrivals = Arrivals::at_server(call);
    let (socket, local) = begins(call);
    arrivals.from(local);
    drop(socket);
    call.lab.let_through(call.port);
    // The server asks again until somebody says that there is no such connection.
    while arrivals.from(local)[14 + call.ip_header() + 13] & RST == 0 {}
    call.told(local, Got::Left)
}

fn begins(call: &Call) -> (OwnedFd, SocketAddr) {
    let (socket, local) = call.socket(SockType::Stream);
    TcpStream::from(socket.try_clone().unwrap()).set_nonblocking(true).unwrap();
    assert_eq!(connected(&socket, call.server()), Got::Failed(Errno::EINPROGRESS));
    (socket, local)
}

/// The server's queue is full of connections that it doesn't accept.
pub fn meets_a_full_queue(call: &Call) -> Told {
    let _listener = listens_for_one(call);
    let first = call.socket(SockType::Stream).0;
    assert_eq!(connected(&first, call.server()), Got::Done);
    let (socket, local) = call.socket(SockType::Stream);
    call.told(local, connected(&socket, call.server()))
}

/// The server's queue is full when the last segment of the handshake comes, which the router's rules held back.
pub fn is_thrown_out_of_a_full_queue(call: &Call) -> Told {
    let _listener = listens_for_one(call);
    let (socket, local) = call.socket(SockType::Stream);
    assert_eq!(connected(&socket, call.server()), Got::Done);
    call.lab.let_through(call.port);
    let other = call.socket(SockType::Stream).0;
    assert_eq!(connected(&other, call.server()), Got::Done);
    let client = TcpStream::from(socket);
    client.set_read_timeout(Some(LIMIT)).unwrap();
    Told { client: Some(read(&client)), ..call.told(local, Got::Done) }
}

fn listens_for_one(call: &Call) -> OwnedFd {
    let (family, port) = (call.family, call.port);
    call.lab.server.run(move || {
        let (socket, _) = bound(family, SockType::Stream, (family.any(), port).into());
        listen(&socket, Backlog::new(0).unwrap()).unwrap();
        socket
    })
}

/// Both connect to each other, and the SYNs cross: the server's rules refuse those of the client.
pub fn meets_halfway(call: &Call) -> Told {
    let mut arrivals = Arrivals::at_server(call);
    let (socket, local) = call.socket(SockType::Stream);
    let remote = call.server();
    thread::scope(|scope| {
        let connect = scope.spawn(move || (connected(&socket, remote), socket));
        arrivals.from(local);
        let family = call.family;
        let (server, there) = call.lab.server.run(move || {
            let (server, _) = bound(family, SockType::Stream, remote);
            let there = connected(&server, local);
            (server, there)
        });
        assert_eq!(there, Got::Done);
        let (here, socket) = connect.join().unwrap();
        let told = call.told(local, here);
        let server = TcpStream::from(server);
        drop(socket);
        Told { client: Some(Got::Left), server: Some(read(&server)), ..told }
    })
}

/// Still waits for an answer when the capture ends.
pub fn waits(call: &Call) -> Told {
    let mut arrivals = Arrivals::at_server(call);
    let (socket, local) = begins(call);
    arrivals.from(local);
    // It stays open until the process ends.
    std::mem::forget(socket);
    call.told(local, Got::Nothing)
}

// Ending.

/// Nobody has said the last word when the capture ends.
pub fn stays(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    std::mem::forget((client, server));
    Told { client: Some(Got::Nothing), server: Some(Got::Nothing), ..told }
}

pub fn client_closes(call: &Call) -> Told {
    let pair = call.talk();
    let Pair { client, server, told } = pair;
    drop(client);
    Told { client: Some(Got::Left), server: Some(read(&server)), ..told }
}

pub fn server_closes(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    drop(server);
    Told { client: Some(read(&client)), server: Some(Got::Left), ..told }
}

/// The client sends no more, but still reads what the server says.
pub fn client_half_closes(call: &Call) -> Told {
    let pair = call.talk();
    shut(&pair.client);
    let server = read(&pair.server);
    (&pair.server).write_all(b"late").unwrap();
    shut(&pair.server);
    let client = read(&pair.client);
    pair.told(client, server)
}

pub fn server_closes_with_unread_data(call: &Call) -> Told {
    let Pair { mut client, server, told } = call.talk();
    client.write_all(b"never read").unwrap();
    until("it has come", || (server.peek(&mut [0; 16]).unwrap() == 10).then_some(()));
    drop(server);
    Told { client: Some(read(&client)), server: Some(Got::Left), ..told }
}

pub fn server_aborts(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    abort(server);
    Told { client: Some(read(&client)), server: Some(Got::Left), ..told }
}

pub fn server_aborts_before_data(call: &Call) -> Told {
    let Pair { client, server, told } = call.pair();
    abort(server);
    Told { client: Some(read(&client)), server: Some(Got::Left), ..told }
}

pub fn client_aborts(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    abort(client);
    Told { client: Some(Got::Left), server: Some(read(&server)), ..told }
}

/// The client writes and writes to a server that has closed.
pub fn client_writes_after_the_end(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    drop(server);
    Told { client: Some(write(&client)), server: Some(Got::Left), ..told }
}

/// The server can no longer be reached, and the client writes.
pub fn server_dies(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    call.lab.kill(call.port);
    (&client).write_all(b"anybody?").unwrap();
    let told = Told { client: Some(read(&client)), ..told };
    drop(server);
    told
}

/// The same, but the router says so.
pub fn server_can_not_be_reached_any_more(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    call.lab.refuse(call.port);
    (&client).write_all(b"anybody?").unwrap();
    let told = Told { client: Some(read(&client)), ..told };
    drop(server);
    told
}

/// The server can no longer be reached, and the client's kernel asks whether it is there.
pub fn server_dies_silently(call: &Call) -> Told {
    let Pair { client, server, told } = call.talk();
    setsockopt(&client, sockopt::KeepAlive, &true).unwrap();
    setsockopt(&client, sockopt::TcpKeepIdle, &1).unwrap();
    setsockopt(&client, sockopt::TcpKeepInterval, &1).unwrap();
    setsockopt(&client, sockopt::TcpKeepCount, &2).unwrap();
    call.lab.kill(call.port);
    let told = Told { client: Some(read(&client)), ..told };
    drop(server);
    told
}

// Datagrams.

/// The client connects its socket, sends a datagram and waits.
pub fn asks(call: &Call) -> Told {
    let (socket, told) = call.datagrams();
    socket.connect(call.server()).unwrap();
    socket.send(b"anybody?").unwrap();
    Told { client: Some(got(socket.recv(&mut [0; 16]))), ..told }
}

/// The same by a program that doesn't wait for long.
pub fn asks_briefly(call: &Call) -> Told {
    let (socket, told) = call.datagrams();
    socket.connect(call.server()).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    socket.send(b"anybody?").unwrap();
    Told { client: Some(got(socket.recv(&mut [0; 16]))), ..told }
}

/// The same by a program that has not connected its socket.
pub fn asks_unconnected(call: &Call) -> Told {
    let (socket, told) = call.datagrams();
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    socket.send_to(b"anybody?", call.server()).unwrap();
    Told { client: Some(got(socket.recv(&mut [0; 16]))), ..told }
}

pub fn asks_and_is_answered(call: &Call) -> Told {
    let address = (call.family.any(), call.port);
    let server = call.lab.server.run(move || UdpSocket::bind(address).unwrap());
    let (socket, told) = call.datagrams();
    socket.connect(call.server()).unwrap();
    socket.send(b"anybody?").unwrap();
    let (_, from) = server.recv_from(&mut [0; 16]).unwrap();
    server.send_to(b"yes", from).unwrap();
    Told { client: Some(got(socket.recv(&mut [0; 16]))), ..told }
}

/// A datagram too long for a link behind the router, from a socket that may not have it fragmented.
pub fn asks_at_length(call: &Call) -> Told {
    let (socket, told) = call.datagrams();
    socket.connect(call.server()).unwrap();
    socket.send(&[0; 1440]).unwrap();
    Told { client: Some(got(socket.recv(&mut [0; 16]))), ..told }
}

/// To a neighbour that isn't there.
pub fn asks_silent_neighbour(call: &Call) -> Told {
    let (socket, told) = call.datagrams();
    let remote = (call.family.of(1, 78), call.port).into();
    socket.connect(remote).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(3500))).unwrap();
    socket.send(b"anybody?").unwrap();
    Told { remote, client: Some(got(socket.recv(&mut [0; 16]))), ..told }
}

/// A second connection of the same two ports, after the first was aborted.
pub fn connects_again(call: &Call) -> Told {
    let listener = call.listens();
    let (socket, local) = call.socket(SockType::Stream);
    assert_eq!(connected(&socket, call.server()), Got::Done);
    let (server, _) = listener.accept().unwrap();
    abort(TcpStream::from(socket));
    assert_eq!(read(&server), Got::Failed(Errno::ECONNRESET));
    let (socket, _) = bound(call.family, SockType::Stream, local);
    assert_eq!(connected(&socket, call.server()), Got::Done);
    let (server, _) = listener.accept().unwrap();
    drop(server);
    let client = TcpStream::from(socket);
    Told { client: Some(read(&client)), server: Some(Got::Left), ..call.told(local, Got::Done) }
}
