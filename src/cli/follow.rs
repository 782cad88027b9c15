//! `sabueso follow`: what the programs at both ends of a connection read.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::input::Input;
use super::sinks::tell_losses;
use super::stream_files::StreamFiles;
use super::{Outcome, filter};
use crate::budget::Budget;
use crate::filter::Selection;
use crate::frame::{Block, ByteOrder, Frame, LinkType};
use crate::guard::guarded;
use crate::output::Sheet;
use crate::output::follow::{Form, Place, Turns, json};
use crate::output::terminal::say;
use crate::pipeline::{Sink, SinkError};
use crate::streams::conversations::{Conversation, Side, Transport};
use crate::streams::half::Part;
use crate::streams::http::{Dialogues, Shown};
use crate::streams::{DEFAULT_MEMORY, Event, Reader, Streams, What};

/// What is shown is handed on when so many bytes are together.
const FLUSH_AT: usize = 64 << 10;

/// Shows what the programs at both ends of connections read: TCP streams put together, UDP datagrams in order
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso follow x.pcap --flow 3                     both sides of one connection, in turn
  sabueso follow x.pcap --flow 'dst port 80'         of all connections to a port
  sabueso follow x.pcap --flow 3 --raw --server > f  just the bytes of one side
  sabueso follow x.pcap --decode                     bodies of HTTP/1 without chunks and compression
  sabueso follow x.pcap --json                       a line of JSON for each piece
  sabueso follow x.pcap --out streams                a file for each side of each connection
  sudo sabueso follow -i eth0 -f 'tcp port 25'       as it happens

Where bytes came twice, those captured first are shown. Bytes that were acknowledged and not captured are told as missing.")]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// Only these connections: by number (3,5-7), as they begin in the capture from 0 on; or those whose first packet a filter
    /// expression selects
    #[arg(long, value_name = "NUMBERS|EXPRESSION")]
    flow: Option<String>,

    /// Show bytes in hexadecimal
    #[arg(long, group = "form")]
    hex: bool,

    /// Write bytes as they are, and nothing else
    #[arg(long, group = "form")]
    raw: bool,

    /// Write lines of JSON, as docs/follow.md describes them
    #[arg(long, group = "form")]
    json: bool,

    /// Write a file for each side of each connection in this folder, which is made if there is none
    #[arg(long, value_name = "DIR", group = "form")]
    out: Option<PathBuf>,

    /// Only what clients sent
    #[arg(long, conflicts_with = "server")]
    client: bool,

    /// Only what servers sent
    #[arg(long)]
    server: bool,

    /// Show the bodies of HTTP/1 messages decoded: chunks joined; gzip, deflate and zstd undone
    #[arg(long)]
    decode: bool,

    /// Most memory for connections and for bytes that wait for others before them, in MiB
    #[arg(long, value_name = "MIB", default_value_t = (DEFAULT_MEMORY >> 20) as u32, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    memory: u32,
}

/// Which conversations are followed.
#[derive(Debug)]
enum Which {
    All,
    Numbers(Vec<RangeInclusive<u64>>),
    /// By their first packets.
    Selected(Selection),
}

impl Which {
    fn of(text: Option<&str>) -> Result<Which> {
        let Some(text) = text else { return Ok(Which::All) };
        if text.trim_start().starts_with(|c: char| c.is_ascii_digit()) && !text.trim().contains(' ') {
            let ranges: Option<_> = text.split(',').map(|part| range(part.trim())).collect();
            return ranges.map(Which::Numbers).with_context(|| format!("--flow {text}: give numbers as in 3,5-7"));
        }
        filter::checked(Selection::new(text, true), LinkType::EN10MB, ByteOrder::NATIVE).map(Which::Selected)
    }

    fn includes(&mut self, conversation: &Conversation, frame: &Frame<'_>, order: ByteOrder) -> bool {
        match self {
            Which::All => true,
            Which::Numbers(ranges) => ranges.iter().any(|range| range.contains(&conversation.number)),
            Which::Selected(selection) => selection.selects(frame, order),
        }
    }
}

/// A number, or two with a minus between.
fn range(text: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.parse().ok()?..=last.parse().ok()?)
}

