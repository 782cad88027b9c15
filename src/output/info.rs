//! What is in a capture as a whole: for people a page or, of several files, a line of a table each; JSON for programs. `docs/info.md`
//! describes them.

use std::time::Duration;

use super::object::{Object, put_address};
use super::text::date_and_time;
use super::{Sheet, Style, quantity};
use crate::frame::{LinkType, Resolution};
use crate::info::{Hash, Info, Of};

/// The version of the JSON: it changes where a name or a type does, not where one is added.
pub const SCHEMA: u32 = 1;

/// How wide names are, so that values stand below each other.
const NAME_WIDTH: usize = 14;
/// The widest plot, in columns.
const PLOT_WIDTH: usize = 64;
/// The interfaces, and the lines of protocols, that are shown.
const SHOWN: usize = 40;

/// A file, and what is in it.
#[derive(Debug)]
pub struct Subject {
    pub name: String,
    /// `pcap` or `pcapng`.
    pub format: &'static str,
    pub compression: Option<&'static str>,
    pub big_endian: bool,
    /// Bytes of the file as it is stored.
    pub size: Option<u64>,
    pub digests: Vec<(Hash, Vec<u8>)>,
    /// The end of it could not be read.
    pub damaged: bool,
    pub info: Info,
}

/// Puts a page about a file on the sheet; `top` hosts are shown, and the plot is at most `width` wide.
pub fn page(sheet: &mut Sheet, subject: &Subject, top: usize, width: usize) {
    let info = &subject.info;
    name(sheet, "file");
    sheet.escaped(subject.name.as_bytes());
    sheet.put("\n");
    name(sheet, "format");
    format(sheet, subject);
    if let Some(size) = subject.size {
        line(sheet, "size", |sheet| count(sheet, size, "byte"));
    }
    line(sheet, "packets", |sheet| {
        sheet.dec(info.packets);
        if subject.damaged {
            sheet.style(Style::Bad);
            sheet.put(" up to the damage");
            sheet.style(Style::Plain);
        }
    });
    if info.packets > 0 {
        amounts(sheet, info);
        times(sheet, info);
    }
    completeness(sheet, info);
    descriptions(sheet, info);
    for (hash, value) in &subject.digests {
        line(sheet, hash.name(), |sheet| sheet.hex_bytes(value, ""));
    }
    interfaces(sheet, info);
    if info.packets > 0 {
        protocols(sheet, info);
        hosts(sheet, info, top);
        plot(sheet, info, width);
    }
}

/// A name, and spaces up to where values stand.
fn name(sheet: &mut Sheet, words: &'static str) {
    sheet.style(Style::Name);
    sheet.put(words);
    sheet.style(Style::Plain);
    spaces(sheet, NAME_WIDTH.saturating_sub(words.len()));
}

fn line(sheet: &mut Sheet, words: &'static str, value: impl FnOnce(&mut Sheet)) {
    name(sheet, words);
    value(sheet);
    sheet.put("\n");
}

fn spaces(sheet: &mut Sheet, count: usize) {
    (0..count).for_each(|_| sheet.put(" "));
}

/// A number of things, and their name in the plural where they are not one.
fn count(sheet: &mut Sheet, number: u64, thing: &'static str) {
    sheet.dec(number);
    sheet.put(" ");
    sheet.put(thing);
    sheet.put(if number == 1 { "" } else { "s" });
}

fn format(sheet: &mut Sheet, subject: &Subject) {
    sheet.put(subject.format);
    if let Some(of) = subject.info.interfaces.first() {
        sheet.put(", ");
        resolution(sheet, of.interface.resolution);
    }
    sheet.put(if subject.big_endian { ", big-endian" } else { ", little-endian" });
    if let Some(method) = subject.compression {
        sheet.put(", ");
        sheet.put(method);
    }
    if subject.info.sections > 1 {
        sheet.put(", ");
        count(sheet, subject.info.sections, "section");
    }
    sheet.put("\n");
}

