//! `sabueso expect`: a capture as a test: whether it holds the packets that it should.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;

use super::filter::Refused;
use super::input::Input;
use super::{Outcome, units};
use crate::budget::Budget;
use crate::condition::{Condition, Nearness};
use crate::diagnostic::Span;
use crate::fields::{Field, Packet, Value, Visitor, visit};
use crate::filter::Selection;
use crate::frame::{Block, ByteOrder, LinkType, Timestamp};
use crate::guard::guarded;
use crate::output::Sheet;
use crate::output::terminal::say;
use crate::output::text::{Options, Printer, time_of_day};
use crate::output::values;
use crate::pipeline::{Sink, SinkError};

/// The most packets that may be asked for within a time: their times are kept.
const MOST_WITHIN: u64 = 1 << 20;

/// The most values of a field that are shown of the packet that came nearest.
const SHOWN: usize = 3;

/// Test that a capture holds the packets that it should; if not, show which came nearest
#[derive(clap::Args, Debug)]
#[command(
    allow_missing_positional = true,
    after_help = "Exit status: 0 where it does, 1 where it does not or a file failed, 2 for wrong usage.

Examples:
  sabueso expect a.pcap 'tcp.flags.syn and tcp.dst == 443'               at least one
  sabueso expect a.pcap 'dns.qname ~ \"example\"' --count 2 --within 1s    two, and no more, at most a second apart
  sabueso expect a.pcap icmp --count 0                                   none
  sudo sabueso expect -i eth0 arp --count 3.. --for 10s                  live, for ten seconds at most"
)]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// What the packets must fulfil: a condition on fields, as --where takes it
    #[arg(value_name = "CONDITION", required = true)]
    expected: String,

    /// How many there must be: 2, 2.. (or more), ..5 (at most), 2..5
    #[arg(long, value_name = "COUNT", default_value = "1..", value_parser = range)]
    count: Range,

    /// Of so many, the last at most this long after the first
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    within: Option<Duration>,
}

/// How many packets there must be: both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Range {
    least: u64,
    most: Option<u64>,
}

fn range(text: &str) -> Result<Range, String> {
    let wrong = || format!("'{text}' is no number of packets: give one such as 2, 2.., ..5 or 2..5");
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let range = match text.split_once("..") {
        None => number(text).map(|exact| Range { least: exact, most: Some(exact) })?,
        Some((least, "")) => Range { least: number(least)?, most: None },
        Some(("", most)) => Range { least: 0, most: Some(number(most)?) },
        Some((least, most)) => Range { least: number(least)?, most: Some(number(most)?) },
    };
    if range.most.is_some_and(|most| most < range.least) { Err(wrong()) } else { Ok(range) }
}

impl Range {
    fn words(self) -> String {
        match (self.least, self.most) {
            (least, Some(most)) if least == most => format!("{least}"),
            (least, None) => format!("{least} or more"),
            (0, Some(most)) => format!("at most {most}"),
            (least, Some(most)) => format!("{least} to {most}"),
        }
    }
}

pub fn run(args: &Args) -> Result<Outcome> {
    let text = &args.expected;
    // One that is wrong is refused before anything is opened.
    let condition = || {
        Condition::new(text).map_err(|error| {
            let is_filter = Selection::new(text, true).matcher(LinkType::EN10MB, ByteOrder::NATIVE).is_ok();
            let error = if is_filter {
                error.with_help("this is a filter: give it with --filter, and here any name of a layer, such as frame")
            } else {
                error
            };
            Refused { what: "condition", expression: text.clone(), error }
        })
    };
    condition()?;
    if args.within.is_some() && args.count.least > MOST_WITHIN {
        return Err(anyhow::anyhow!("--within: the times of at most {MOST_WITHIN} packets are kept"));
    }
    let tally = Rc::new(RefCell::new(Tally::default()));
    let outcome = args.input.run(|sinks, _| {
        sinks.push(Expect {
            condition: condition()?,
            wanted: args.count,
            within: args.within,
            tally: Rc::clone(&tally),
            printer: Printer::new(Options::default(), &Budget::new(Budget::FOR_PRINTING / 4)),
        });
        Ok(())
    })?;
    let tally = tally.borrow();
    Ok(match outcome {
        Outcome::Success if !tally.fulfils(args.count, args.within) => {
            tally.tell(args);
            Outcome::Failed
        }
        outcome => outcome,
    })
}

