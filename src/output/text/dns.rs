//! Lines of DNS and multicast DNS: [`dns::Message`] as a question or an answer.

mod edns;
pub(in crate::output) mod names;

use names::{operation, record_type, response_code};

use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::dns::{self, Fault, Message, Name, Record, kind};

/// The highest bit of a class in multicast DNS: an answer by unicast is wanted, or others are to be forgotten
/// (RFC 6762, 5.4 and 10.2).
const MULTICAST_BIT: u16 = 0x8000;

const CLASS_INTERNET: u16 = 1;

/// Prints a message in a datagram.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>, multicast: bool) {
    if span.wire() < dns::HEADER {
        page.sheet.put("domain [length ");
        page.sheet.len_of(span.wire());
        return page.sheet.put(" < 12] (invalid)");
    }
    let Ok(message) = Message::parse(span) else { return page.truncated("domain") };
    let mut lines = Lines { message, verbose: page.options.verbose, multicast, end: span.bytes().len(), page };
    let done = if message.is_response() { lines.response() } else { lines.query() };
    match done {
        Some(()) => {
            page.sheet.put(" (");
            page.sheet.len_of(span.wire());
            page.sheet.put(")");
        }
        None => page.truncated("domain"),
    }
}

/// Prints a message in a segment, its length before it (RFC 1035, 4.2.2).
pub(super) fn print_segment(page: &mut Page<'_>, span: Span<'_>) {
    let Some(there) = span.wire().checked_sub(2) else {
        return page.sheet.put(" [DNS over TCP: length 1 < 2] (invalid)");
    };
    let Some(length) = span.u16_at(0) else { return page.truncated("domain") };
    if usize::from(length) != there {
        page.sheet.put(" [prefix length(");
        page.sheet.dec(length);
        page.sheet.put(") != length(");
        page.sheet.len_of(there);
        return page.sheet.put(")] (invalid)");
    }
    page.sheet.put(" ");
    print(page, span.skip(2), false);
}

/// A message on its way to the sheet. Places count from its first byte; none stands for bytes that are missing.
struct Lines<'s, 'p, 'a> {
    page: &'s mut Page<'p>,
    message: Message<'a>,
    verbose: u8,
    multicast: bool,
    /// Where what was captured ends.
    end: usize,
}

