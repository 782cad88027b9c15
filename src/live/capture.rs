//! A capture on one or several interfaces, as a source of blocks.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::fanout::Fanout;
use super::interfaces::InterfaceInfo;
use super::open::{self, Opened};
use super::order::{self, Held};
use super::program::Filter;
use super::ring::{self, ABSENT, Places, Ring, Statistics, settling_time};
use super::timestamps::TimestampType;
use super::walk::Place;
use super::watch::{Change, Event, Watch};
use super::{Direction, Error, kernel, link};
use crate::frame::{Block, ByteOrder, Interface, LinkType, RawOption, Resolution, Section, Source, Timestamp};

/// How to capture.
#[derive(Clone, Debug)]
pub struct CaptureOptions {
    /// Bytes of the ring of each interface.
    pub buffer_size: usize,
    /// The most bytes to keep of a frame; 0 means no limit.
    pub snap_len: u32,
    /// Ask interfaces for frames that are not for this machine.
    pub promiscuous: bool,
    pub direction: Direction,
    /// Hand packets over as soon as the kernel can (after 1 ms), at some cost.
    pub immediate: bool,
    /// How long the kernel may hold packets back to fill a block, to the millisecond.
    pub block_timeout: Duration,
    pub timestamp_type: TimestampType,
    /// Give every frame a LINUX_SLL2 header in place of its link header, as tcpdump does for `any`: the one
    /// link type that a pcap file can hold. Otherwise each frame keeps its own.
    pub cooked: bool,
    pub filter: Option<Filter>,
    /// Filters that stand in place of that one on an interface of this name.
    pub filters: Vec<(String, Filter)>,
    /// Wait for interfaces that are not there, or down, and for those that go to come back.
    pub wait: bool,
    /// Sockets, each with its ring, that share the packets of each interface.
    pub workers: usize,
    pub fanout: Fanout,
}

impl Default for CaptureOptions {
    /// 64 MiB (measured: 1 MiB blocks, 10 ms), promiscuous, tcpdump's snap length of 256 KiB, no filter.
    fn default() -> Self {
        CaptureOptions {
            buffer_size: 64 << 20,
            snap_len: 262_144,
            promiscuous: true,
            direction: Direction::Both,
            immediate: false,
            block_timeout: Duration::from_millis(10),
            timestamp_type: TimestampType::Host,
            cooked: false,
            filter: None,
            filters: Vec::new(),
            wait: false,
            workers: 1,
            fanout: Fanout::default(),
        }
    }
}

impl CaptureOptions {
    /// The filter for an interface.
    pub(super) fn filter_on(&self, interface: &str) -> Option<&Filter> {
        let own = self.filters.iter().find(|(name, _)| name == interface);
        own.map(|(_, filter)| filter).or(self.filter.as_ref())
    }

    pub(super) fn limit(&self) -> u32 {
        if self.snap_len == 0 { u32::MAX } else { self.snap_len }
    }

    pub(super) fn block_timeout(&self) -> Duration {
        let shortest = Duration::from_millis(1);
        if self.immediate { shortest } else { self.block_timeout.max(shortest) }
    }
}

/// A capture under way. It ends after [`stop`](Capture::stop), or when the last interface is gone.
#[derive(Debug)]
pub struct Capture {
    /// Those of one interface after those of another.
    rings: Vec<Ring>,
    /// What was read of each of them.
    held: Vec<Held>,
    /// How many each interface has.
    per_interface: usize,
    section: Section,
    options: CaptureOptions,
    watch: Watch,
    waker: Option<OwnedFd>,
    events: Vec<Event>,
    /// Read, but not yet acted upon.
    unheard: Vec<Event>,
    /// The ring that a block is lent from.
    lent: Option<usize>,
    /// Blocks until counters and interfaces are looked at though there is no pause.
    until_attended: u32,
    /// Stopped: nothing can come after this moment.
    until: Option<Instant>,
    ended: bool,
}

