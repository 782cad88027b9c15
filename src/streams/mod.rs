//! What the programs at both ends of each conversation read: TCP streams in order, UDP datagrams as they come.
//!
//! What is next in a stream is told at once and not kept, so memory is what waits behind gaps, and some hundred bytes a
//! conversation. Both are bounded: where too much waits, the gap that has been waited for longest is waited for no more;
//! conversations that were not heard of for longest are forgotten. Either is counted.

pub mod conversations;
pub mod half;
pub mod http;

use std::collections::VecDeque;

use self::conversations::{Conversation, Pair, Side, Table, Transport};
use self::half::{Half, Part, Segment};
use crate::budget::{Budget, Share};
use crate::decode::tcp::{self, Tcp};
use crate::decode::udp::Udp;
use crate::decode::{Ip, Layer, Layers};
use crate::flow::Endpoint;
use crate::frame::{Frame, Timestamp};
use crate::reassembly::Losses;
use crate::reassembly::fragments::{Fragment, Fragments};

/// What following streams may take of memory unless told otherwise, in bytes.
pub const DEFAULT_MEMORY: usize = 256 << 20;

/// A datagram that was put together may hold a tunnel with a fragment that completes another, and so on: so often.
const MAX_DEPTH: u8 = 4;

/// How a conversation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Both sides said that they send no more.
    Closed,
    /// This side reset it.
    Reset(Side),
    /// Another one began between the same ports.
    Replaced,
    /// It was forgotten, as the memory for conversations was used up.
    Forgotten,
    /// The capture ended before it.
    Open,
}

/// Something that happened in a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    pub conversation: &'a Conversation,
    /// The time of the frame with which it could be told.
    pub time: Timestamp,
    pub what: What<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// This is next of what a side sent, at an offset in bytes from where its stream was first seen. Of UDP, a datagram.
    Sent(Side, usize, Part<'a>),
    /// Told once. Behind a reset that the other side did not heed there may be more of a conversation.
    Ended(End),
    /// The last that is told of a conversation.
    Over,
}

/// Who is told.
pub trait Reader {
    /// Whether a conversation that begins is to be told.
    fn wants(&mut self, conversation: &Conversation) -> bool;

    /// Takes what happened.
    fn read(&mut self, event: &Event<'_>);
}

/// What was given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// Gaps passed over, as too much waited behind them.
    pub gaps: u64,
    /// Conversations forgotten.
    pub conversations: u64,
}

/// The conversations of a capture.
#[derive(Debug)]
pub struct Streams {
    table: Table<Known>,
    fragments: Fragments,
    /// Memory for bytes behind gaps, and how much of it is taken.
    room: Option<Share>,
    held: usize,
    /// Conversations with such bytes, in the order that they began to wait: ends and number.
    queue: VecDeque<(Pair, u64)>,
    next_number: u64,
    now: Timestamp,
    given: Given,
}

/// What is known of a conversation.
#[derive(Debug)]
struct Known {
    conversation: Conversation,
    client: Seen,
    server: Seen,
    ended: Option<End>,
    /// What is next each way; only where it is to be told.
    halves: Option<Box<Halves>>,
    /// Whether it stands in the queue of those that wait.
    queued: bool,
}

/// What one side did.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    any: bool,
    /// The sequence number of its SYN.
    syn: Option<u32>,
    fin: bool,
}

#[derive(Debug, Default)]
struct Halves {
    client: Half,
    server: Half,
}