/// What was found so far.
#[derive(Default)]
struct Tally {
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// The times of the last so many packets, where they must be within a time.
    recent: VecDeque<Timestamp>,
    /// The shortest time in which so many were.
    shortest: Option<Duration>,
    nearest: Option<Nearest>,
}

/// The packet that came nearest to what was asked for.
struct Nearest {
    nearness: Nearness,
    number: u64,
    time: Timestamp,
    /// Its line.
    line: String,
    /// What the tests that fail found.
    found: Vec<String>,
}

impl Tally {
    fn add(&mut self, time: Timestamp, wanted: Range, within: Option<Duration>) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert(time);
        self.last = Some(time);
        if within.is_none() || wanted.least == 0 {
            return;
        }
        self.recent.push_back(time);
        if self.recent.len() as u64 > wanted.least {
            self.recent.pop_front();
        }
        if self.recent.len() as u64 == wanted.least
            && let Some(first) = self.recent.front()
        {
            let took = between(*first, time);
            self.shortest = Some(self.shortest.map_or(took, |known| known.min(took)));
        }
    }

    /// Whether all is as it should be. What has an upper limit must all lie within the time.
    fn fulfils(&self, wanted: Range, within: Option<Duration>) -> bool {
        let enough = self.count >= wanted.least && wanted.most.is_none_or(|most| self.count <= most);
        enough && within.is_none_or(|within| self.took(wanted).is_none_or(|took| took <= within))
    }

    fn took(&self, wanted: Range) -> Option<Duration> {
        match wanted.most {
            Some(_) => self.first.zip(self.last).map(|(first, last)| between(first, last)),
            None => self.shortest,
        }
    }

    fn tell(&self, args: &Args) {
        let (s, text) = (if args.count.words() == "1" { "" } else { "s" }, &args.expected);
        let within = args.within.map_or_else(String::new, |within| format!(" within {within:?}"));
        let took = match (args.within, self.took(args.count)) {
            (Some(_), Some(took)) => format!(", {took:?} from first to last"),
            _ => String::new(),
        };
        say(format_args!(
            "sabueso: expected {} packet{s} that fulfil '{text}'{within}, found {}{}{took}",
            args.count.words(),
            if args.count.most.is_some_and(|most| self.count > most) { "at least " } else { "" },
            self.count
        ));
        let Some(Nearest { nearness, number, time, line, found }) = &self.nearest else { return };
        let Nearness { met, total, .. } = nearness;
        say(format_args!("nearest is packet {number} at {}, which fulfils {met} of {total}:", time_of_day(*time)));
        say(format_args!("    {line}"));
        for found in found {
            say(format_args!("    but not {found}"));
        }
    }
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    let nanos = to.as_nanos().saturating_sub(from.as_nanos()).unsigned_abs();
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The sink that looks for the packets.
struct Expect {
    condition: Condition,
    wanted: Range,
    within: Option<Duration>,
    tally: Rc<RefCell<Tally>>,
    printer: Printer,
}

impl Expect {
    /// Remembers a packet that does not fulfil the condition, if none came as near.
    fn compare(&mut self, tally: &mut Tally, packet: &Packet<'_>) {
        let nearness = self.condition.nearness();
        let is_nearer = nearness.met > 0
            && tally.nearest.as_ref().is_none_or(|known| {
                let [here, there] = [nearness.met, known.nearness.met];
                here.saturating_mul(known.nearness.total).cmp(&there.saturating_mul(nearness.total))
                    == Ordering::Greater
            });
        if !is_nearer {
            return;
        }
        let mut sheet = Sheet::new();
        self.printer.frame(&mut sheet, packet.section, &packet.frame, packet.number);
        let line = String::from_utf8_lossy(sheet.as_bytes()).lines().next().unwrap_or_default().to_owned();
        let found = nearness.unmet.iter().map(|(span, fields)| self.found(*span, fields, packet)).collect();
        tally.nearest = Some(Nearest { nearness, number: packet.number, time: packet.frame.time, line, found });
    }