/// What a capture hears of an interface that it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listening {
    /// Frames of this link type.
    To(LinkType),
    /// Frames of whatever link type the interfaces have.
    ToEach,
    /// Nothing yet: it is waited for.
    Waiting,
}

/// How many blocks may pass before counters and interfaces are looked at.
const ATTEND_AFTER: u32 = 256;

/// How long [`Source::next_block`] waits for a block.
const WAIT: Duration = Duration::from_millis(100);

impl Capture {
    /// Opens sockets for each interface by its name or number (see [`interfaces::find`](super::interfaces::find));
    /// `any` is all of them. Where they are several, frames come in the order of their time.
    ///
    /// # Errors
    /// If an interface is unknown or down (and not waited for), the filter can't be used, or the kernel or its rules
    /// are against it.
    pub fn open(names: &[impl AsRef<str>], options: &CaptureOptions) -> Result<Capture, Error> {
        // Before: one that appears while others are opened must not be missed.
        let watch = Watch::new()?;
        let opened = names.iter().map(|name| open::interface(name.as_ref(), options));
        Self::over(watch, opened.collect::<Result<_, _>>()?, options)
    }

    /// Opens a capture for each worker, to be run by a thread of its own: together they have every packet once.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_workers(names: &[impl AsRef<str>], options: &CaptureOptions) -> Result<Vec<Capture>, Error> {
        let mut workers: Vec<Vec<Opened>> = (0..options.workers.max(1)).map(|_| Vec::new()).collect();
        for name in names {
            let Opened { present, rings } = open::interface(name.as_ref(), options)?;
            for (ring, worker) in rings.into_iter().zip(&mut workers) {
                worker.push(Opened { present: present.clone(), rings: vec![ring] });
            }
        }
        workers.into_iter().map(|opened| Self::over(Watch::new()?, opened, options)).collect()
    }

    fn over(watch: Watch, opened: Vec<Opened>, options: &CaptureOptions) -> Result<Capture, Error> {
        if opened.is_empty() {
            return Err(Error::NothingNamed);
        }
        let mut capture = Capture {
            rings: Vec::new(),
            held: Vec::new(),
            per_interface: opened.first().map_or(1, |first| first.rings.len()),
            section: Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces: Vec::new() },
            options: options.clone(),
            watch,
            waker: None,
            events: Vec::new(),
            unheard: Vec::new(),
            lent: None,
            until_attended: ATTEND_AFTER,
            until: None,
            ended: false,
        };
        for Opened { present, mut rings } in opened {
            if let Some(interface) = &present {
                let view = ring::view(interface);
                let link_type = ring::link_type(view, options.cooked);
                let interfaces = &mut capture.section.interfaces;
                let place = link_type.map(|kind| Place::new(interfaces, described(kind, interface, options)));
                rings.iter_mut().try_for_each(|ring| ring.accept(view, place))?;
            }
            capture.rings.append(&mut rings);
        }
        capture.held.resize_with(capture.rings.len(), Held::default);
        Ok(capture)
    }

    /// What is heard of each interface, in the order in which they were asked for.
    pub fn listening(&self) -> Vec<(&str, Listening)> {
        let of = |ring: &Ring| match ring.places {
            _ if ring.index == ABSENT => Listening::Waiting,
            Places::One(place) => {
                let known = self.section.interfaces.get(place.interface as usize);
                known.map_or(Listening::ToEach, |interface| Listening::To(interface.link_type))
            }
            Places::Each(_) => Listening::ToEach,
        };
        let each = self.rings.iter().step_by(self.per_interface.max(1));
        each.map(|ring| (ring.statistics.interface.as_str(), of(ring))).collect()
    }

    /// The interfaces so far; a capture on `any` with the link headers kept adds each when its first frame comes.
    pub fn section(&self) -> &Section {
        &self.section
    }

    /// For what is to be known of the machine and the program in a file (pcapng section options).
    pub fn section_mut(&mut self) -> &mut Section {
        &mut self.section
    }

    /// A waiting [`next_block`](Source::next_block) returns as soon as there is something to read here, such as
    /// a signal. Whoever gets the empty block must read it, or the next wait will not last either.
    pub fn wake_on(&mut self, waker: OwnedFd) {
        self.waker = Some(waker);
    }

    /// Ends the capture without losing what has arrived: from now on the kernel refuses every packet;
    /// [`next_block`](Source::next_block) goes on until the last open block has come (two block time-outs), and
    /// then gives `None`.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn stop(&mut self) -> Result<(), Error> {
        if self.until.is_none() {
            for ring in &self.rings {
                ring.refuse_all()?;
            }
            self.until = Some(self.settled());
        }
        Ok(())
    }

    /// What was counted so far on each interface, in the order in which they were asked for.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn statistics(&mut self) -> Result<Vec<Statistics>, Error> {
        self.rings.iter_mut().try_for_each(Ring::count)?;
        Ok(self.rings.chunks(self.per_interface.max(1)).filter_map(ring::sum).collect())
    }

    /// What happened to the captured interfaces (for `any`: to all of them) since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// As [`next_block`](Source::next_block), waiting at most as long as given (to the millisecond).
    ///
    /// # Errors
    /// Those of the kernel; [`Error::Gone`] at the end, in place of the first `None`, if an interface has gone.
    pub fn next_block_within(&mut self, wait: Duration) -> Result<Option<Block<'_>>, Error> {
        self.take_back();
        if self.until_attended == 0 {
            self.attend()?;
        }
        let mut next = self.next();
        if next.is_none() && !self.ended {
            // Nothing is in the rings now: what could have come has come, if this moment is past the last.
            let now = Instant::now();
            if self.is_over(now) {
                next = self.next();
                if next.is_none() {
                    return self.end();
                }
            } else {
                self.wait(self.patience(now, wait))?;
                next = self.next();
            }
        }
        match next {
            Some((ring, until)) => Ok(Some(self.lend(ring, until))),
            None if self.ended => Ok(None),
            None => Ok(Some(Block { section: &self.section, bytes: &[], records: &[], notes: &[] })),
        }
    }

    /// Gives the block that was lent back to the kernel, once all of it was.
    fn take_back(&mut self) {
        let Some(at) = self.lent.take() else { return };
        if let (Some(ring), Some(held)) = (self.rings.get_mut(at), self.held.get_mut(at))
            && held.is_used_up()
        {
            held.clear();
            ring.release();
            self.until_attended = self.until_attended.saturating_sub(1);
        }
    }

    /// The ring whose frames are next, and up to which moment.
    fn next(&mut self) -> Option<(usize, Option<Timestamp>)> {
        if let [_] = &*self.rings {
            return self.read(0).then_some((0, None));
        }
        for at in 0..self.rings.len() {
            self.read(at);
        }
        let now = Instant::now();
        let past = |until: Option<Instant>| until.is_some_and(|until| until <= now);
        let may_come = |at: usize| {
            let ring = self.rings.get(at);
            ring.is_some_and(|ring| ring.index != ABSENT && !past(ring.until)) && !past(self.until)
        };
        let is_pressed = |at: usize| self.rings.get(at).is_some_and(Ring::is_pressed);
        order::next(&self.held, may_come, is_pressed, now, settling_time(self.options.block_timeout()))
    }

    /// Reads the next piece of a ring, if the last one is used up and there is one. Tells whether anything is held.
    fn read(&mut self, at: usize) -> bool {
        let Capture { rings, held, section, options, watch, unheard, .. } = self;
        let (Some(ring), Some(held)) = (rings.get_mut(at), held.get_mut(at)) else { return false };
        while held.is_used_up() && ring.is_ready() {
            if ring.is_fresh() {
                held.see();
            }
            let add = |index, hardware| {
                // One newer than what was told last; if telling fails, as the next hearing will, it goes by its number.
                if watch.name(index).is_none() {
                    let _ = watch.read(unheard);
                }
                let name = watch.name(index).map_or_else(|| format!("interface {index}"), str::to_owned);
                Place::new(&mut section.interfaces, named(link::among_others(hardware), &name, options))
            };
            held.clear();
            ring.read(options.limit(), add, &mut held.records);
            if held.is_used_up() {
                ring.release();
            }
        }
        !held.is_used_up()
    }

    fn lend(&mut self, at: usize, until: Option<Timestamp>) -> Block<'_> {
        self.lent = Some(at);
        let records = self.held.get_mut(at).map_or(&[][..], |held| held.take(until));
        let bytes = self.rings.get_mut(at).map_or(&[][..], Ring::bytes);
        Block { section: &self.section, bytes, records, notes: &[] }
    }

    fn settled(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(settling_time(self.options.block_timeout())).unwrap_or(now)
    }

    fn is_over(&self, now: Instant) -> bool {
        let past = |until: Option<Instant>| until.is_some_and(|until| until <= now);
        past(self.until) || self.rings.iter().all(|ring| past(ring.until))
    }

    /// How long to wait for a block: not past a moment after which nothing can come.
    fn patience(&self, now: Instant, wait: Duration) -> Duration {
        let settling = settling_time(self.options.block_timeout());
        let held = self.held.iter().filter_map(|held| held.settled(settling));
        let moments = self.rings.iter().filter_map(|ring| ring.until).chain(self.until);
        let left = moments.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero());
        let left = left.chain(held.map(|settled| settled.saturating_duration_since(now)));
        left.min().map_or(wait, |left| left.min(wait))
    }

    fn wait(&mut self, wait: Duration) -> Result<(), Error> {
        let wanted = |fd| PollFd::new(fd, PollFlags::POLLIN);
        // A ring with a block that it is too early for is ready all the time.
        let of_ring = |held: &Held| if held.is_used_up() { PollFlags::POLLIN } else { PollFlags::empty() };
        let mut polled: Vec<PollFd<'_>> =
            self.rings.iter().zip(&self.held).map(|(ring, held)| PollFd::new(ring.as_fd(), of_ring(held))).collect();
        polled.push(wanted(self.watch.as_fd()));
        polled.extend(self.waker.as_ref().map(|waker| wanted(waker.as_fd())));
        // Rounded up: a wait for the last block must not end before it.
        let millis = wait.as_nanos().div_ceil(1_000_000);
        let timeout = u16::try_from(millis).map_or(PollTimeout::MAX, PollTimeout::from);
        match poll(&mut polled, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(source) => return Err(kernel("waiting for", "packets")(source)),
        }
        let mut told = polled.iter().map(|fd| fd.revents().unwrap_or(PollFlags::empty()));
        let rings: Vec<PollFlags> = told.by_ref().take(self.rings.len()).collect();
        let watch = told.next().unwrap_or(PollFlags::empty());
        for (ring, _) in self.rings.iter().zip(rings).filter(|(_, told)| told.contains(PollFlags::POLLERR)) {
            match ring.error()? {
                // The watch tells of it, with what it means.
                None | Some(Errno::ENETDOWN) => {}
                Some(source) => return Err(ring.failed("capturing on")(source)),
            }
        }
        if watch.is_empty() && self.unheard.is_empty() { Ok(()) } else { self.hear() }
    }

    /// Looks after counters (the kernel's are 32 bits wide) and interfaces.
    fn attend(&mut self) -> Result<(), Error> {
        self.until_attended = ATTEND_AFTER;
        self.rings.iter_mut().try_for_each(Ring::count)?;
        self.hear()
    }

    /// Takes in what became of interfaces.
    fn hear(&mut self) -> Result<(), Error> {
        let mut news = std::mem::take(&mut self.unheard);
        self.watch.read(&mut news)?;
        for event in news {
            let mut concerns = false;
            for at in 0..self.rings.len() {
                concerns |= self.act_upon(&event, at)?;
            }
            if concerns {
                self.events.push(event);
            }
        }
        Ok(())
    }

    /// Does for a ring what follows from an event. Tells whether it has to do with it.
    fn act_upon(&mut self, event: &Event, at: usize) -> Result<bool, Error> {
        let settled = self.settled();
        let Some(ring) = self.rings.get_mut(at) else { return Ok(false) };
        let concerned = [event.index, 0].contains(&ring.index);
        match event.change {
            Change::Gone if ring.index == event.index && self.options.wait => ring.index = ABSENT,
            Change::Gone if ring.index == event.index => ring.until = Some(settled),
            Change::Appeared if ring.index == ABSENT && ring.statistics.interface == event.interface => {
                return if self.until.is_none() { self.resume(event, at) } else { Ok(false) };
            }
            Change::Appeared => {
                if let Places::Each(seen) = &mut ring.places {
                    // Numbers may be used again, and names change.
                    seen.retain(|(index, _)| *index != event.index);
                }
            }
            _ => {}
        }
        Ok(concerned)
    }

    /// Captures on an interface that has appeared. One that has gone again already is waited for further.
    fn resume(&mut self, event: &Event, at: usize) -> Result<bool, Error> {
        let Capture { rings, section, options, watch, .. } = self;
        let (Some(ring), Some(hardware)) = (rings.get_mut(at), watch.hardware(event.index)) else { return Ok(false) };
        match ring.bind(event.index, options) {
            Ok(()) => {}
            Err(Errno::ENODEV | Errno::ENXIO) => return Ok(false),
            Err(source) => return Err(ring.failed("capturing on")(source)),
        }
        let view = ring::view_of(hardware);
        let link_type = ring::link_type(view, options.cooked).unwrap_or(LinkType::LINUX_SLL2);
        let place = match &ring.places {
            // As it was before.
            Places::One(place) if place.is_of(&section.interfaces, link_type) => *place,
            _ => Place::new(&mut section.interfaces, named(link_type, &event.interface, options)),
        };
        ring.accept(view, Some(place))?;
        Ok(true)
    }

    fn end(&mut self) -> Result<Option<Block<'_>>, Error> {
        self.ended = true;
        self.rings.iter_mut().try_for_each(Ring::count)?;
        match self.rings.iter().find(|ring| ring.is_gone()) {
            Some(ring) => Err(Error::Gone { interface: ring.statistics.interface.clone() }),
            None => Ok(None),
        }
    }
}