/// The innermost segment or datagram of a packet.
#[derive(Clone, Copy)]
enum Carried<'a> {
    Segment(Tcp<'a>),
    Datagram(Udp<'a>),
}

impl Streams {
    /// Takes half of what the budget has left for conversations, a quarter for what waits behind gaps, and of the rest a
    /// quarter for fragments.
    pub fn new(budget: &Budget) -> Self {
        let memory = budget.left();
        Streams {
            table: Table::new(budget.take(memory / 2), size_of::<Halves>()),
            room: budget.take(memory / 4),
            fragments: Fragments::new(budget),
            held: 0,
            queue: VecDeque::new(),
            next_number: 0,
            now: Timestamp::default(),
            given: Given::default(),
        }
    }

    /// Takes a frame, and tells what it makes known.
    pub fn frame(&mut self, frame: &Frame<'_>, reader: &mut impl Reader) {
        self.now = frame.time;
        let layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
        self.layers(layers, None, 0, reader);
    }

    /// Nothing comes any more: tells what waits, and that every conversation has ended.
    pub fn finish(&mut self, reader: &mut impl Reader) {
        let mut left: Vec<Known> = self.table.drain().collect();
        left.sort_by_key(|known| known.conversation.number);
        left.iter_mut().for_each(|known| known.finish(End::Open, self.now, reader));
        self.held = 0;
        self.queue.clear();
    }

    /// How many conversations there were.
    pub fn count(&self) -> u64 {
        self.next_number
    }

    /// What was given up so far.
    pub fn given(&self) -> Given {
        self.given
    }

    /// Datagrams that did not become whole.
    pub fn losses(&self) -> Losses {
        self.fragments.losses()
    }

    /// Goes down to the innermost segment or datagram.
    fn layers<'a>(&mut self, layers: Layers<'a>, mut ip: Option<Ip<'a>>, depth: u8, reader: &mut impl Reader) {
        let mut carried = None;
        for layer in layers {
            let fragment = match (layer, ip) {
                (Layer::Ipv4(header), _) => {
                    ip = Some(Ip::V4(header));
                    Fragment::of_ipv4(&header)
                }
                (Layer::Ipv6(header), _) => {
                    ip = Some(Ip::V6(header));
                    None
                }
                (Layer::Ipv6Extension(extension), Some(Ip::V6(header))) => Fragment::of_ipv6(&header, &extension),
                (Layer::Tcp(segment), Some(ip)) => {
                    carried = Some((Carried::Segment(segment), ip));
                    break;
                }
                (Layer::Udp(datagram), Some(ip)) => {
                    // A tunnel may go on from here.
                    carried = Some((Carried::Datagram(datagram), ip));
                    None
                }
                // Quotes of other packets are no packets.
                (Layer::Icmpv4(_) | Layer::Icmpv6(_), _) => return,
                _ => None,
            };
            if let (Some(fragment), Some(ip)) = (fragment, ip) {
                let whole = self.fragments.push(&fragment, self.now).whole;
                if let Some(datagram) = whole.filter(|_| depth < MAX_DEPTH) {
                    self.layers(datagram.layers(ip.version()), Some(ip), depth.saturating_add(1), reader);
                }
                return;
            }
        }
        if let Some((carried, ip)) = carried {
            self.carried(carried, ip, reader);
        }
    }

    fn carried(&mut self, carried: Carried<'_>, ip: Ip<'_>, reader: &mut impl Reader) {
        let (source, destination) = carried.ends(ip);
        let pair = Pair::new(carried.transport(), source, destination);
        let replaced = self.table.get(&pair).map(|known| known.is_replaced_by(carried, source));
        if replaced != Some(false) {
            if replaced == Some(true) {
                self.end(pair, End::Replaced, reader);
            }
            let (client, server) = if carried.is_answer() { (destination, source) } else { (source, destination) };
            self.begin(pair, client, server, reader);
        }
        let Some(known) = self.table.get(&pair) else { return };
        let before = known.held();
        known.take(carried, source, self.now, reader);
        let after = known.held();
        self.held = self.held.saturating_sub(before).saturating_add(after);
        if after > 0 && !known.queued {
            known.queued = true;
            self.queue.push_back((pair, known.conversation.number));
        }
        self.make_room(reader);
    }

    fn begin(&mut self, pair: Pair, client: Endpoint, server: Endpoint, reader: &mut impl Reader) {
        let conversation = Conversation { number: self.next_number, transport: pair.transport(), client, server };
        self.next_number = self.next_number.saturating_add(1);
        let known = Known {
            conversation,
            client: Seen::default(),
            server: Seen::default(),
            ended: None,
            halves: reader.wants(&conversation).then(Box::default),
            queued: false,
        };
        let mut forgotten = self.table.insert(pair, known);
        forgotten.sort_by_key(|known| known.conversation.number);
        for mut known in forgotten {
            self.given.conversations = self.given.conversations.saturating_add(1);
            self.held = self.held.saturating_sub(known.held());
            known.finish(End::Forgotten, self.now, reader);
        }
    }

    fn end(&mut self, pair: Pair, how: End, reader: &mut impl Reader) {
        if let Some(known) = self.table.get(&pair) {
            self.held = self.held.saturating_sub(known.held());
            known.finish(how, self.now, reader);
        }
    }

    /// Waits no longer for what has been waited for longest, as long as too much waits.
    fn make_room(&mut self, reader: &mut impl Reader) {
        let room = self.room.as_ref().map_or(0, Share::bytes);
        while self.held > room {
            let Some((pair, number)) = self.queue.pop_front() else { return };
            let Some(known) = self.table.get(&pair).filter(|known| known.conversation.number == number) else {
                continue;
            };
            known.queued = false;
            let before = known.held();
            if before == 0 {
                continue;
            }
            self.given.gaps = self.given.gaps.saturating_add(1);
            known.give_up(self.now, reader);
            let after = known.held();
            self.held = self.held.saturating_sub(before).saturating_add(after);
            if after > 0 {
                known.queued = true;
                self.queue.push_back((pair, number));
            }
        }
        // Those that wait no more leave the queue when half of it is they.
        if self.queue.len() > self.table.len().saturating_mul(2).saturating_add(64) {
            let table = &mut self.table;
            self.queue.retain(|(pair, number)| {
                let Some(known) = table.get(pair).filter(|known| known.conversation.number == *number) else {
                    return false;
                };
                known.queued = known.held() > 0;
                known.queued
            });
        }
    }
}

