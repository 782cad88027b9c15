//! Lines of SNMP versions 1, 2c and 3 (RFC 1157, RFC 3416, RFC 3412, RFC 3414).
//!
//! What is wrong is told in brackets where it stands, and then nothing more of the part that it is in.

mod objects;
mod value;

use value::{Value, put_octets, put_string};

use super::words::{Words, number, upper_hex, word_or_number};
use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::asn1::Element;

const VERSION_1: i32 = 0;
const VERSION_2: i32 = 1;
const VERSION_3: i32 = 3;

/// Kinds of data units: the tags of their elements.
mod unit {
    pub const GET: u8 = 0;
    pub const GET_NEXT: u8 = 1;
    pub const RESPONSE: u8 = 2;
    pub const TRAP: u8 = 4;
    pub const GET_BULK: u8 = 5;
    pub const REPORT: u8 = 8;
}

const ERRORS: Words = &[
    (0, "noError"),
    (1, "tooBig"),
    (2, "noSuchName"),
    (3, "badValue"),
    (4, "readOnly"),
    (5, "genErr"),
    (6, "noAccess"),
    (7, "wrongType"),
    (8, "wrongLength"),
    (9, "wrongEncoding"),
    (10, "wrongValue"),
    (11, "noCreation"),
    (12, "inconsistentValue"),
    (13, "resourceUnavailable"),
    (14, "commitFailed"),
    (15, "undoFailed"),
    (16, "authorizationError"),
    (17, "notWritable"),
    (18, "inconsistentName"),
];

const TRAPS: &[&str] =
    &["coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss", "enterpriseSpecific"];

/// The generic trap whose specific number counts.
const ENTERPRISE: i32 = 6;

/// Why a part of a message is not shown to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// What is wrong with it has been told: the line goes on behind it.
    Told,
    /// The capture ends within it.
    End,
}

type Shown = Result<(), Fault>;

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    page.sheet.put(" ");
    let verbose = page.options.verbose > 0;
    if (Printer { sheet: page.sheet, verbose }).message(span) == Err(Fault::End) {
        page.truncated("snmp");
    }
}

struct Printer<'s> {
    sheet: &'s mut Sheet,
    verbose: bool,
}