fn resolution(sheet: &mut Sheet, resolution: Resolution) {
    match resolution {
        Resolution::Decimal(0) => sheet.put("seconds"),
        Resolution::Decimal(3) => sheet.put("milliseconds"),
        Resolution::Decimal(6) => sheet.put("microseconds"),
        Resolution::Decimal(9) => sheet.put("nanoseconds"),
        Resolution::Decimal(power) => {
            sheet.put("10^-");
            sheet.dec(power);
            sheet.put(" seconds");
        }
        Resolution::Binary(power) => {
            sheet.put("2^-");
            sheet.dec(power);
            sheet.put(" seconds");
        }
    }
}

fn amounts(sheet: &mut Sheet, info: &Info) {
    line(sheet, "captured", |sheet| count(sheet, info.captured, "byte"));
    line(sheet, "on the wire", |sheet| {
        count(sheet, info.wire, "byte");
        sheet.put("; ");
        sheet.dec(info.wire.checked_div(info.packets).unwrap_or(0));
        sheet.put(" a packet, from ");
        sheet.dec(info.shortest.unwrap_or(0));
        sheet.put(" to ");
        sheet.dec(info.longest.unwrap_or(0));
    });
}

fn times(sheet: &mut Sheet, info: &Info) {
    for (words, time) in [("first", info.first), ("last", info.last)] {
        if let Some(time) = time {
            line(sheet, words, |sheet| sheet.escaped(date_and_time(time).as_bytes()));
        }
    }
    let Some(duration) = info.duration() else { return };
    line(sheet, "duration", |sheet| seconds(sheet, duration));
    if !duration.is_zero() {
        line(sheet, "rate", |sheet| {
            quantity::a_second(sheet, info.packets, duration);
            sheet.put(" packets/s, ");
            quantity::bits(sheet, a_second(info.wire.saturating_mul(8), duration));
            sheet.put("/s");
        });
    }
}

/// Seconds with nine digits behind the point.
fn seconds(sheet: &mut Sheet, duration: Duration) {
    sheet.dec(duration.as_secs());
    sheet.put(".");
    sheet.dec_padded(duration.subsec_nanos().into(), 9);
    sheet.put(" s");
}

fn a_second(amount: u64, duration: Duration) -> u64 {
    let per = u128::from(amount).saturating_mul(1_000_000_000).checked_div(duration.as_nanos());
    per.and_then(|per| u64::try_from(per).ok()).unwrap_or(0)
}

/// Whether all is there, and in its place.
fn completeness(sheet: &mut Sheet, info: &Info) {
    line(sheet, "order", |sheet| match info.backwards {
        0 => sheet.put("by time"),
        backwards => {
            sheet.style(Style::Notice);
            count(sheet, backwards, "packet");
            sheet.put(" earlier than the one before, by up to ");
            quantity::duration(sheet, info.furthest_back);
            sheet.style(Style::Plain);
        }
    });
    line(sheet, "cut", |sheet| match info.cut {
        0 => sheet.put("none"),
        cut => {
            sheet.style(Style::Notice);
            count(sheet, cut, "packet");
            sheet.put(" captured in part");
            sheet.style(Style::Plain);
        }
    });
    line(sheet, "lost", |sheet| {
        if info.missing == 0 && info.dropped() == 0 {
            let told = info.interfaces.iter().any(|of| of.statistics > 0);
            return sheet.put(if told { "none" } else { "not recorded" });
        }
        sheet.style(Style::Bad);
        if info.missing > 0 {
            count(sheet, info.missing, "packet");
            sheet.put(" in ");
            count(sheet, info.gaps, "place");
        }
        if info.dropped() > 0 {
            sheet.put(if info.missing > 0 { "; " } else { "" });
            count(sheet, info.dropped(), "packet");
            sheet.put(" as the interfaces say");
        }
        sheet.style(Style::Plain);
    });
}

