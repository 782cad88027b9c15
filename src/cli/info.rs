//! `sabueso info`: what is in capture files as a whole.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use super::Outcome;
use super::input::Input;
use crate::file::{Format, Method, Reader};
use crate::frame::{Block, ByteOrder, Section};
use crate::info::{Hash, Info, digests};
use crate::output::Sheet;
use crate::output::info::{Subject, json, page, table_head, table_line};
use crate::output::terminal::{say, width};
use crate::pipeline::{Sink, SinkError};

/// Hash functions, by the names that people write.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum HashName {
    Sha256,
    Ripemd160,
    Sha1,
    /// None, which is many times faster
    None,
}

/// Show what is in capture files as a whole: how much, when, how complete, which protocols, whose
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso info a.pcapng                          a page
  sabueso info *.pcap                            several files: a table, a line each
  sabueso info --long --hash none *.pcap         a page each, without hashes
  sabueso info --json a.pcap                     a line of JSON a file; docs/info.md describes it")]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// A page for each file, also where there are several
    #[arg(long, conflicts_with = "json")]
    long: bool,

    /// A line of JSON for each file
    #[arg(long)]
    json: bool,

    /// Hashes of the files' bytes; by default sha256, in a table none
    #[arg(long, value_enum, value_name = "NAME,NAME", value_delimiter = ',')]
    hash: Vec<HashName>,

    /// Show so many hosts
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 5)]
    top: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Pages,
    Table,
    Json,
}

pub fn run(args: &Args) -> Result<Outcome> {
    let form = match args {
        Args { json: true, .. } => Form::Json,
        Args { long: true, .. } => Form::Pages,
        _ if args.input.files.len() > 1 => Form::Table,
        _ => Form::Pages,
    };
    let hashes: Vec<Hash> = match &args.hash[..] {
        [] if form == Form::Table => Vec::new(),
        [] => vec![Hash::Sha256],
        named => named.iter().filter_map(|name| name.hash()).collect(),
    };
    args.input.run(|sinks, _| {
        let sheet = Sheet::coloured(form != Form::Json && args.input.color.coloured());
        sinks.push(About {
            form,
            hashes: hashes.clone(),
            top: args.top,
            subject: None,
            sheet,
            out: io::stdout(),
            told: false,
        });
        Ok(())
    })
}

impl HashName {
    fn hash(self) -> Option<Hash> {
        match self {
            HashName::Sha256 => Some(Hash::Sha256),
            HashName::Ripemd160 => Some(Hash::Ripemd160),
            HashName::Sha1 => Some(Hash::Sha1),
            HashName::None => None,
        }
    }
}

/// The sink that looks at files and tells of each.
struct About {
    form: Form,
    hashes: Vec<Hash>,
    top: usize,
    /// The file that frames come from.
    subject: Option<Subject>,
    sheet: Sheet,
    out: io::Stdout,
    /// Something was told before.
    told: bool,
}

impl About {
    fn tell(&mut self, subject: &Subject) -> Result<(), SinkError> {
        let is_first = !std::mem::replace(&mut self.told, true);
        let sheet = &mut self.sheet;
        match self.form {
            Form::Json => json(sheet, subject, self.top),
            Form::Table => {
                if is_first {
                    table_head(sheet);
                }
                table_line(sheet, subject);
            }
            Form::Pages => {
                if !is_first {
                    sheet.put("\n");
                }
                page(sheet, subject, self.top, width().unwrap_or(usize::MAX));
            }
        }
        self.idle()
    }
}

impl Sink for About {
    fn begin(&mut self, section: &Section, _: &[(u32, String)]) -> Result<(), SinkError> {
        let names = section.interfaces.iter().filter_map(|interface| interface.name());
        let names: Vec<_> = names.map(String::from_utf8_lossy).collect();
        self.subject = Some(Subject {
            name: names.join(", "),
            format: "live",
            compression: None,
            big_endian: section.byte_order == ByteOrder::Big,
            size: None,
            digests: Vec::new(),
            damaged: false,
            info: Info::default(),
        });
        Ok(())
    }

    fn begin_file(&mut self, path: &Path, file: &Reader) {
        let size = file.file().and_then(|file| file.metadata().ok()).map(|file| file.len());
        let digests = file.file().map_or(Ok(Vec::new()), |file| digests(file, &self.hashes)).unwrap_or_else(|error| {
            say(format_args!("sabueso: {}: no hash: {error}", path.display()));
            Vec::new()
        });
        self.subject = Some(Subject {
            name: path.display().to_string(),
            format: match file.format() {
                Format::Pcap => "pcap",
                Format::PcapNg => "pcapng",
            },
            compression: file.compression().map(Method::name),
            big_endian: file.byte_order() == ByteOrder::Big,
            size,
            digests,
            damaged: false,
            info: Info::default(),
        });
    }

    fn end_file(&mut self, whole: bool) -> Result<(), SinkError> {
        let Some(mut subject) = self.subject.take() else { return Ok(()) };
        subject.damaged = !whole;
        self.tell(&subject)
    }

    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        if let Some(subject) = &mut self.subject {
            subject.info.block(block, first);
        }
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        let mut out = self.out.lock();
        self.sheet.flush_to(&mut out)?;
        Ok(out.flush()?)
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        match self.subject.take() {
            Some(subject) => self.tell(&subject),
            None => self.idle(),
        }
    }
}