impl Known {
    fn side(&self, source: Endpoint) -> Side {
        if source == self.conversation.client { Side::Client } else { Side::Server }
    }

    fn seen(&mut self, side: Side) -> &mut Seen {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn held(&self) -> usize {
        self.halves.as_ref().map_or(0, |halves| halves.client.held().saturating_add(halves.server.held()))
    }

    /// Whether a packet begins another conversation between the same ends: a SYN of a side that has sent another before,
    /// or something else, or where both sides were done.
    fn is_replaced_by(&mut self, carried: Carried<'_>, source: Endpoint) -> bool {
        let Carried::Segment(segment) = carried else { return false };
        if segment.flags() & (tcp::SYN | tcp::ACK) != tcp::SYN {
            return false;
        }
        let over = self.ended.is_some();
        let seen = *self.seen(self.side(source));
        seen.syn.map_or(seen.any || over, |number| number != segment.sequence())
    }

    fn take(&mut self, carried: Carried<'_>, source: Endpoint, now: Timestamp, reader: &mut impl Reader) {
        let side = self.side(source);
        let conversation = self.conversation;
        self.seen(side).any = true;
        match carried {
            Carried::Datagram(datagram) => {
                let Some(halves) = &mut self.halves else { return };
                let payload = datagram.payload();
                let (half, _) = halves.of(side);
                half.datagram(payload.bytes(), payload.wire(), &mut telling(&conversation, side, now, reader));
            }
            Carried::Segment(segment) => self.segment(&segment, side, now, reader),
        }
    }

    fn segment(&mut self, segment: &Tcp<'_>, side: Side, now: Timestamp, reader: &mut impl Reader) {
        let flags = segment.flags();
        let has = |flag| flags & flag != 0;
        let seen = self.seen(side);
        if has(tcp::SYN) {
            seen.syn = Some(segment.sequence());
        }
        seen.fin |= has(tcp::FIN);
        let conversation = self.conversation;
        if let Some(halves) = &mut self.halves {
            let (half, other) = halves.of(side);
            if has(tcp::ACK) {
                let mut tell = telling(&conversation, side.peer(), now, reader);
                other.acknowledged(segment.acknowledgment(), &mut tell);
            }
            // What a reset carries is for people, not for the program (RFC 9293, 3.5.3).
            if !has(tcp::RST) {
                let payload = segment.payload();
                let segment = Segment {
                    sequence: segment.sequence().wrapping_add(has(tcp::SYN).into()),
                    payload: payload.bytes(),
                    wire: payload.wire(),
                    begins: has(tcp::SYN),
                    ends: has(tcp::FIN),
                };
                half.segment(&segment, &mut telling(&conversation, side, now, reader));
            }
        }
        if has(tcp::RST) {
            self.end(End::Reset(side), now, reader);
        } else if self.client.fin && self.server.fin && self.halves.as_ref().is_none_or(|halves| halves.are_whole()) {
            self.end(End::Closed, now, reader);
        }
    }

    /// Tells that it has ended, once.
    fn end(&mut self, how: End, now: Timestamp, reader: &mut impl Reader) {
        if self.ended.is_none() {
            self.ended = Some(how);
            if self.halves.is_some() {
                reader.read(&Event { conversation: &self.conversation, time: now, what: What::Ended(how) });
            }
        }
    }

    fn give_up(&mut self, now: Timestamp, reader: &mut impl Reader) {
        let Some(halves) = &mut self.halves else { return };
        for side in [Side::Client, Side::Server] {
            halves.of(side).0.give_up(&mut telling(&self.conversation, side, now, reader));
        }
    }

    /// Nothing more comes of it.
    fn finish(&mut self, how: End, now: Timestamp, reader: &mut impl Reader) {
        if let Some(halves) = &mut self.halves {
            for side in [Side::Client, Side::Server] {
                halves.of(side).0.finish(&mut telling(&self.conversation, side, now, reader));
            }
        }
        let closed = self.client.fin && self.server.fin;
        self.end(if closed { End::Closed } else { how }, now, reader);
        if self.halves.is_some() {
            reader.read(&Event { conversation: &self.conversation, time: now, what: What::Over });
        }
    }
}

impl Halves {
    /// What a side sends, and what the other one does.
    fn of(&mut self, side: Side) -> (&mut Half, &mut Half) {
        match side {
            Side::Client => (&mut self.client, &mut self.server),
            Side::Server => (&mut self.server, &mut self.client),
        }
    }

