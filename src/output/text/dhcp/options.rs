//! The options of a DHCP message (RFC 2132 and its followers), each in a form of its own.

use crate::decode::dhcp::{self, Opt, Options};
use crate::output::Sheet;
use crate::output::text::{Page, hex};

/// How the value of an option is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// IPv4 addresses, and pairs of them.
    Addresses,
    Pairs,
    /// Numbers of 32 bits, without and with a sign, and of 16.
    Longs,
    Signed,
    Shorts,
    /// Bytes in decimal, dots between them.
    Bytes,
    Text,
    /// `Y` or `N`.
    Switch,
    /// One that has a function here.
    Own,
}

/// The name of what has none.
const UNKNOWN: &str = "Unknown";

const PARAMETERS: u8 = 55;
const MESSAGE: u8 = 53;

/// Prints all options; none where bytes are missing.
pub(super) fn print(page: &mut Page<'_>, options: Options<'_>) -> Option<()> {
    let all = page.options.verbose > 2;
    page.sheet.put("\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x");
    page.sheet.hex_padded(dhcp::COOKIE, 8);
    let mut options = options.peekable();
    while let Some(option) = options.next() {
        match option.code {
            dhcp::PAD if !all => continue,
            dhcp::END if !all => return Some(()),
            _ if page.is_full() => return None,
            _ => {}
        }
        let sheet = &mut *page.sheet;
        let length = option.length?;
        let (_, name) = form(option.code);
        sheet.put("\n\t    ");
        sheet.put(name);
        sheet.put(" (");
        sheet.dec(option.code);
        sheet.put("), length ");
        sheet.dec(length);
        sheet.put(if length > 0 { ": " } else { "" });
        if option.code == dhcp::PAD {
            let mut count = 1u32;
            while options.next_if(|next| next.code == dhcp::PAD).is_some() {
                count = count.saturating_add(1);
            }
            if count > 1 {
                sheet.put(", occurs ");
                sheet.dec(count);
            }
        }
        if option.value.bytes().len() < length.into() {
            return None;
        }
        value(sheet, &option);
    }
    Some(())
}

fn value(sheet: &mut Sheet, option: &Opt<'_>) {
    let bytes = option.value.bytes();
    match (option.code, bytes) {
        (MESSAGE, [kind]) => return message(sheet, *kind),
        (PARAMETERS, _) => return parameters(sheet, bytes),
        _ => {}
    }
    let form = match (form(option.code), bytes.len() % 4) {
        // What is not known is shown as the largest numbers that its length allows.
        ((_, UNKNOWN), 1 | 3) => Form::Bytes,
        ((_, UNKNOWN), 2) => Form::Shorts,
        ((_, UNKNOWN), _) => Form::Longs,
        ((form, _), _) => form,
    };
    let left_over = match form {
        Form::Addresses => list(sheet, bytes, |sheet, address: &[u8; 4]| sheet.ipv4(*address)),
        Form::Longs => list(sheet, bytes, |sheet, number| sheet.dec(u32::from_be_bytes(*number))),
        Form::Signed => list(sheet, bytes, |sheet, number| sheet.signed(i32::from_be_bytes(*number).into())),
        Form::Shorts => list(sheet, bytes, |sheet, number| sheet.dec(u16::from_be_bytes(*number))),
        Form::Pairs => list(sheet, bytes, |sheet, [a, b, c, d, e, f, g, h]: &[u8; 8]| {
            sheet.put("(");
            sheet.ipv4([*a, *b, *c, *d]);
            sheet.put(":");
            sheet.ipv4([*e, *f, *g, *h]);
            sheet.put(")");
        }),
        Form::Switch => list(sheet, bytes, |sheet, [switch]: &[u8; 1]| match switch {
            0 => sheet.put("N"),
            1 => sheet.put("Y"),
            other => {
                sheet.dec(*other);
                sheet.put("?");
            }
        }),
        Form::Bytes => {
            for (place, byte) in bytes.iter().enumerate() {
                sheet.put(if place > 0 { "." } else { "" });
                sheet.dec(*byte);
            }
            0
        }
        Form::Text => {
            quoted(sheet, bytes);
            0
        }
        Form::Own => own(sheet, option.code, bytes),
    };
    if left_over > 0 {
        sheet.put("\n\t  trailing data length ");
        sheet.len_of(left_over);
    }
}

