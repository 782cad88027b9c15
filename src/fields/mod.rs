//! The vocabulary: every name that something in a packet has, and the one walk that tells what stands under it.
//!
//! JSON, columns, the tree and conditions (`--where`) are [`Visitor`]s of [`visit`]; none knows a protocol. A protocol
//! is one file here: a table of its [`Field`]s and a function that hands their values on. To add one, write that
//! file, add its name to `protocols!`, and lead to it from `walk`. `docs/fields.md` is made from these tables.
//!
//! A field's full name is where it stands in the JSON: `tcp.flags.syn` is `{"tcp":{"flags":{"syn":…}}}`.

mod list;
mod names;
mod places;
mod said;
mod value;
mod visitor;
mod walk;

pub use frame::CHOSEN;

/// What is known of the process that a packet is of.
pub static PROCESS: &Protocol = &process::PROTOCOL;

pub use list::{markdown, plain};
pub use names::{Meaning, alike, meaning};
pub use places::Places;
pub use said::{Listener, Said};
pub use value::Value;
pub use visitor::{Part, Visitor};
pub use walk::{Packet, visit, visit_frame};

use std::ops::Range;

/// What a field's values are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A whole number: a number in JSON.
    Number,
    /// `true` or `false`.
    Bool,
    /// Text of the packet or a word of ours: a string in JSON.
    Text,
    /// Bytes: a string of hexadecimal digits in JSON.
    Bytes,
    /// As [`Bytes`](Self::Bytes), but as long as a packet may be: told only where they are asked for.
    Payload,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A link-layer address of six bytes.
    Mac,
    /// A moment: RFC 3339 in UTC, nine digits of a second.
    Time,
}

impl Kind {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::Bool => "bool",
            Kind::Text => "text",
            Kind::Bytes => "bytes",
            Kind::Payload => "payload",
            Kind::Ip => "ip",
            Kind::Mac => "mac",
            Kind::Time => "time",
        }
    }
}

/// A name of the vocabulary.
#[derive(Debug)]
pub struct Field {
    /// The full name, such as `tcp.flags.syn`: stable.
    pub name: &'static str,
    /// Its last part, the key in JSON.
    pub key: &'static str,
    pub kind: Kind,
    pub doc: &'static str,
    /// What tshark, Zeek's logs and Suricata's EVE call it; empty where they don't tell it.
    pub others: [&'static str; 3],
    /// The bytes that hold it, counted from the start of its layer (of a field in a group, of the thing that it belongs to), where
    /// that is the same in every packet. A field of some bits has the bytes around them.
    pub bytes: Option<Range<usize>>,
    protocol: Place,
    place: u8,
}

impl Field {
    /// The protocol it belongs to.
    pub fn protocol(&self) -> &'static Protocol {
        self.protocol.protocol()
    }

    /// Its bit among those of its protocol.
    fn bit(&self) -> u64 {
        1u64.checked_shl(self.place.into()).unwrap_or(0)
    }
}

/// A field is one place in the vocabulary.
impl PartialEq for Field {
    fn eq(&self, other: &Field) -> bool {
        (self.protocol, self.place) == (other.protocol, other.place)
    }
}

/// Where a layer of a protocol stands among those before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// It follows what is before it.
    Plain,
    /// A link layer: behind any other it begins a packet within the packet.
    Link,
    /// A network layer: behind another it begins a packet within the packet.
    Network,
    /// Layers of it come in rows, and are told as one list (VLAN tags).
    Row,
}

/// A protocol and its fields.
#[derive(Debug)]
pub struct Protocol {
    /// Its name, the first part of the names of its fields.
    pub name: &'static str,
    pub title: &'static str,
    pub form: Form,
    pub fields: &'static [&'static Field],
    place: Place,
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Protocol) -> bool {
        self.place == other.place
    }
}

/// A set of fields and protocols.
#[derive(Clone, Debug)]
pub struct Wanted {
    fields: [u64; COUNT],
    layers: u128,
}

impl Wanted {
    /// The empty set.
    pub const NONE: Wanted = Wanted { fields: [0; COUNT], layers: 0 };