impl Lines<'_, '_, '_> {
    fn sheet(&mut self) -> &mut Sheet {
        self.page.sheet
    }

    fn response(&mut self) -> Option<()> {
        let flags = self.message.flags();
        let [questions, answers, authorities, additional] = self.message.counts();
        let code = self.message.response_code();
        let (id, operation) = (self.message.id(), operation(self.message.operation()));
        let sheet = self.sheet();
        sheet.dec(id);
        sheet.put(operation);
        response_code(sheet, code);
        sheet.put(if flags & 0x0400 != 0 { "*" } else { "" });
        sheet.put(if flags & 0x0080 != 0 { "" } else { "-" });
        sheet.put(if flags & 0x0200 != 0 { "|" } else { "" });
        sheet.put(if flags & 0x0020 != 0 { "$" } else { "" });
        if questions != 1 {
            count(sheet, questions, "q]");
        }
        let mut at = dns::HEADER;
        for place in 0..questions {
            if place > 0 {
                self.sheet().put(",");
            }
            if self.verbose > 1 {
                self.sheet().put(" q:");
                at = self.question(at)?;
            } else {
                at = self.message.skip_name(at)?.checked_add(4)?;
            }
        }
        let sheet = self.sheet();
        sheet.put(" ");
        sheet.dec(answers);
        sheet.put("/");
        sheet.dec(authorities);
        sheet.put("/");
        sheet.dec(additional);
        at = self.records(at, answers)?;
        if self.verbose > 1 {
            self.sections(at, authorities, additional)?;
        }
        Some(())
    }

    fn query(&mut self) -> Option<()> {
        let flags = self.message.flags();
        let [questions, answers, authorities, additional] = self.message.counts();
        let (id, operation_code) = (self.message.id(), self.message.operation());
        let sheet = self.sheet();
        sheet.dec(id);
        sheet.put(operation(operation_code));
        sheet.put(if flags & 0x0100 != 0 { "+" } else { "" });
        sheet.put(if flags & 0x0010 != 0 { "%" } else { "" });
        // Bits that no query should have.
        if flags & 0x06cf != 0 {
            sheet.put(" [b2&3=0x");
            sheet.hex(flags);
            sheet.put("]");
        }
        const INVERSE: u8 = 1;
        if operation_code == INVERSE {
            if questions != 0 {
                count(sheet, questions, "q]");
            }
            if answers != 1 {
                count(sheet, answers, "a]");
            }
        } else {
            if answers != 0 {
                count(sheet, answers, "a]");
            }
            if questions != 1 {
                count(sheet, questions, "q]");
            }
        }
        if authorities != 0 {
            count(sheet, authorities, "n]");
        }
        if additional != 0 {
            count(sheet, additional, "au]");
        }
        let mut at = dns::HEADER;
        for _ in 0..questions {
            at = self.question(at)?;
        }
        if self.verbose > 1 {
            at = self.records(at, answers)?;
            self.sections(at, authorities, additional)?;
        }
        Some(())
    }

    /// What stands behind the answers.
    fn sections(&mut self, mut at: usize, authorities: u16, additional: u16) -> Option<()> {
        for (name, records) in [(" ns:", authorities), (" ar:", additional)] {
            if records > 0 && at < self.end {
                self.sheet().put(name);
            } else if records > 0 {
                return None;
            }
            at = self.records(at, records)?;
        }
        Some(())
    }

    /// So many records from `at` on; where they end.
    fn records(&mut self, mut at: usize, records: u16) -> Option<usize> {
        for place in 0..records {
            if place > 0 {
                if at >= self.end {
                    return None;
                }
                self.sheet().put(",");
            }
            if self.page.is_full() {
                return None;
            }
            at = self.record(at)?;
        }
        Some(at)
    }

    fn question(&mut self, at: usize) -> Option<usize> {
        if self.page.is_full() {
            return None;
        }
        let (question, behind) = self.message.question(at)?;
        let unicast = question.class & MULTICAST_BIT != 0;
        self.sheet().put(" ");
        record_type(self.sheet(), question.kind);
        self.class(question.class);
        if self.multicast {
            self.sheet().put(if unicast { " (QU)" } else { " (QM)" });
        }
        self.sheet().put("? ");
        self.name(question.name)?;
        Some(behind)
    }

    fn class(&mut self, class: u16) {
        let class = if self.multicast { class & !MULTICAST_BIT } else { class };
        let sheet = self.sheet();
        match class {
            CLASS_INTERNET => {}
            3 => sheet.put(" CHAOS"),
            4 => sheet.put(" HS"),
            255 => sheet.put(" ANY"),
            _ => {
                sheet.put(" (Class ");
                sheet.dec(class);
                sheet.put(")");
            }
        }
    }

    /// One record; where it ends. One of which not even the head is there passes for the end of the message.
    fn record(&mut self, at: usize) -> Option<usize> {
        if self.verbose > 0 {
            self.sheet().put(" ");
            self.name(at)?;
        }
        let Some(record) = self.message.skip_name(at).and_then(|at| self.message.record(at)) else {
            return Some(self.end);
        };
        if record.kind != kind::OPT {
            self.class(record.class);
        }
        if self.multicast && record.class & MULTICAST_BIT != 0 {
            self.sheet().put(" (Cache flush)");
        }
        if record.kind != kind::OPT && self.verbose > 2 {
            self.sheet().put(" [");
            relative_time(self.sheet(), record.ttl);
            self.sheet().put("]");
        }
        self.sheet().put(" ");
        record_type(self.sheet(), record.kind);
        if record.end > self.end {
            return None;
        }
        self.data(&record)?;
        Some(record.end)
    }

    /// What a record says.
    fn data(&mut self, record: &Record) -> Option<()> {
        let span = self.message.span();
        let (at, data) = (record.data, span.bytes().get(record.data..record.end)?);
        match record.kind {
            kind::A => {
                let address = span.array_at(at)?;
                self.sheet().put(" ");
                self.sheet().ipv4(address);
            }
            kind::AAAA => {
                let address = span.array_at(at)?;
                self.sheet().put(" ");
                self.sheet().ipv6(address);
            }
            kind::NS | kind::CNAME | kind::PTR | kind::DNAME => {
                self.sheet().put(" ");
                self.name(at)?;
            }
            kind::SOA if self.verbose > 0 => self.authority(at)?,
            kind::MX => {
                self.sheet().put(" ");
                let preference = span.u16_at(at)?;
                self.name(at.checked_add(2)?)?;
                self.sheet().put(" ");
                self.sheet().dec(preference);
            }
            kind::TXT => self.strings(data)?,
            kind::SRV => {
                self.sheet().put(" ");
                let numbers = span.array_at::<6>(at)?;
                self.name(at.checked_add(6)?)?;
                let [a, b, c, d, e, f] = numbers;
                for (joint, number) in [(":", [e, f]), (" ", [a, b]), (" ", [c, d])] {
                    self.sheet().put(joint);
                    self.sheet().dec(u16::from_be_bytes(number));
                }
            }
            kind::A6 => self.prefixed_address(at)?,
            kind::URI => {
                let ([a, b, c, d], target) = data.split_first_chunk()?;
                for number in [[*a, *b], [*c, *d]] {
                    self.sheet().put(" ");
                    self.sheet().dec(u16::from_be_bytes(number));
                }
                self.sheet().put(" ");
                self.sheet().caret(target);
            }
            kind::OPT => {
                let class = if self.multicast { record.class & !MULTICAST_BIT } else { record.class };
                self.sheet().put(" UDPsize=");
                self.sheet().dec(class);
                self.sheet().put(if record.ttl & 0x8000 != 0 { " DO" } else { "" });
                edns::options(self.page.sheet, &self.message, at..record.end)?;
            }
            kind::UNSPECA => self.sheet().caret(data),
            kind::TSIG if self.verbose > 0 => self.signature(at)?,
            _ => {}
        }
        Some(())
    }

    /// A name, a dot behind each label; none where it can't be read to its end.
    fn name(&mut self, at: usize) -> Option<()> {
        name(self.page.sheet, &self.message, at)
    }

    /// The start of a zone: its two names and five numbers (RFC 1035, 3.3.13).
    fn authority(&mut self, mut at: usize) -> Option<()> {
        for _ in 0..2 {
            self.sheet().put(" ");
            self.name(at)?;
            at = self.message.skip_name(at)?;
        }
        let numbers = self.message.span().array_at::<20>(at)?;
        for number in numbers.as_chunks().0 {
            self.sheet().put(" ");
            self.sheet().dec(u32::from_be_bytes(*number));
        }
        Some(())
    }

    /// Strings, each with its length before it; the last may end behind the record.
    fn strings(&mut self, data: &[u8]) -> Option<()> {
        let mut rest = data;
        while let [length, tail @ ..] = rest {
            self.sheet().put(" \"");
            let (string, tail) = tail.split_at_checked(usize::from(*length)).unwrap_or((tail, &[]));
            self.sheet().caret(string);
            if string.len() < usize::from(*length) {
                return None;
            }
            self.sheet().put("\"");
            rest = tail;
        }
        Some(())
    }

    /// The end of an IPv6 address, and the name that has its beginning (RFC 2874).
    fn prefixed_address(&mut self, at: usize) -> Option<()> {
        let span = self.message.span();
        let prefix = span.u8_at(at)?;
        if prefix > 128 {
            self.sheet().put(" ");
            self.sheet().dec(prefix);
            self.sheet().put("(bad plen)");
            return Some(());
        }
        let skipped = usize::from(prefix / 8);
        let behind = at.checked_add(1)?;
        let suffix = 16usize.saturating_sub(skipped);
        if prefix < 128 {
            let mut address = [0; 16];
            let there = span.bytes().get(behind..behind.checked_add(suffix)?)?;
            address.get_mut(skipped..)?.copy_from_slice(there);
            self.sheet().put(" ");
            self.sheet().dec(prefix);
            self.sheet().put(" ");
            self.sheet().ipv6(address);
        }
        if prefix > 0 {
            self.sheet().put(" ");
            self.name(behind.checked_add(suffix)?)?;
        }
        Some(())
    }

    /// A transaction signature (RFC 8945): the numbers around it.
    fn signature(&mut self, at: usize) -> Option<()> {
        let span = self.message.span();
        self.sheet().put(" ");
        self.name(at)?;
        const TIME: usize = 6;
        let mut at = self.message.skip_name(at)?.checked_add(TIME)?;
        for field in [" fudge=", " maclen=", " origid=", " error=", " otherlen="] {
            let number = span.u16_at(at)?;
            self.sheet().put(field);
            self.sheet().dec(number);
            at = at.checked_add(2)?;
            if field == " maclen=" {
                at = at.checked_add(number.into())?;
            }
        }
        Some(())
    }
}