/// Follows the streams in files or a live capture.
pub fn run(args: &Args) -> Result<Outcome> {
    if args.raw && io::stdout().is_terminal() {
        bail!("--raw writes bytes as they are, which a terminal may obey: send them to a file or a program");
    }
    Which::of(args.flow.as_deref())?;
    if let Some(folder) = &args.out
        && !folder.is_dir()
    {
        fs::create_dir(folder).with_context(|| format!("--out {}", folder.display()))?;
    }
    let coloured = args.input.is_coloured();
    args.input.run_making_files(args.out.as_deref(), |sinks, opening| {
        let out = io::stdout();
        let sheet = Sheet::coloured(coloured && !args.json);
        let form = match &args.out {
            Some(folder) => {
                let owner = opening.owner.map(|identity| (identity.uid.as_raw(), identity.gid.as_raw()));
                To::Files(StreamFiles::new(folder, opening.folder, owner))
            }
            None if args.raw => To::Raw(Vec::new(), out),
            None if args.json => To::Json(sheet, out),
            None => To::Turns(Turns::new(if args.hex { Form::Hex } else { Form::Text }), sheet, out),
        };
        let budget = Budget::new((args.memory as usize) << 20);
        let streams = Streams::new(&budget);
        sinks.push(Follow {
            streams,
            teller: Teller {
                which: Which::of(args.flow.as_deref())?,
                side: match (args.client, args.server) {
                    (true, _) => Some(Side::Client),
                    (_, true) => Some(Side::Server),
                    _ => None,
                },
                dialogues: args.decode.then(|| Dialogues::new(&budget)),
                to: form,
                error: None,
                followed: 0,
                missing: 0,
                gaps: 0,
            },
            failures: 0,
        });
        Ok(())
    })
}

/// The sink that follows streams.
struct Follow {
    streams: Streams,
    teller: Teller,
    failures: u64,
}

/// Where streams go.
enum To {
    Turns(Turns, Sheet, io::Stdout),
    Json(Sheet, io::Stdout),
    Raw(Vec<u8>, io::Stdout),
    Files(StreamFiles),
}

struct Teller {
    which: Which,
    side: Option<Side>,
    /// What decodes the bodies of HTTP.
    dialogues: Option<Dialogues>,
    to: To,
    /// Why nothing more can be told.
    error: Option<SinkError>,
    followed: u64,
    missing: u64,
    gaps: u64,
}

/// Who is told what a frame makes known.
struct Told<'a, 'f> {
    teller: &'a mut Teller,
    frame: &'a Frame<'f>,
    order: ByteOrder,
}

impl Reader for Told<'_, '_> {
    fn wants(&mut self, conversation: &Conversation) -> bool {
        let wanted = self.teller.which.includes(conversation, self.frame, self.order);
        self.teller.followed = self.teller.followed.saturating_add(wanted.into());
        wanted
    }

    fn read(&mut self, event: &Event<'_>) {
        self.teller.read(event);
    }
}

/// Once no frame comes any more, no conversation begins.
impl Reader for Teller {
    fn wants(&mut self, _: &Conversation) -> bool {
        false
    }

    fn read(&mut self, event: &Event<'_>) {
        if self.error.is_none() {
            self.error = self.tell(event).err();
        }
    }
}

impl Teller {
    fn tell(&mut self, event: &Event<'_>) -> Result<(), SinkError> {
        let Event { conversation, time, what } = *event;
        let Teller { side: wanted, dialogues, to, .. } = self;
        let wants = |side| wanted.is_none_or(|wanted| wanted == side);
        let mut done = Ok(());
        let mut show = |side, offset, shown: Shown<'_>| {
            if done.is_ok() && wants(side) {
                done = to.show(&Place { conversation, side, time, offset }, shown);
            }
        };
        match what {
            What::Sent(side, offset, part) => {
                if let Part::Missing(count) = part
                    && wants(side)
                {
                    self.gaps = self.gaps.saturating_add(1);
                    self.missing = self.missing.saturating_add(count as u64);
                }
                match dialogues.as_mut().filter(|_| conversation.transport == Transport::Tcp) {
                    Some(dialogues) => {
                        dialogues.take(conversation.number, side, part, &mut |offset, shown| show(side, offset, shown))
                    }
                    None => show(side, offset, Shown::Part(part)),
                }
            }
            What::Ended(how) => match to {
                To::Turns(turns, sheet, _) => turns.ended(sheet, conversation, time, how),
                To::Json(sheet, _) => json::ended(sheet, conversation, time, how),
                To::Raw(..) | To::Files(_) => {}
            },
            What::Over => {
                if let Some(dialogues) = dialogues {
                    dialogues.finish(conversation.number, show);
                }
                done?;
                if let To::Files(files) = to {
                    files.close(conversation)?;
                }
                return Ok(());
            }
        }
        done
    }
}