impl Source for Capture {
    type Error = Error;

    fn next_block(&mut self) -> Result<Option<Block<'_>>, Error> {
        self.next_block_within(WAIT)
    }
}

/// An interface of which just the name is known.
fn named(link_type: LinkType, name: &str, options: &CaptureOptions) -> Interface {
    const NAME: u16 = 2;
    const FILTER: u16 = 11;
    let mut interface = Interface::new(link_type, options.snap_len, Resolution::NANO);
    interface.options.push(RawOption { code: NAME, value: name.as_bytes().to_vec() });
    if let Some(filter) = options.filter_on(name) {
        // Kind 0: an expression in libpcap's language.
        interface.options.push(RawOption { code: FILTER, value: [&[0], filter.text().as_bytes()].concat() });
    }
    interface
}

fn described(link_type: LinkType, told: &InterfaceInfo, options: &CaptureOptions) -> Interface {
    const DESCRIPTION: u16 = 3;
    const MAC: u16 = 6;
    let mut interface = named(link_type, &told.name, options);
    let mut add = |code, value: &[u8]| interface.options.push(RawOption { code, value: value.to_vec() });
    if let Some(description) = &told.description {
        add(DESCRIPTION, description.as_bytes());
    }
    if let Some(mac) = &told.mac {
        add(MAC, mac);
    }
    interface
}