/// A name of a message, a dot behind each label; none where it can't be read to its end.
fn name(sheet: &mut Sheet, message: &Message<'_>, at: usize) -> Option<()> {
    put_name(sheet, message.name(at))
}

/// Prints a name; none where it can't be read to its end.
pub(super) fn put_name(sheet: &mut Sheet, name: Name<'_>) -> Option<()> {
    let mut labels = 0usize;
    for label in name {
        match label {
            Ok(label) => {
                sheet.caret(label);
                sheet.put(".");
                labels = labels.saturating_add(1);
            }
            Err(fault) => {
                match fault {
                    Fault::Cut(part) => sheet.caret(part),
                    Fault::Pointer => sheet.put("<BAD PTR>"),
                    Fault::Reserved => sheet.put("<BAD LABEL TYPE>"),
                    Fault::Extended(kind) => {
                        sheet.put("<ELT ");
                        sheet.dec(kind);
                        sheet.put(">");
                    }
                    Fault::TooLong(part) => {
                        sheet.caret(part);
                        sheet.put("<DOMAIN NAME TOO LONG>");
                        return Some(());
                    }
                }
                return None;
            }
        }
    }
    if labels == 0 {
        sheet.put(".");
    }
    Some(())
}

fn count(sheet: &mut Sheet, count: u16, of: &'static str) {
    sheet.put(" [");
    sheet.dec(count);
    sheet.put(of);
}

/// Seconds as weeks, days, hours, minutes and seconds, those that are not zero.
pub(super) fn relative_time(sheet: &mut Sheet, mut seconds: u32) {
    if seconds == 0 {
        return sheet.put("0s");
    }
    for (unit, name) in [(604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s")] {
        if seconds >= unit {
            sheet.dec(seconds.checked_div(unit).unwrap_or(0));
            sheet.put(name);
        }
        seconds = seconds.checked_rem(unit).unwrap_or(0);
    }
}