    /// Whether nothing is missing that is known to have been sent.
    fn are_whole(&self) -> bool {
        self.client.is_whole() && self.server.is_whole()
    }
}

impl Carried<'_> {
    fn transport(&self) -> Transport {
        match self {
            Carried::Segment(_) => Transport::Tcp,
            Carried::Datagram(_) => Transport::Udp,
        }
    }

    /// Source and destination.
    fn ends(&self, ip: Ip<'_>) -> (Endpoint, Endpoint) {
        let (source, destination) = ip.addresses();
        let (from, to) = match self {
            Carried::Segment(segment) => (segment.source_port(), segment.destination_port()),
            Carried::Datagram(datagram) => (datagram.source_port(), datagram.destination_port()),
        };
        (Endpoint { address: source, port: from }, Endpoint { address: destination, port: to })
    }

    /// Whether it answers a SYN: then who is to receive it began.
    fn is_answer(&self) -> bool {
        const BOTH: u16 = tcp::SYN | tcp::ACK;
        matches!(self, Carried::Segment(segment) if segment.flags() & BOTH == BOTH)
    }
}

/// Tells parts of what a side sent as events.
fn telling(
    conversation: &Conversation,
    side: Side,
    time: Timestamp,
    reader: &mut impl Reader,
) -> impl FnMut(usize, Part<'_>) {
    move |offset, part| reader.read(&Event { conversation, time, what: What::Sent(side, offset, part) })
}

#[cfg(test)]
mod tests;