/// Items of `N` bytes, commas between them; how many bytes are left over.
fn list<const N: usize>(sheet: &mut Sheet, bytes: &[u8], put: impl Fn(&mut Sheet, &[u8; N])) -> usize {
    let (items, rest) = bytes.as_chunks();
    for (place, item) in items.iter().enumerate() {
        sheet.put(if place > 0 { "," } else { "" });
        put(sheet, item);
    }
    rest.len()
}

fn quoted(sheet: &mut Sheet, bytes: &[u8]) {
    sheet.put("\"");
    sheet.caret(bytes);
    sheet.put("\"");
}

fn message(sheet: &mut Sheet, kind: u8) {
    let name = match kind {
        1 => "Discover",
        2 => "Offer",
        3 => "Request",
        4 => "Decline",
        5 => "ACK",
        6 => "NACK",
        7 => "Release",
        8 => "Inform",
        10 => "LeaseQuery",
        11 => "LeaseUnassigned",
        12 => "LeaseUnknown",
        13 => "LeaseActive",
        _ => {
            sheet.put("Unknown (");
            sheet.dec(kind);
            ")"
        }
    };
    sheet.put(name);
}

/// The options that a client asks for, four a line.
fn parameters(sheet: &mut Sheet, codes: &[u8]) {
    for (place, code) in codes.iter().enumerate() {
        sheet.put(if place.is_multiple_of(4) { "\n\t      " } else { ", " });
        sheet.put(form(*code).1);
        sheet.put(" (");
        sheet.dec(*code);
        sheet.put(")");
    }
}

/// An option with a form of its own; how many bytes of it are left over.
fn own(sheet: &mut Sheet, code: u8, bytes: &[u8]) -> usize {
    let least = match code {
        46 | 52 | 61 => 1,
        77 => 2,
        81 => 3,
        121 | 249 => 5,
        _ => 0,
    };
    if bytes.len() < least {
        sheet.put("[ERROR: length < ");
        sheet.len_of(least);
        sheet.put(" bytes]");
        return 0;
    }
    match (code, bytes) {
        (46 | 52, [kind, rest @ ..]) => {
            let name = match (code, kind) {
                (46, 1) => "b-node",
                (46, 2) => "p-node",
                (46, 4) => "m-node",
                (46, 8) => "h-node",
                (52, 1) => "file",
                (52, 2) => "sname",
                (52, 3) => "file+sname",
                _ => {
                    sheet.put("#");
                    sheet.dec(*kind);
                    ""
                }
            };
            sheet.put(name);
            rest.len()
        }
        (61, [0, name @ ..]) => {
            quoted(sheet, name);
            0
        }
        (61, [kind, address @ ..]) => {
            let name = match kind {
                1 => "ether",
                6 => "ieee802",
                7 => "arcnet",
                15 => "frelay",
                23 => "strip",
                24 => "ieee1394",
                _ => {
                    sheet.put("hardware-type ");
                    sheet.dec(*kind);
                    ","
                }
            };
            sheet.put(name);
            sheet.put(" ");
            sheet.hex_bytes(address, ":");
            0
        }
        (77, _) => {
            user_classes(sheet, bytes);
            0
        }
        (81, [flags, first, second, name @ ..]) => {
            full_name(sheet, *flags, *first, *second, name);
            0
        }
        (82, _) => agent(sheet, bytes),
        _ => {
            routes(sheet, bytes);
            0
        }
    }
}

/// Classes of users (RFC 3004), each with its length before it.
fn user_classes(sheet: &mut Sheet, mut bytes: &[u8]) {
    let mut number = 1u32;
    while let [length, rest @ ..] = bytes {
        sheet.put("\n\t      instance#");
        sheet.dec(number);
        sheet.put(": ");
        if *length == 0 {
            return sheet.put("[ERROR: suboption length must be non-zero]");
        }
        let Some((class, rest)) = rest.split_at_checked((*length).into()) else {
            return sheet.put("[ERROR: invalid option]");
        };
        quoted(sheet, class);
        sheet.put(", length ");
        sheet.dec(*length);
        number = number.saturating_add(1);
        bytes = rest;
    }
}