impl To {
    fn show(&mut self, place: &Place<'_>, shown: Shown<'_>) -> Result<(), SinkError> {
        match (&mut *self, shown) {
            (To::Turns(turns, sheet, _), Shown::Part(part)) => turns.sent(sheet, place, part),
            (To::Turns(turns, sheet, _), Shown::Note(words)) => turns.note(sheet, place, words),
            (To::Json(sheet, _), Shown::Part(part)) => json::sent(sheet, place, part),
            (To::Json(sheet, _), Shown::Note(words)) => json::note(sheet, place, words),
            (To::Raw(buffer, _), Shown::Part(Part::Bytes(bytes))) => buffer.extend_from_slice(bytes),
            (To::Files(files), Shown::Part(Part::Bytes(bytes))) => {
                files.write(place.conversation, place.side, bytes)?;
            }
            (To::Files(files), Shown::Part(Part::Missing(count))) => {
                files.skip(place.conversation, place.side, count)?;
            }
            (To::Raw(..) | To::Files(_), _) => {}
        }
        if self.held() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    /// How many bytes are to be handed on.
    fn held(&self) -> usize {
        match self {
            To::Turns(_, sheet, _) | To::Json(sheet, _) => sheet.len(),
            To::Raw(buffer, _) => buffer.len(),
            To::Files(_) => 0,
        }
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        match self {
            To::Turns(_, sheet, out) | To::Json(sheet, out) => {
                let mut out = out.lock();
                sheet.flush_to(&mut out)?;
                out.flush()?;
            }
            To::Raw(buffer, out) => {
                let mut out = out.lock();
                out.write_all(buffer)?;
                out.flush()?;
                buffer.clear();
            }
            To::Files(_) => {}
        }
        Ok(())
    }
}

impl Sink for Follow {
    fn block(&mut self, block: &Block<'_>, _: u64) -> Result<(), SinkError> {
        for frame in block.frames() {
            let Follow { streams, teller, failures } = self;
            let order = block.section.byte_order;
            if guarded(|| streams.frame(&frame, &mut Told { teller, frame: &frame, order })).is_none() {
                *failures = failures.saturating_add(1);
            }
            self.teller.error.take().map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        if self.teller.to.held() > 0 { self.teller.to.flush() } else { Ok(()) }
    }

    fn write_out(&mut self) -> Result<(), SinkError> {
        match &mut self.teller.to {
            To::Files(files) => files.write_all(),
            to => to.flush(),
        }
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        self.streams.finish(&mut self.teller);
        if let To::Turns(turns, sheet, _) = &mut self.teller.to {
            turns.end(sheet);
        }
        self.teller.error.take().map_or(Ok(()), Err)?;
        self.write_out()?;
        self.summarize();
        Ok(())
    }
}

impl Follow {
    /// Says what was followed, and what could not be.
    fn summarize(&self) {
        let Teller { followed, missing, gaps, .. } = self.teller;
        say(format_args!("{followed} of {} connections followed", self.streams.count()));
        if gaps > 0 {
            say(format_args!("{missing} bytes missing in capture, in {gaps} gaps"));
        }
        if let To::Files(files) = &self.teller.to {
            say(format_args!("{} files written", files.made()));
        }
        let given = self.streams.given();
        for (count, what) in [
            (given.gaps, "gaps were waited for no longer, as too much waited behind them (--memory)"),
            (given.conversations, "connections were forgotten to make room for others (--memory)"),
            (self.failures, "packets made a decoder fail and were left out: please report them"),
        ] {
            if count > 0 {
                say(format_args!("{count} {what}"));
            }
        }
        tell_losses(self.streams.losses());
    }
}
