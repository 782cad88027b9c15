//! Lines of the control messages of PPTP (RFC 2637, 2): for each a list of its fields in their order.

use super::words::{Words, number, padded_text, word};
use super::{Page, Sheet};
use crate::decode::Span;

/// The value that all messages have in one place.
const COOKIE: u32 = 0x1a2b_3c4d;

/// Bytes before the fields of a message.
const HEAD: usize = 12;

/// What a field holds.
#[derive(Clone, Copy)]
enum Kind {
    /// Must be 0, in so many bytes.
    Reserved(usize),
    /// Major and minor number.
    Version,
    /// A code of one byte, whose word `-v` tells.
    Code(Words),
    /// A number of so many bytes.
    Number(usize),
    /// The length of a text that follows.
    Length,
    /// 32 bits in hexadecimal.
    Mask,
    /// Letters for the bits of 32 that are set.
    Bits(&'static [(u32, &'static str)]),
    /// A letter for a number of 32 bits.
    Word(Words),
    /// A text in a field of so many bytes.
    Text(usize),
    /// One in 64 bytes, as long as its length says.
    Counted,
}

use Kind::{Bits, Code, Counted, Length, Mask, Number, Reserved, Text, Version, Word};

type Field = (&'static str, Kind);

const ZERO: Field = ("", Reserved(2));
const VERSION: Field = ("PROTO_VER", Version);
const FRAMING: Field = ("FRAME_CAP", Bits(&[(1, "A"), (2, "S")]));
const BEARER: Field = ("BEARER_CAP", Bits(&[(2, "D"), (1, "A")]));
const FRAMING_TYPE: Field = ("FRAME_TYPE", Word(&[(1, "A"), (2, "S"), (3, "E")]));
const BEARER_TYPE: Field = ("BEARER_TYPE", Word(&[(1, "A"), (2, "D"), (3, "Any")]));
const CHANNELS: Field = ("MAX_CHAN", Number(2));
const REVISION: Field = ("FIRM_REV", Number(2));
const HOST: Field = ("HOSTNAME", Text(64));
const VENDOR: Field = ("VENDOR", Text(64));
const IDENTIFIER: Field = ("ID", Number(4));
const CALL: Field = ("CALL_ID", Number(2));
const PEER_CALL: Field = ("PEER_CALL_ID", Number(2));
const SERIAL: Field = ("CALL_SER_NUM", Number(2));
const WINDOW: Field = ("RECV_WIN", Number(2));
const DELAY: Field = ("PROC_DELAY", Number(2));
const CAUSE: Field = ("CAUSE_CODE", Number(2));
const SPEED: Field = ("CONN_SPEED", Number(4));
const CHANNEL: Field = ("PHY_CHAN_ID", Number(4));
const SUBADDRESS: Field = ("SUB_ADDR", Text(64));
const ERROR: Field = (
    "ERR_CODE",
    Code(&[
        (0, "None"),
        (1, "Not-Connected"),
        (2, "Bad-Format"),
        (3, "Bad-Value"),
        (4, "No-Resource"),
        (5, "Bad-Call-ID"),
        (6, "PAC-Error"),
    ]),
);
const REASON: Field = ("REASON", Code(&[(1, "None"), (2, "Stop-Protocol"), (3, "Stop-Local-Shutdown")]));
const DONE: Field = ("RESULT_CODE", Code(&[(1, "OK"), (2, "General Error")]));
const STARTED: Field = (
    "RESULT_CODE",
    Code(&[
        (1, "Successful channel establishment"),
        (2, "General error"),
        (3, "Command channel already exists"),
        (4, "Requester is not authorized to establish a command channel"),
        (5, "The protocol version of the requester is not supported"),
    ]),
);
const CALLED: Field = (
    "RESULT_CODE",
    Code(&[
        (1, "Connected"),
        (2, "General Error"),
        (3, "No Carrier"),
        (4, "Busy"),
        (5, "No Dial Tone"),
        (6, "Time-out"),
        (7, "Do Not Accept"),
    ]),
);
const ANSWERED: Field = ("RESULT_CODE", Code(&[(1, "Connect"), (2, "General Error"), (3, "Do Not Accept")]));
const DISCONNECTED: Field =
    ("RESULT_CODE", Code(&[(1, "Lost Carrier"), (2, "General Error"), (3, "Admin Shutdown"), (4, "Request")]));

/// The messages by their type.
const MESSAGES: [(&str, &[Field]); 16] = [
    ("NOT_DEFINED", &[]),
    ("SCCRQ", &[VERSION, ZERO, FRAMING, BEARER, CHANNELS, REVISION, HOST, VENDOR]),
    ("SCCRP", &[VERSION, STARTED, ERROR, FRAMING, BEARER, CHANNELS, REVISION, HOST, VENDOR]),
    ("StopCCRQ", &[REASON, ("", Reserved(1)), ZERO]),
    ("StopCCRP", &[DONE, ERROR, ZERO]),
    ("ECHORQ", &[IDENTIFIER]),
    ("ECHORP", &[IDENTIFIER, DONE, ERROR, ZERO]),
    (
        "OCRQ",
        &[
            CALL,
            SERIAL,
            ("MIN_BPS", Number(4)),
            ("MAX_BPS", Number(4)),
            BEARER_TYPE,
            FRAMING_TYPE,
            WINDOW,
            DELAY,
            ("PHONE_NO_LEN", Length),
            ZERO,
            ("PHONE_NO", Counted),
            SUBADDRESS,
        ],
    ),
    ("OCRP", &[CALL, PEER_CALL, CALLED, ERROR, CAUSE, SPEED, WINDOW, DELAY, CHANNEL]),
    (
        "ICRQ",
        &[
            CALL,
            SERIAL,
            BEARER_TYPE,
            CHANNEL,
            ("DIALED_NO_LEN", Length),
            ("DIALING_NO_LEN", Length),
            ("DIALED_NO", Counted),
            ("DIALING_NO", Counted),
            SUBADDRESS,
        ],
    ),
    ("ICRP", &[CALL, PEER_CALL, ANSWERED, ERROR, WINDOW, DELAY, ZERO]),
    ("ICCN", &[PEER_CALL, ZERO, SPEED, WINDOW, DELAY, FRAMING_TYPE]),
    ("CCRQ", &[CALL, ZERO]),
    ("CDN", &[CALL, DISCONNECTED, ERROR, CAUSE, ZERO, ("CALL_STATS", Text(128))]),
    (
        "WEN",
        &[
            PEER_CALL,
            ZERO,
            ("CRC_ERR", Number(4)),
            ("FRAMING_ERR", Number(4)),
            ("HARDWARE_OVERRUN", Number(4)),
            ("BUFFER_OVERRUN", Number(4)),
            ("TIMEOUT_ERR", Number(4)),
            ("ALIGN_ERR", Number(4)),
        ],
    ),
    ("SLI", &[PEER_CALL, ZERO, ("SEND_ACCM", Mask), ("RECV_ACCM", Mask)]),
];

/// Prints the first message of a segment.
pub(super) fn print(page: &mut Page<'_>, payload: Span<'_>) {
    page.sheet.put(": pptp");
    if message(page.sheet, payload, page.options.verbose > 0).is_none() {
        page.truncated("pptp");
    }
}

/// What the message says; none where bytes are missing.
fn message(sheet: &mut Sheet, span: Span<'_>, verbose: bool) -> Option<()> {
    if verbose {
        number(sheet, " Length=", span.u16_at(0)?);
        sheet.put(match span.u16_at(2)? {
            1 => " CTRL-MSG",
            2 => " MGMT-MSG",
            _ => " UNKNOWN-MSG-TYPE",
        });
    }
    let cookie = span.u32_at(4)?;
    if cookie != COOKIE {
        sheet.put(" UNEXPECTED Magic-Cookie!!(");
        sheet.hex_padded(cookie, 8);
        sheet.put(")");
    }
    if verbose || cookie != COOKIE {
        sheet.put(" Magic-Cookie=");
        sheet.hex_padded(cookie, 8);
    }
    let kind = span.u16_at(8)?;
    let fields = match MESSAGES.get(usize::from(kind)) {
        Some((name, fields)) => {
            sheet.put(" CTRL_MSGTYPE=");
            sheet.put(name);
            *fields
        }
        None => {
            number(sheet, " UNKNOWN_CTRL_MSGTYPE(", kind);
            sheet.put(")");
            &[]
        }
    };
    reserved(sheet, span.u16_at(10)?);
    let mut rest = span.skip(HEAD);
    let mut lengths = [None; 2];
    for (name, kind) in fields {
        rest = field(sheet, name, *kind, rest, verbose, &mut lengths)?;
    }
    Some(())
}

fn reserved(sheet: &mut Sheet, value: u16) {
    if value != 0 {
        number(sheet, " [ERROR: reserved=", value);
        sheet.put(" must be zero]");
    }
}

/// One field and what is behind it. `lengths` are those of texts to come, the next one first.
fn field<'a>(
    sheet: &mut Sheet,
    name: &'static str,
    kind: Kind,
    span: Span<'a>,
    verbose: bool,
    lengths: &mut [Option<u16>; 2],
) -> Option<Span<'a>> {
    if let Reserved(size) = kind {
        let value = if size == 1 { span.u8_at(0)?.into() } else { span.u16_at(0)? };
        reserved(sheet, value);
        return Some(span.skip(size));
    }
    let [first, second] = *lengths;
    // Numbers are told once they are all there, texts as far as they are.
    let size = match kind {
        Code(_) => 1,
        Version | Length | Number(2) => 2,
        Number(_) | Mask | Bits(_) | Word(_) => 4,
        Text(size) => size,
        Counted | Reserved(_) => 64,
    };
    let value = match (kind, size) {
        (Text(_) | Counted, _) => 0,
        (_, 1) => span.u8_at(0)?.into(),
        (_, 2) => span.u16_at(0)?.into(),
        _ => span.u32_at(0)?,
    };
    sheet.put(" ");
    sheet.put(name);
    sheet.put("(");
    match kind {
        Version => {
            sheet.dec(value >> 8);
            number(sheet, ".", value & 0xff);
        }
        Code(words) => {
            sheet.dec(value);
            if verbose {
                sheet.put(":");
                sheet.put(word(words, value).unwrap_or("?"));
            }
        }
        Mask => {
            sheet.put("0x");
            sheet.hex_padded(value, 8);
        }
        Bits(bits) => bits.iter().filter(|bit| value & bit.0 != 0).for_each(|bit| sheet.put(bit.1)),
        Word(words) => sheet.put(word(words, value).unwrap_or("?")),
        Text(size) => padded_text(sheet, span, size)?,
        Counted => {
            padded_text(sheet, span, size.min(first.unwrap_or(0).into()))?;
            *lengths = [second, None];
        }
        Length => {
            sheet.dec(value);
            let value = u16::try_from(value).ok();
            *lengths = if first.is_none() { [value, None] } else { [first, value] };
        }
        Number(_) | Reserved(_) => sheet.dec(value),
    }
    sheet.put(")");
    Some(span.skip(size))
}