/// Who made the file, and what is written in it for people.
fn descriptions(sheet: &mut Sheet, info: &Info) {
    for option in &info.section_options {
        let words = match option.code {
            2 => "hardware",
            3 => "system",
            4 => "written by",
            _ => continue,
        };
        line(sheet, words, |sheet| sheet.escaped(&option.value));
    }
    for (kind, blocks) in &info.notes {
        let words = match kind {
            4 => "name blocks",
            10 => "secret blocks",
            _ => continue,
        };
        line(sheet, words, |sheet| sheet.dec(*blocks));
    }
    if info.comments > 0 {
        line(sheet, "comments", |sheet| sheet.dec(info.comments));
        for text in info.comment_texts.iter().take(SHOWN) {
            spaces(sheet, NAME_WIDTH);
            sheet.escaped(text);
            sheet.put("\n");
        }
    }
}

fn interfaces(sheet: &mut Sheet, info: &Info) {
    title(sheet, "interfaces");
    for (at, of) in info.interfaces.iter().take(SHOWN).enumerate() {
        sheet.put("  ");
        sheet.dec(at as u64);
        sheet.put("  ");
        if let Some(name) = of.interface.name() {
            sheet.escaped(name);
            sheet.put(", ");
        }
        link_type(sheet, of.interface.link_type);
        sheet.put(", ");
        match of.interface.snap_len {
            0 => sheet.put("no snapshot length"),
            snap_len => {
                sheet.put("snapshot length ");
                sheet.dec(snap_len);
            }
        }
        sheet.put(", ");
        count(sheet, of.packets, "packet");
        for (words, value) in [(" received", of.received), (" lost by it", of.lost), (" dropped", of.dropped)] {
            if let Some(value) = value {
                sheet.put(", ");
                sheet.dec(value);
                sheet.put(words);
            }
        }
        sheet.put("\n");
    }
    more(sheet, info.interfaces.len(), SHOWN);
}

fn title(sheet: &mut Sheet, words: &'static str) {
    sheet.put("\n");
    sheet.style(Style::Name);
    sheet.put(words);
    sheet.style(Style::Plain);
    sheet.put("\n");
}

/// Says how many of a list are not shown.
fn more(sheet: &mut Sheet, all: usize, shown: usize) {
    let rest = all.saturating_sub(shown);
    if rest > 0 {
        sheet.put("  and ");
        sheet.dec(rest as u64);
        sheet.put(" more\n");
    }
}

fn link_type(sheet: &mut Sheet, link_type: LinkType) {
    sheet.escaped(link_type.to_string().as_bytes());
}

/// A cell with spaces before it up to a width.
fn right(sheet: &mut Sheet, width: usize, put: impl FnOnce(&mut Sheet)) {
    let mut cell = Sheet::new();
    put(&mut cell);
    let used = String::from_utf8_lossy(cell.as_bytes()).chars().count();
    spaces(sheet, width.saturating_sub(used));
    sheet.join(&cell);
}

/// Tenths of a per cent.
fn share(sheet: &mut Sheet, part: u64, whole: u64) {
    let tenths = u128::from(part).saturating_mul(1000).checked_div(whole.into()).unwrap_or(0);
    let tenths = u64::try_from(tenths).unwrap_or(0);
    sheet.dec(tenths / 10);
    sheet.put(".");
    sheet.dec(tenths % 10);
    sheet.put(" %");
}

fn protocols(sheet: &mut Sheet, info: &Info) {
    title(sheet, "protocols");
    let nodes = info.hierarchy.nodes();
    for node in nodes.iter().take(SHOWN) {
        let indent = node.depth.saturating_mul(2).saturating_add(2);
        spaces(sheet, indent);
        sheet.put(node.protocol.name);
        spaces(sheet, 28usize.saturating_sub(indent.saturating_add(node.protocol.name.len())));
        right(sheet, 12, |sheet| sheet.dec(node.packets));
        sheet.put(" packets");
        right(sheet, 9, |sheet| share(sheet, node.packets, info.packets));
        right(sheet, 12, |sheet| quantity::bytes(sheet, node.bytes));
        sheet.put("\n");
    }
    more(sheet, nodes.len(), SHOWN);
}