    /// Adds a field, and that its protocol is looked at.
    pub fn add(&mut self, field: &'static Field) {
        if let Some(mask) = self.fields.get_mut(field.protocol as usize) {
            *mask |= field.bit();
        }
        self.add_layers(field.protocol());
    }

    /// Adds that layers of a protocol are there.
    pub fn add_layers(&mut self, protocol: &'static Protocol) {
        self.layers |= protocol.bit();
    }

    /// Whether a field is in the set.
    #[inline]
    pub fn has(&self, field: &'static Field) -> bool {
        self.fields.get(field.protocol as usize).is_some_and(|mask| mask & field.bit() != 0)
    }

    /// Whether a protocol is in the set, or any of its fields.
    #[inline]
    pub fn has_layers(&self, protocol: &'static Protocol) -> bool {
        self.layers & protocol.bit() != 0
    }
}

impl Protocol {
    /// Whether its layers are told as one list.
    pub fn comes_in_rows(&self) -> bool {
        self.form == Form::Row
    }

    /// Its place among all protocols.
    pub fn number(&self) -> usize {
        self.place as usize
    }

    /// Its bit among those of all protocols.
    fn bit(&self) -> u128 {
        1u128.checked_shl(self.place as u32).unwrap_or(0)
    }
}

/// Declares the fields of a protocol: a constant name, the key (after the name of the object it stands in, if
/// there is one), kind, the bytes that always hold it, meaning, and the names that tshark, Zeek and EVE have for it.
macro_rules! fields {
    ($module:ident, $protocol:literal, $form:ident, $title:literal;
     $($id:ident $(($object:literal))? $key:literal $kind:ident $(@$from:literal..$to:literal)? $doc:literal [$tshark:literal $zeek:literal $eve:literal];)*) => {
        /// The places of the fields in the protocol's table.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "the names of the fields' constants")]
        #[repr(u8)]
        enum Place { $($id,)* }
        $(static $id: $crate::fields::Field = $crate::fields::Field {
            name: concat!($protocol, ".", $($object, ".",)? $key),
            key: $key,
            kind: $crate::fields::Kind::$kind,
            doc: $doc,
            others: [$tshark, $zeek, $eve],
            bytes: $crate::fields::fields!(@bytes $($from..$to)?),
            protocol: $crate::fields::Place::$module,
            place: Place::$id as u8,
        };)*
        /// The protocol and its fields.
        pub(super) static PROTOCOL: $crate::fields::Protocol = $crate::fields::Protocol {
            name: $protocol,
            title: $title,
            form: $crate::fields::Form::$form,
            fields: &[$(&$id,)*],
            place: $crate::fields::Place::$module,
        };
    };
    (@bytes) => { None };
    (@bytes $from:literal..$to:literal) => { Some($from..$to) };
}
use fields;

macro_rules! protocols {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// The place of a protocol in the vocabulary.
        #[allow(non_camel_case_types, reason = "the names of the modules")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        enum Place { $($module,)* }

        impl Place {
            fn protocol(self) -> &'static Protocol {
                match self { $(Place::$module => &$module::PROTOCOL,)* }
            }
        }

        /// All protocols, the outermost first.
        pub static PROTOCOLS: &[&Protocol] = &[$(&$module::PROTOCOL,)*];

        /// How many there are.
        const COUNT: usize = [$(Place::$module),*].len();
    };
}

protocols! {
    frame process stop
    ethernet vlan llc sll loopback hdlc
    slarp ppp ppp_control ppp_auth pppoe eapol eap
    lldp cdp dtp udld vtp slow stp loopback_test isis ipx
    arp ipv4 ipv6 ipv6_extension datagram mpls
    tcp udp sctp icmpv4 icmpv6 igmp vrrp eigrp ospf pim ah esp ipcomp
    vxlan vxlan_gpe geneve gre erspan
    dns nbns dhcp dhcpv6 ntp snmp radius tftp syslog rip ripng hsrp
    quic tls ssh
}

/// The fields of all protocols, in order.
pub fn all() -> impl Iterator<Item = &'static Field> {
    PROTOCOLS.iter().flat_map(|protocol| protocol.fields.iter().copied())
}
