//! An expression as it was written: what the parser hands to the code generator.

use std::net::Ipv6Addr;

use crate::diagnostic::Span;
use crate::owner::View;

/// A word that names a protocol; all words for the link layer (`ether`, `wlan`, `ppp` …) are one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Protocol {
    Link,
    Ip,
    Ip6,
    Arp,
    Rarp,
    Tcp,
    Udp,
    Sctp,
    Icmp,
    Icmp6,
    Igmp,
    Igrp,
    Pim,
    Vrrp,
    Carp,
    Ah,
    Esp,
    Atalk,
    Aarp,
    Decnet,
    Lat,
    Sca,
    Moprc,
    Mopdl,
    Iso,
    Esis,
    Isis,
    Clnp,
    Stp,
    Ipx,
    Netbeui,
    IsisL1,
    IsisL2,
    IsisIih,
    IsisLsp,
    IsisSnp,
    IsisCsnp,
    IsisPsnp,
    Radio,
}

/// Which of a packet's addresses or ports is meant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Direction {
    Either,
    Src,
    Dst,
    Both,
    /// One of the address fields of an 802.11 header, from 1.
    Wlan(u8),
    WlanReceiver,
    WlanTransmitter,
}

/// What an id stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Type {
    Host,
    Net,
    Port,
    PortRange,
    Proto,
    ProtoChain,
    Gateway,
}

/// The words before an id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Qualifier {
    pub protocol: Option<Protocol>,
    pub direction: Direction,
    pub kind: Type,
}

/// What a qualifier applies to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Id {
    Name(String),
    Number(u32),
    Ipv4(String),
    Ipv4Prefix(String, u32),
    Ipv4Mask(String, String),
    Ipv6(Ipv6Addr),
    Ipv6Prefix(Ipv6Addr, u32),
    Mac([u8; 6]),
    Arcnet(u8),
}

/// A test of two numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
}

/// An operation on two numbers of 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    And,
    Or,
    Xor,
    Lsh,
    Rsh,
}

/// A number that is computed from the packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Arith {
    pub kind: ArithKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ArithKind {
    Number(u32),
    Len,
    /// `protocol[index:size]`.
    Load(Protocol, Box<Arith>, u32),
    /// `l4[index:size]` and `payload[index:size]`.
    LoadUpper(Upper, Box<Arith>, u32),
    Negate(Box<Arith>),
    Binary(Operator, Box<Arith>, Box<Arith>),
}

/// Bytes that are found behind IPv4 and IPv6 alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Upper {
    /// From the transport header on.
    Transport,
    /// What TCP or UDP carries.
    Payload,
}

/// Labels of a layer: inclusive ranges, any of which will do; none at all means any label.
pub(super) type Labels = Vec<(u32, u32)>;

/// A layer after which offsets change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Layer {
    Vlan(Labels),
    Mpls(Labels),
    Pppoes(Labels),
    Geneve(Labels),
    Vxlan(Labels),
    Gre,
    /// IPv4 or IPv6 in IPv4 or IPv6.
    IpIp,
}

/// The operation of `byte N op V`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum ByteTest {
    Equal,
    Less,
    Greater,
    And,
    Or,
}

/// A field of an OpenBSD pf log header that holds a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum PfName {
    Interface,
    Ruleset,
}

/// A field of an OpenBSD pf log header that holds a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum PfNumber {
    Rule,
    Subrule,
    Reason,
    Action,
}

/// A word for a kind of ATM traffic.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Atm {
    Lane,
    Metac,
    Bcc,
    Oam,
    OamF4,
    OamF4Ec,
    OamF4Sc,
    Sc,
    Ilmic,
    ConnectMsg,
    MetaConnect,
}

/// A field of an ATM or SS7 header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Field {
    Vpi,
    Vci,
    Sio,
    Opc,
    Dpc,
    Sls,
}

/// A kind of SS7 signal unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum SignalUnit {
    Fisu,
    Lssu,
    Msu,
}

/// What no program can find out, so that it is asked of this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Question {
    /// What TCP or UDP carries contains these bytes.
    Contains(Vec<u8>),
    /// It matches a regular expression.
    Matches(String),
    /// The process that the packet is of is so.
    Owner(OwnerTest),
    /// The packet, or one inside it at any depth, is so.
    Anywhere(Box<Expr>),
}

/// What a packet's process may be asked to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum OwnerTest {
    /// Of this number.
    Pid(u32),
    /// Of this name.
    Name(Vec<u8>),
    /// Of the user of this number.
    Uid(u32),
    /// Of the user of this name.
    User(Vec<u8>),
}

impl OwnerTest {
    /// Whether a packet's process is so, as far as the packet tells.
    pub(super) fn holds(&self, owner: &View<'_>) -> bool {
        match self {
            OwnerTest::Pid(pid) => owner.pid == *pid,
            OwnerTest::Name(name) => owner.name == Some(name),
            OwnerTest::Uid(uid) => owner.uid == Some(*uid),
            OwnerTest::User(user) => owner.user == Some(user),
        }
    }
}

/// What can be said of a packet in one breath.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Term {
    Id(Qualifier, Id),
    Protocol(Protocol),
    Relation(Arith, Comparison, Arith),
    Broadcast(Option<Protocol>),
    Multicast(Option<Protocol>),
    /// At most so many bytes on the wire.
    LenAtMost(u32),
    LenAtLeast(u32),
    Byte {
        offset: u32,
        test: ByteTest,
        value: u32,
    },
    Inbound,
    Outbound,
    InterfaceIndex(u32),
    Pppoed,
    Question(Question),
    /// A layer: what follows in the text is looked for behind it.
    Layer(Layer),
    /// A layer, and what must hold behind it; what follows is not affected.
    Scope(Layer, Box<Expr>),
    /// The first byte of an 802.11 header under a mask.
    WlanType {
        value: u32,
        mask: u32,
    },
    WlanDirection(u32),
    Llc(LlcTest),
    PfName(PfName, String),
    PfNumber(PfNumber, u32),
    Atm(Atm),
    SignalUnit {
        unit: SignalUnit,
        high_speed: bool,
    },
    /// Any of the tests on one field.
    Field {
        field: Field,
        high_speed: bool,
        tests: Vec<(Comparison, u32)>,
    },
}

/// A kind of 802.2 frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum LlcTest {
    Any,
    Information,
    Supervisory,
    Unnumbered,
    SupervisoryCommand(u8),
    UnnumberedCommand(u8),
}

/// How two expressions are joined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Joint {
    And,
    Or,
}

/// A whole expression. `and` and `or` bind equally, from left to right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expr {
    Term(Term, Span),
    Not(Box<Expr>),
    Chain(Box<Expr>, Vec<(Joint, Expr)>),
}