fn hosts(sheet: &mut Sheet, info: &Info, top: usize) {
    if info.talkers.count() == 0 || top == 0 {
        return;
    }
    title(sheet, "hosts");
    for talker in info.talkers.top(top) {
        let mut address = Sheet::new();
        address.ip(talker.address);
        sheet.put("  ");
        sheet.join(&address);
        spaces(sheet, 26usize.saturating_sub(address.len()));
        right(sheet, 12, |sheet| quantity::bytes(sheet, talker.sent.bytes));
        sheet.put(" sent");
        right(sheet, 12, |sheet| quantity::bytes(sheet, talker.received.bytes));
        sheet.put(" received");
        right(sheet, 9, |sheet| share(sheet, talker.bytes(), info.wire.saturating_mul(2)));
        sheet.put("\n");
    }
    more(sheet, info.talkers.count(), top);
}

/// Bytes over time, a column for each span.
fn plot(sheet: &mut Sheet, info: &Info, width: usize) {
    const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let spans = info.rate.spans();
    let columns = width.saturating_sub(2).clamp(8, PLOT_WIDTH);
    let joined = spans.len().div_ceil(columns).max(1);
    let sums: Vec<u64> =
        spans.chunks(joined).map(|some| some.iter().fold(0, |sum: u64, span| sum.saturating_add(span.1))).collect();
    let Some(most) = sums.iter().copied().max().filter(|most| *most > 0 && sums.len() > 1) else { return };
    let length = info.rate.width().saturating_mul(u32::try_from(joined).unwrap_or(1));
    title(sheet, "bytes over time");
    sheet.put("  ");
    for sum in sums {
        let height = u128::from(sum).saturating_mul(8).div_ceil(u128::from(most));
        sheet.put(BARS.get(usize::try_from(height).unwrap_or(0)).copied().unwrap_or(" "));
    }
    sheet.put("\n  a column is ");
    quantity::duration(sheet, length);
    sheet.put(", the highest ");
    quantity::bytes(sheet, most);
    sheet.put("\n");
}

/// Puts the head of the table on the sheet.
pub fn table_head(sheet: &mut Sheet) {
    sheet.style(Style::Name);
    sheet.put(
        "     packets       bytes      duration  first                               lost       cut  order  file\n",
    );
    sheet.style(Style::Plain);
}

/// Puts a file's line of the table on the sheet.
pub fn table_line(sheet: &mut Sheet, subject: &Subject) {
    let info = &subject.info;
    right(sheet, 12, |sheet| sheet.dec(info.packets));
    right(sheet, 12, |sheet| quantity::bytes(sheet, info.wire));
    right(sheet, 14, |sheet| quantity::duration(sheet, info.duration().unwrap_or_default()));
    sheet.put("  ");
    let first = info.first.map(date_and_time).unwrap_or_default();
    sheet.escaped(first.as_bytes());
    spaces(sheet, 29usize.saturating_sub(first.len()));
    right(sheet, 10, |sheet| sheet.dec(info.missing.max(info.dropped())));
    right(sheet, 10, |sheet| sheet.dec(info.cut));
    sheet.put(if info.backwards == 0 { "  time   " } else { "  mixed  " });
    sheet.escaped(subject.name.as_bytes());
    sheet.put(if subject.damaged { " (damaged)\n" } else { "\n" });
}