impl Printer<'_> {
    fn put(&mut self, words: &'static str) {
        self.sheet.put(words);
    }

    /// Words that are shown at `-v`: brackets around parts, and names of what is inside.
    fn mark(&mut self, words: &'static str) {
        if self.verbose {
            self.sheet.put(words);
        }
    }

    /// The line goes on behind a part that was told wrong, but not behind the end of the capture.
    fn goes_on(&mut self, shown: Shown) -> Shown {
        if shown == Err(Fault::End) { shown } else { Ok(()) }
    }

    /// Takes the next element off; tells where there is none.
    fn element<'a>(&mut self, rest: &mut Span<'a>) -> Result<Element<'a>, Fault> {
        let (element, behind) = value::parse(self.sheet, *rest)?;
        *rest = behind;
        Ok(element)
    }

    /// Takes the next element's value off, which must be what `take` wants; tells `wrong` where it is not.
    fn expect<'a, T>(
        &mut self,
        rest: &mut Span<'a>,
        wrong: &'static str,
        take: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Result<T, Fault> {
        let element = self.element(rest)?;
        let value = Value::of(self.sheet, &element)?;
        match take(value) {
            Some(taken) => Ok(taken),
            None => {
                self.put(wrong);
                value.put(self.sheet);
                Err(Fault::Told)
            }
        }
    }

    fn integer(&mut self, rest: &mut Span<'_>, wrong: &'static str) -> Result<i32, Fault> {
        self.expect(rest, wrong, |value| if let Value::Integer(number) = value { Some(number) } else { None })
    }

    fn string<'a>(&mut self, rest: &mut Span<'a>, wrong: &'static str) -> Result<&'a [u8], Fault> {
        self.expect(rest, wrong, |value| if let Value::String(bytes) = value { Some(bytes) } else { None })
    }

    fn sequence<'a>(&mut self, rest: &mut Span<'a>, wrong: &'static str) -> Result<Span<'a>, Fault> {
        self.expect(rest, wrong, |value| if let Value::Sequence(inside) = value { Some(inside) } else { None })
    }

    /// Tells of bytes behind what should be the last.
    fn extra(&mut self, rest: Span<'_>, words: &'static str) {
        if !rest.is_empty() {
            self.put("[");
            self.sheet.len_of(rest.wire());
            self.put(words);
        }
    }

    /// A number behind words.
    fn signed(&mut self, words: &'static str, number: i32) {
        self.put(words);
        self.sheet.signed(number.into());
    }

    fn message(&mut self, span: Span<'_>) -> Shown {
        let mut rest = span;
        let mut inside = self.sequence(&mut rest, "[!init SEQ]")?;
        self.extra(rest, " extra after iSEQ]");
        let version = self.integer(&mut inside, "[version!=INT]")?;
        self.mark(match version {
            VERSION_1 => "{ SNMPv1 ",
            VERSION_2 => "{ SNMPv2c ",
            VERSION_3 => "{ SNMPv3 ",
            _ => {
                self.signed("SNMP [version = ", version);
                self.put("]");
                return Ok(());
            }
        });
        let shown = if version == VERSION_3 { self.version_3(inside) } else { self.community(inside, version) };
        self.goes_on(shown)?;
        self.mark("} ");
        Ok(())
    }

    fn community(&mut self, mut rest: Span<'_>, version: i32) -> Shown {
        let community = self.string(&mut rest, "[comm!=STR]")?;
        if community != b"public" {
            self.put("C=");
            put_string(self.sheet, community);
            self.put(" ");
        }
        self.data_unit(rest, version)
    }

    fn version_3(&mut self, mut rest: Span<'_>) -> Shown {
        /// The user-based security model (RFC 3414).
        const USER_BASED: i32 = 3;
        let mut header = self.sequence(&mut rest, "[!message]")?;
        self.mark("{ ");
        self.integer(&mut header, "[msgID!=INT]")?;
        self.integer(&mut header, "[msgMaxSize!=INT]")?;
        let flags = self.string(&mut header, "[msgFlags!=STR]")?;
        let [flags] = flags else {
            self.put("[msgFlags size ");
            self.sheet.len_of(flags.len());
            self.put("]");
            return Err(Fault::Told);
        };
        // Privacy without authentication can't be (RFC 3412, 6.4).
        if *flags > 7 || flags & 3 == 2 {
            self.put("[msgFlags=0x");
            upper_hex(self.sheet, *flags);
            self.put("]");
            return Err(Fault::Told);
        }
        self.put("F=");
        for (_, letter) in [(1, "a"), (2, "p"), (4, "r")].iter().filter(|(bit, _)| flags & bit != 0) {
            self.put(letter);
        }
        self.put(" ");
        let model = self.integer(&mut header, "[msgSecurityModel!=INT]")?;
        self.extra(header, " extra after message SEQ]");
        self.mark("} ");
        if model != USER_BASED {
            self.signed("[security model ", model);
            self.put("]");
            return Err(Fault::Told);
        }
        self.mark("{ USM ");
        let security = self.string(&mut rest, "[msgSecurityParameters!=STR]")?;
        let shown = self.user(Span::new(security, security.len()));
        self.goes_on(shown)?;
        self.mark("} ");
        self.mark("{ ScopedPDU ");
        let shown = self.scoped(rest);
        self.goes_on(shown)?;
        self.mark("} ");
        Ok(())
    }

    /// The parameters of the user-based security model (RFC 3414, 2.4).
    fn user(&mut self, mut rest: Span<'_>) -> Shown {
        let mut inside = self.sequence(&mut rest, "[!usm]")?;
        self.string(&mut inside, "[msgAuthoritativeEngineID!=STR]")?;
        for (wrong, words) in
            [("[msgAuthoritativeEngineBoots!=INT]", "B="), ("[msgAuthoritativeEngineTime!=INT]", "T=")]
        {
            let number = self.integer(&mut inside, wrong)?;
            if self.verbose {
                self.signed(words, number);
                self.put(" ");
            }
        }
        let user = self.string(&mut inside, "[msgUserName!=STR]")?;
        self.put("U=");
        put_string(self.sheet, user);
        self.put(" ");
        self.string(&mut inside, "[msgAuthenticationParameters!=STR]")?;
        self.string(&mut inside, "[msgPrivacyParameters!=STR]")?;
        self.extra(inside, " extra after usm SEQ]");
        Ok(())
    }

    fn scoped(&mut self, mut rest: Span<'_>) -> Shown {
        let mut inside = self.sequence(&mut rest, "[!scoped PDU]")?;
        let engine = self.string(&mut inside, "[contextEngineID!=STR]")?;
        self.put("E=");
        put_octets(self.sheet, engine);
        self.put(" ");
        let context = self.string(&mut inside, "[contextName!=STR]")?;
        self.put("C=");
        put_string(self.sheet, context);
        self.put(" ");
        self.data_unit(inside, VERSION_3)
    }

    fn data_unit(&mut self, mut rest: Span<'_>, version: i32) -> Shown {
        let element = self.element(&mut rest)?;
        let value = Value::of(self.sheet, &element)?;
        let Value::DataUnit(kind, inside) = value else {
            self.put("[no PDU]");
            return Err(Fault::Told);
        };
        self.extra(rest, " extra after PDU]");
        self.mark("{ ");
        value.put(self.sheet);
        self.put(" ");
        match (version, kind) {
            (VERSION_1, unit::GET_BULK..=unit::REPORT) => {
                self.put("[v2 PDU in v1 message]");
                return Err(Fault::Told);
            }
            (VERSION_2, unit::TRAP) => {
                self.put("[v1 PDU in v2 message]");
                return Err(Fault::Told);
            }
            _ => {}
        }
        let shown = if kind == unit::TRAP { self.trap(inside) } else { self.request(inside, kind) };
        self.goes_on(shown)?;
        self.mark(" } ");
        Ok(())
    }

    /// All data units but the trap of version 1.
    fn request(&mut self, mut rest: Span<'_>, kind: u8) -> Shown {
        let id = self.integer(&mut rest, "[reqId!=INT]")?;
        if self.verbose {
            self.signed("R=", id);
            self.put(" ");
        }
        let status = self.integer(&mut rest, "[errorStatus!=INT]")?;
        match (kind, status) {
            (unit::GET_BULK, _) => self.signed(" N=", status),
            (_, 0) => {}
            (unit::RESPONSE, _) => {
                self.put(" ");
                word_or_number(self.sheet, ERRORS, status.cast_unsigned(), "err=");
            }
            _ => {
                self.put("[errorStatus(");
                word_or_number(self.sheet, ERRORS, status.cast_unsigned(), "err=");
                self.put(")!=0]");
            }
        }
        let index = self.integer(&mut rest, "[errorIndex!=INT]")?;
        match (kind, index) {
            (unit::GET_BULK, _) => self.signed(" M=", index),
            (unit::RESPONSE, 0) if status != 0 => self.put("[errorIndex==0]"),
            (_, 0) => {}
            (unit::RESPONSE, _) if status != 0 => self.signed("@", index),
            (unit::RESPONSE, _) => {
                self.signed("[errorIndex(", index);
                self.put(") w/o errorStatus]");
            }
            _ => {
                self.signed("[errorIndex(", index);
                self.put(")!=0]");
            }
        }
        self.bindings(rest, kind)
    }

    fn trap(&mut self, mut rest: Span<'_>) -> Shown {
        self.put(" ");
        let wanted = |value| if let Value::Identifier(_) = value { Some(value) } else { None };
        self.expect(&mut rest, "[enterprise!=OID]", wanted)?.put(self.sheet);
        self.put(" ");
        let wanted = |value| if let Value::Address(_) = value { Some(value) } else { None };
        self.expect(&mut rest, "[agent-addr!=INETADDR]", wanted)?.put(self.sheet);
        let generic = self.integer(&mut rest, "[generic-trap!=INT]")?;
        match usize::try_from(generic).ok().and_then(|at| TRAPS.get(at)) {
            Some(name) => {
                self.put(" ");
                self.put(name);
            }
            None => self.signed(" gt=", generic),
        }
        let specific = self.integer(&mut rest, "[specific-trap!=INT]")?;
        if generic == ENTERPRISE {
            self.signed(" s=", specific);
        } else if specific != 0 {
            self.signed("[specific-trap(", specific);
            self.put(")!=0]");
        }
        let wanted = |value| if let Value::Unsigned(ticks) = value { Some(ticks) } else { None };
        self.put(" ");
        let ticks = self.expect(&mut rest, "[time-stamp!=TIMETICKS]", wanted)?;
        number(self.sheet, "", ticks);
        self.bindings(rest, unit::TRAP)
    }

    /// Names of variables, and their values where there should be any.
    fn bindings(&mut self, mut rest: Span<'_>, kind: u8) -> Shown {
        let asks = matches!(kind, unit::GET | unit::GET_NEXT | unit::GET_BULK);
        let mut list = self.sequence(&mut rest, "[!SEQ of varbind]")?;
        self.extra(rest, " extra after SEQ of varbind]");
        while !list.is_empty() {
            self.put(" ");
            let mut binding = self.sequence(&mut list, "[!varbind]")?;
            let wanted = |value| if let Value::Identifier(_) = value { Some(value) } else { None };
            self.expect(&mut binding, "[objName!=OID]", wanted)?.put(self.sheet);
            if !asks {
                self.put("=");
            }
            let element = self.element(&mut binding)?;
            let value = Value::of(self.sheet, &element)?;
            if asks && !matches!(value, Value::Null) {
                self.put("[objVal!=NULL]");
            }
            value.put(self.sheet);
        }
        Ok(())
    }
}
