//! Lines of Telnet: the commands that a segment begins with.

use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::telnet::{self, Command, Fault, IAC};

/// Commands from 236 on.
const COMMANDS: &[&str] = &[
    "EOF", "SUSP", "ABORT", "EOR", "SE", "NOP", "DMARK", "BRK", "IP", "AO", "AYT", "EC", "EL", "GA", "SB", "WILL",
    "WONT", "DO", "DONT", "IAC IAC",
];

const OPTIONS: &[&str] = &[
    "BINARY",
    "ECHO",
    "RCP",
    "SUPPRESS GO AHEAD",
    "NAME",
    "STATUS",
    "TIMING MARK",
    "RCTE",
    "NAOL",
    "NAOP",
    "NAOCRD",
    "NAOHTS",
    "NAOHTD",
    "NAOFFD",
    "NAOVTS",
    "NAOVTD",
    "NAOLFD",
    "EXTEND ASCII",
    "LOGOUT",
    "BYTE MACRO",
    "DATA ENTRY TERMINAL",
    "SUPDUP",
    "SUPDUP OUTPUT",
    "SEND LOCATION",
    "TERMINAL TYPE",
    "END OF RECORD",
    "TACACS UID",
    "OUTPUT MARKING",
    "TTYLOC",
    "3270 REGIME",
    "X.3 PAD",
    "NAWS",
    "TSPEED",
    "LFLOW",
    "LINEMODE",
    "XDISPLOC",
    "OLD-ENVIRON",
    "AUTHENTICATION",
    "ENCRYPT",
    "NEW-ENVIRON",
];

const AUTHENTICATION: u8 = 37;
const ENCRYPTION: u8 = 38;

/// What the first byte of a subnegotiation says.
const QUALIFIERS: &[&str] = &["IS", "SEND", "INFO"];

/// What the first two bytes of a subnegotiation say of authentication (RFC 2941).
const AUTHENTICATION_WORDS: [&[&str]; 2] = [
    &["IS", "SEND", "REPLY", "NAME"],
    &[
        "NULL",
        "KERBEROS_V4",
        "KERBEROS_V5",
        "SPX",
        "MINK",
        "SRP",
        "RSA",
        "SSL",
        "",
        "",
        "LOKI",
        "SSA",
        "KEA_SJ",
        "KEA_SJ_INTEG",
        "DSS",
        "NTLM",
    ],
];

/// What the first two bytes of a subnegotiation say of encryption (RFC 2946).
const ENCRYPTION_WORDS: [&[&str]; 2] = [
    &["IS", "SUPPORT", "REPLY", "START", "END", "REQUEST-START", "REQUEST-END", "END_KEYID", "DEC_KEYID"],
    &[
        "NULL",
        "DES_CFB64",
        "DES_OFB64",
        "DES3_CFB64",
        "DES3_OFB64",
        "",
        "CAST5_40_CFB64",
        "CAST5_40_OFB64",
        "CAST128_CFB64",
        "CAST128_OFB64",
    ],
];

/// Prints the commands that a segment begins with, if it does.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    let mut rest = span;
    let mut joint = " [telnet ";
    while rest.u8_at(0) == Some(IAC) && !page.is_full() {
        match telnet::command(rest) {
            Ok((command, behind)) => {
                page.sheet.put(joint);
                put(page.sheet, command);
                joint = ", ";
                rest = behind;
            }
            Err(Fault::Cut) => {
                return page.truncated("telnet");
            }
            Err(Fault::None) => break,
        }
    }
    if rest.bytes().is_empty() && rest.is_cut() {
        return page.truncated("telnet");
    }
    if joint == ", " {
        page.sheet.put("]");
    }
}

fn put(sheet: &mut Sheet, command: Command<'_>) {
    let name = |code: u8| COMMANDS.get(usize::from(code.wrapping_sub(236))).copied().unwrap_or("");
    match command {
        Command::Plain(code) => sheet.put(name(code)),
        Command::Option(code, option) => {
            sheet.put(name(code));
            sheet.put(" ");
            word(sheet, OPTIONS, option);
        }
        Command::Subnegotiation(option, inside) => {
            sheet.put("SB ");
            word(sheet, OPTIONS, option);
            let named: &[&[&'static str]] = match option {
                AUTHENTICATION => &AUTHENTICATION_WORDS,
                ENCRYPTION => &ENCRYPTION_WORDS,
                _ => &[QUALIFIERS],
            };
            for (at, byte) in inside.iter().enumerate() {
                sheet.put(" ");
                word(sheet, named.get(at).copied().unwrap_or(&[]), *byte);
            }
            sheet.put(" SE");
        }
    }
}

/// A name; the number where there is none.
fn word(sheet: &mut Sheet, names: &[&'static str], number: u8) {
    match names.get(usize::from(number)) {
        Some(name) if !name.is_empty() => sheet.put(name),
        _ => {
            sheet.put(if number == 0 { "" } else { "0x" });
            sheet.hex(number);
        }
    }
}