/// Puts a line of JSON about a file on the sheet.
pub fn json(sheet: &mut Sheet, subject: &Subject, top: usize) {
    let info = &subject.info;
    let mut object = Object::begin(sheet);
    object.number("schema", SCHEMA);
    object.text("file", subject.name.as_bytes());
    object.word("format", subject.format);
    if let Some(method) = subject.compression {
        object.word("compression", method);
    }
    object.word("byte_order", if subject.big_endian { "big" } else { "little" });
    if let Some(size) = subject.size {
        object.number("size", size);
    }
    object.bool("damaged", subject.damaged);
    object.number("sections", info.sections);
    object.number("packets", info.packets);
    object.number("bytes_captured", info.captured);
    object.number("bytes", info.wire);
    if let (Some(shortest), Some(longest)) = (info.shortest, info.longest) {
        object.number("shortest", shortest);
        object.number("longest", longest);
    }
    if let (Some(first), Some(last), Some(duration)) = (info.first, info.last, info.duration()) {
        object.time("first", "first_ns", first);
        object.time("last", "last_ns", last);
        object.nanos("duration_ns", Some(duration));
        object.number("packets_per_second", a_second(info.packets, duration));
        object.number("bits_per_second", a_second(info.wire.saturating_mul(8), duration));
    }
    object.bool("in_order", info.backwards == 0);
    object.number("earlier_than_before", info.backwards);
    object.nanos("furthest_back_ns", Some(info.furthest_back));
    object.number("cut", info.cut);
    object.number("gaps", info.gaps);
    object.number("missing", info.missing);
    object.number("dropped", info.dropped());
    object.number("comments", info.comments);
    object.list("comment_texts", &info.comment_texts, |sheet, text| sheet.json_text(text));
    for option in &info.section_options {
        match option.code {
            2 => object.text("hardware", &option.value),
            3 => object.text("system", &option.value),
            4 => object.text("application", &option.value),
            _ => {}
        }
    }
    if !subject.digests.is_empty() {
        object.object("hashes", |object| {
            for (hash, value) in &subject.digests {
                let key = match hash {
                    Hash::Sha256 => "sha256",
                    Hash::Ripemd160 => "ripemd160",
                    Hash::Sha1 => "sha1",
                };
                let sheet = object.key(key);
                sheet.put("\"");
                sheet.hex_bytes(value, "");
                sheet.put("\"");
            }
        });
    }
    object.list("interfaces", &info.interfaces, interface_json);
    object.list("protocols", info.hierarchy.nodes(), |sheet, node| {
        let mut object = Object::begin(sheet);
        object.word("name", node.protocol.name);
        object.number("depth", node.depth as u64);
        object.number("packets", node.packets);
        object.number("bytes", node.bytes);
        object.end();
    });
    object.list("hosts", info.talkers.top(top), |sheet, talker| {
        let mut object = Object::begin(sheet);
        put_address(object.key("address"), talker.address);
        object.number("packets_sent", talker.sent.packets);
        object.number("bytes_sent", talker.sent.bytes);
        object.number("packets_received", talker.received.packets);
        object.number("bytes_received", talker.received.bytes);
        object.end();
    });
    object.number("host_count", info.talkers.count() as u64);
    object.object("rate", |object| {
        object.nanos("span_ns", Some(info.rate.width()));
        object.list("packets", info.rate.spans(), |sheet, span| sheet.dec(span.0));
        object.list("bytes", info.rate.spans(), |sheet, span| sheet.dec(span.1));
    });
    object.end();
    sheet.put("\n");
}

fn interface_json(sheet: &mut Sheet, of: &Of) {
    let mut object = Object::begin(sheet);
    object.number("section", of.section);
    if let Some(name) = of.interface.name() {
        object.text("name", name);
    }
    object.number("link_type", of.interface.link_type.0);
    object.number("snap_len", of.interface.snap_len);
    let mut finest = Sheet::new();
    resolution(&mut finest, of.interface.resolution);
    object.text("resolution", finest.as_bytes());
    object.number("packets", of.packets);
    object.number("bytes", of.bytes);
    if let (Some(first), Some(last)) = (of.first, of.last) {
        object.time("first", "first_ns", first);
        object.time("last", "last_ns", last);
    }
    for (key, value) in [("received", of.received), ("lost", of.lost), ("dropped", of.dropped)] {
        if let Some(value) = value {
            object.number(key, value);
        }
    }
    object.end();
}