/// A client's name in full (RFC 4702).
fn full_name(sheet: &mut Sheet, flags: u8, first: u8, second: u8, name: &[u8]) {
    if flags & 0xf0 != 0 {
        sheet.put("[ERROR: MBZ nibble 0x");
        sheet.hex(flags >> 4);
        sheet.put(" != 0] ");
    }
    if flags & 0x0f != 0 {
        sheet.put("[");
        for (_, letter) in [(1, "S"), (2, "O"), (4, "E"), (8, "N")].iter().filter(|(bit, _)| flags & bit != 0) {
            sheet.put(letter);
        }
        sheet.put("] ");
    }
    if (first, second) != (0, 0) {
        sheet.dec(first);
        sheet.put("/");
        sheet.dec(second);
        sheet.put(" ");
    }
    quoted(sheet, name);
}

/// What a relay says of the client (RFC 3046); how many bytes are left over.
fn agent(sheet: &mut Sheet, mut bytes: &[u8]) -> usize {
    while let [kind, length, rest @ ..] = bytes {
        let name = match kind {
            1 => "Circuit-ID",
            2 => "Remote-ID",
            6 => "Subscriber-ID",
            _ => "Unknown",
        };
        sheet.put("\n\t      ");
        sheet.put(name);
        sheet.put(" SubOption ");
        sheet.dec(*kind);
        sheet.put(", length ");
        sheet.dec(*length);
        sheet.put(": ");
        let Some((value, rest)) = rest.split_at_checked((*length).into()) else {
            sheet.put("length goes past end of option");
            return 0;
        };
        match kind {
            1 | 2 | 6 => sheet.caret(value),
            _ => hex::indented(sheet, "\n\t\t", value),
        }
        bytes = rest;
    }
    bytes.len()
}

/// Routes without classes (RFC 3442): a network, as many bytes of it as count, and its router.
fn routes(sheet: &mut Sheet, mut bytes: &[u8]) {
    let mut joint = "";
    while let [width, rest @ ..] = bytes {
        sheet.put(joint);
        joint = ",";
        if *width > 32 {
            sheet.put("[ERROR: Mask width (");
            sheet.dec(*width);
            return sheet.put(") > 32]");
        }
        let octets = usize::from(width.div_ceil(8));
        let parts = rest.split_at_checked(octets).and_then(|(net, rest)| Some((net, rest.split_first_chunk::<4>()?)));
        let Some((network, (router, rest))) = parts else {
            sheet.put("[ERROR: Remaining length (");
            sheet.len_of(rest.len());
            sheet.put(") < ");
            sheet.len_of(octets.saturating_add(4));
            return sheet.put(" bytes]");
        };
        sheet.put("(");
        if *width == 0 {
            sheet.put("default");
        } else {
            let mut address = [0; 4];
            address.iter_mut().zip(network).for_each(|(to, from)| *to = *from);
            sheet.ipv4(address);
            sheet.put("/");
            sheet.dec(*width);
        }
        sheet.put(":");
        sheet.ipv4(*router);
        sheet.put(")");
        bytes = rest;
    }
}