    /// A test that fails, and the values it found.
    fn found(&self, span: Span, fields: &[&'static Field], packet: &Packet<'_>) -> String {
        let test = self.condition.text(span);
        if fields.is_empty() {
            return test.to_owned();
        }
        let mut values = Values { fields, shown: Vec::new(), count: 0 };
        guarded(|| visit(packet, &mut values));
        match (values.count, values.shown.join(", ")) {
            (0, _) => format!("{test}: it has none"),
            (1..=SHOWN, shown) => format!("{test}: it has {shown}"),
            (count, shown) => format!("{test}: it has {shown} and {} more", count.saturating_sub(SHOWN)),
        }
    }
}

impl Sink for Expect {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        let tally = Rc::clone(&self.tally);
        let mut tally = tally.borrow_mut();
        for (taken, (frame, number)) in block.frames().zip(first..).enumerate() {
            let packet = Packet { number, section: block.section, frame, said: None };
            if self.condition.accepts(&packet) {
                tally.add(frame.time, self.wanted, self.within);
            } else {
                self.compare(&mut tally, &packet);
            }
            // More can change nothing any more: there are enough, or too many.
            let is_decided = match self.wanted.most {
                None => tally.fulfils(self.wanted, self.within),
                Some(most) => tally.count > most,
            };
            if is_decided {
                return Err(SinkError::Enough(taken.saturating_add(1)));
            }
        }
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Collects the values of some fields as text.
struct Values<'f> {
    fields: &'f [&'static Field],
    shown: Vec<String>,
    count: usize,
}

impl<'a> Visitor<'a> for Values<'_> {
    fn wants(&self, field: &'static Field) -> bool {
        self.fields.contains(&field)
    }

    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        if !self.wants(field) {
            return;
        }
        self.count = self.count.saturating_add(1);
        if self.shown.len() < SHOWN {
            let mut sheet = Sheet::new();
            values::plain(&mut sheet, &value, &mut Vec::new());
            self.shown.push(String::from_utf8_lossy(sheet.as_bytes()).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_packets_as_it_is_written() {
        let read = |text: &str| range(text).map(|range| (range.least, range.most));
        assert_eq!(read("2"), Ok((2, Some(2))));
        assert_eq!(read("2.."), Ok((2, None)));
        assert_eq!(read("..5"), Ok((0, Some(5))));
        assert_eq!(read("2..5"), Ok((2, Some(5))));
        for wrong in ["", "..", "5..2", "x", "-1", "1...2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_compared_where_they_must_be() {
        let tally = |seconds: &[i64], wanted: Range, within: Option<u64>| {
            let within = within.map(Duration::from_secs);
            let mut tally = Tally::default();
            seconds.iter().for_each(|second| tally.add(Timestamp::new(*second, 0), wanted, within));
            tally.fulfils(wanted, within)
        };
        let (two, two_or_more) = (Range { least: 2, most: Some(2) }, Range { least: 2, most: None });
        assert!(tally(&[0, 9], two, None));
        assert!(!tally(&[0, 9, 9], two, None));
        assert!(!tally(&[0, 9], two, Some(8)));
        assert!(tally(&[0, 8], two, Some(8)));
        assert!(tally(&[0, 9, 10], two_or_more, Some(1)));
        assert!(!tally(&[0, 9, 18], two_or_more, Some(1)));
        assert!(!tally(&[0], two_or_more, Some(1)));
        assert!(tally(&[], Range { least: 0, most: Some(0) }, None));
    }
}