/// The form and the name of an option.
fn form(code: u8) -> (Form, &'static str) {
    use Form::{Addresses, Bytes, Longs, Own, Pairs, Shorts, Signed, Switch, Text};
    match code {
        0 => (Bytes, "PAD"),
        1 => (Addresses, "Subnet-Mask"),
        2 => (Signed, "Time-Zone"),
        3 => (Addresses, "Default-Gateway"),
        4 => (Addresses, "Time-Server"),
        5 => (Addresses, "IEN-Name-Server"),
        6 => (Addresses, "Domain-Name-Server"),
        7 => (Addresses, "LOG"),
        8 => (Addresses, "CS"),
        9 => (Addresses, "LPR-Server"),
        10 => (Addresses, "IM"),
        11 => (Addresses, "RL"),
        12 => (Text, "Hostname"),
        13 => (Shorts, "BS"),
        14 => (Text, "DP"),
        15 => (Text, "Domain-Name"),
        16 => (Addresses, "SS"),
        17 => (Text, "RP"),
        18 => (Text, "EP"),
        19 => (Switch, "IPF"),
        20 => (Switch, "SRT"),
        21 => (Pairs, "PF"),
        22 => (Shorts, "RSZ"),
        23 => (Bytes, "TTL"),
        24 => (Longs, "MTU-Timeout"),
        25 => (Shorts, "MTU-Table"),
        26 => (Shorts, "MTU"),
        27 => (Switch, "LSN"),
        28 => (Addresses, "BR"),
        29 => (Switch, "MD"),
        30 => (Switch, "MS"),
        31 => (Switch, "Router-Discovery"),
        32 => (Addresses, "RSA"),
        33 => (Pairs, "Static-Route"),
        34 => (Switch, "UT"),
        35 => (Longs, "AT"),
        36 => (Switch, "IE"),
        37 => (Bytes, "TT"),
        38 => (Longs, "KI"),
        39 => (Switch, "KG"),
        40 => (Text, "YD"),
        41 => (Addresses, "YS"),
        42 => (Addresses, "NTP"),
        43 => (Bytes, "Vendor-Option"),
        44 => (Addresses, "Netbios-Name-Server"),
        45 => (Addresses, "WDD"),
        46 => (Own, "Netbios-Node"),
        47 => (Text, "Netbios-Scope"),
        48 => (Addresses, "XFS"),
        49 => (Addresses, "XDM"),
        50 => (Addresses, "Requested-IP"),
        51 => (Longs, "Lease-Time"),
        52 => (Own, "OO"),
        53 => (Bytes, "DHCP-Message"),
        54 => (Addresses, "Server-ID"),
        55 => (Bytes, "Parameter-Request"),
        56 => (Text, "MSG"),
        57 => (Shorts, "MSZ"),
        58 => (Longs, "RN"),
        59 => (Longs, "RB"),
        60 => (Text, "Vendor-Class"),
        61 => (Own, "Client-ID"),
        64 => (Shorts, "N+D"),
        65 => (Addresses, "N+S"),
        66 => (Text, "TFTP"),
        67 => (Text, "BF"),
        68 => (Addresses, "MH"),
        69 => (Addresses, "SMTP"),
        70 => (Addresses, "POP3"),
        71 => (Addresses, "NNTP"),
        72 => (Addresses, "WWW"),
        73 => (Addresses, "FG"),
        74 => (Addresses, "IRC"),
        75 => (Addresses, "STS"),
        76 => (Addresses, "STDA"),
        77 => (Own, "User-Class"),
        78 => (Bytes, "SLP-DA"),
        79 => (Bytes, "SLP-SCOPE"),
        80 => (Text, "SLP-NA"),
        81 => (Own, "FQDN"),
        82 => (Own, "Agent-Information"),
        83 => (Bytes, "ARMT"),
        88 => (Text, "TZSTR"),
        89 => (Bytes, "FQDNS"),
        90 => (Bytes, "AUTH"),
        91 => (Signed, "Last-Transaction-Time"),
        92 => (Addresses, "Associated-IP"),
        93 => (Shorts, "ARCH"),
        94 => (Bytes, "NDI"),
        95 => (Text, "LDAP"),
        97 => (Bytes, "GUID"),
        98 => (Text, "UAP"),
        100 => (Text, "POSIX-TZ"),
        101 => (Text, "TZ-Name"),
        112 => (Addresses, "NI"),
        113 => (Text, "NITAG"),
        114 => (Text, "URL"),
        116 => (Switch, "NOAUTO"),
        117 => (Shorts, "NSSEARCH"),
        118 => (Addresses, "SUBNET"),
        121 => (Own, "Classless-Static-Route"),
        150 => (Addresses, "TFTP-Server-Address"),
        161 => (Text, "MUD-URL"),
        249 => (Own, "Classless-Static-Route-Microsoft"),
        255 => (Bytes, "END"),
        _ => (Bytes, UNKNOWN),
    }
}
