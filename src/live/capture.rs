//! A capture on one or several interfaces, as a source of blocks.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::drops::InterfaceDrops;
use super::interfaces::{self, InterfaceInfo};
use super::program::Filter;
use super::ring::{self, Places, Ring, Statistics, settling_time};
use super::timestamps::TimestampType;
use super::walk::Place;
use super::watch::{Change, Event, Watch};
use super::{Direction, Error, kernel, link};
use crate::frame::{Block, ByteOrder, Interface, LinkType, RawOption, Record, Resolution, Section, Source};

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
        }
    }
}

impl CaptureOptions {
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
    rings: Vec<Ring>,
    section: Section,
    options: CaptureOptions,
    watch: Watch,
    waker: Option<OwnedFd>,
    events: Vec<Event>,
    /// Read, but not yet acted upon.
    unheard: Vec<Event>,
    /// Of the block that is lent.
    records: Vec<Record>,
    /// The ring that a block is lent from.
    lent: Option<usize>,
    /// The ring to look at first.
    turn: usize,
    /// Blocks until counters and interfaces are looked at though there is no pause.
    until_attended: u32,
    /// Stopped: nothing can come after this moment.
    until: Option<Instant>,
    /// An interface that is gone.
    gone: Option<String>,
    ended: bool,
}

/// How many blocks may pass before counters and interfaces are looked at.
const ATTEND_AFTER: u32 = 256;

/// How long [`Source::next_block`] waits for a block.
const WAIT: Duration = Duration::from_millis(100);

impl Capture {
    /// Opens a socket for each interface by its name or number (see [`interfaces::find`]); `any` is all of them.
    ///
    /// # Errors
    /// If an interface is unknown or down, the filter can't be used, or the kernel or its rules are against it.
    pub fn open(names: &[impl AsRef<str>], options: &CaptureOptions) -> Result<Capture, Error> {
        if names.is_empty() {
            return Err(Error::NothingNamed);
        }
        let mut watch = Watch::new()?;
        let mut rings = Vec::with_capacity(names.len());
        let mut interfaces = Vec::new();
        for name in names {
            let interface = interfaces::find(name.as_ref())?;
            let place = u32::try_from(interfaces.len()).unwrap_or(u32::MAX);
            rings.push(Ring::open(&interface, place, options)?);
            if let Some(link_type) = ring::link_type(&interface, options.cooked) {
                interfaces.push(described(link_type, &interface, options));
            }
        }
        let mut unheard = Vec::new();
        watch.ask(0)?;
        watch.read(&mut unheard)?;
        let section = Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces };
        Ok(Capture {
            rings,
            section,
            options: options.clone(),
            watch,
            waker: None,
            events: Vec::new(),
            unheard,
            records: Vec::new(),
            lent: None,
            turn: 0,
            until_attended: ATTEND_AFTER,
            until: None,
            gone: None,
            ended: false,
        })
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

    /// What each socket counted so far, in the order of the interfaces as they were named.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn statistics(&mut self) -> Result<Vec<Statistics>, Error> {
        self.rings.iter().try_for_each(|ring| self.watch.ask(ring.index))?;
        self.watch.read(&mut self.unheard)?;
        for ring in &mut self.rings {
            ring.count()?;
            if let Some(drops) = self.watch.drops(ring.index) {
                ring.statistics.at_interface = drops;
            }
        }
        Ok(self.rings.iter().map(|ring| ring.statistics.clone()).collect())
    }

    /// What each interface of the section lost by itself so far.
    pub fn interface_drops(&self) -> Vec<InterfaceDrops> {
        let mut drops = vec![InterfaceDrops::default(); self.section.interfaces.len()];
        for ring in &self.rings {
            let of = match &ring.places {
                Places::One(place) => vec![(ring.index, *place)],
                Places::Each(seen) => seen.clone(),
            };
            for (index, place) in of {
                if let (Some(to), Some(lost)) = (drops.get_mut(place.interface as usize), self.watch.drops(index)) {
                    *to = lost;
                }
            }
        }
        drops
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
        self.take_back()?;
        if self.until_attended == 0 {
            self.attend()?;
        }
        let mut ready = self.ready();
        if ready.is_none() && !self.ended {
            // Nothing is in the rings now: what could have come has come, if this moment is past the last.
            let now = Instant::now();
            if self.is_over(now) {
                ready = self.ready();
                if ready.is_none() {
                    return self.end();
                }
            } else {
                self.wait(self.patience(now, wait))?;
                ready = self.ready();
            }
        }
        match ready {
            Some(ring) => Ok(Some(self.lend(ring))),
            None if self.ended => Ok(None),
            None => Ok(Some(Block { section: &self.section, bytes: &[], records: &[], notes: &[] })),
        }
    }

    /// Gives the block that was lent back to the kernel.
    fn take_back(&mut self) -> Result<(), Error> {
        self.records.clear();
        let lent = self.lent.take().and_then(|ring| self.rings.get_mut(ring));
        if let Some(ring) = lent {
            ring.release()?;
            self.until_attended = self.until_attended.saturating_sub(1);
        }
        Ok(())
    }

    /// A ring whose next block is ready, each in its turn.
    fn ready(&mut self) -> Option<usize> {
        let count = self.rings.len();
        let found =
            (self.turn..count).chain(0..self.turn).find(|at| self.rings.get(*at).is_some_and(Ring::is_ready))?;
        self.turn = found.saturating_add(1);
        if self.turn >= count {
            self.turn = 0;
        }
        Some(found)
    }

    fn lend(&mut self, at: usize) -> Block<'_> {
        let Capture { rings, section, options, watch, unheard, records, lent, .. } = self;
        let add = |index, hardware| {
            // One newer than what was told last; if telling fails, as the next hearing will, it goes by its number.
            if watch.name(index).is_none() {
                let _ = watch.read(unheard);
            }
            let name = watch.name(index).map_or_else(|| format!("interface {index}"), str::to_owned);
            add(&mut section.interfaces, link::among_others(hardware), &name, options)
        };
        let read = rings.get_mut(at).and_then(|ring| ring.read(options.limit(), add, records));
        if read.is_some() {
            *lent = Some(at);
        }
        Block { section, bytes: read.unwrap_or(&[]), records, notes: &[] }
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
        let moments = self.rings.iter().filter_map(|ring| ring.until).chain(self.until);
        let left = moments.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero());
        left.min().map_or(wait, |left| left.min(wait))
    }

    fn wait(&mut self, wait: Duration) -> Result<(), Error> {
        let wanted = |fd| PollFd::new(fd, PollFlags::POLLIN);
        let mut polled: Vec<PollFd<'_>> = self.rings.iter().map(|ring| wanted(ring.as_fd())).collect();
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
        let settled = self.settled();
        for event in news.iter().filter(|event| event.change == Change::Gone) {
            for ring in &mut self.rings {
                if ring.index == event.index {
                    ring.until = Some(settled);
                    self.gone.get_or_insert_with(|| event.interface.clone());
                } else if let Places::Each(seen) = &mut ring.places {
                    seen.retain(|(index, _)| *index != event.index);
                }
            }
        }
        news.retain(|event| self.rings.iter().any(|ring| ring.index == event.index || ring.index == 0));
        self.events.append(&mut news);
        Ok(())
    }

    fn end(&mut self) -> Result<Option<Block<'_>>, Error> {
        self.ended = true;
        self.rings.iter_mut().try_for_each(Ring::count)?;
        match self.gone.take() {
            Some(interface) => Err(Error::Gone { interface }),
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

/// Adds an interface that has just shown up.
fn add(interfaces: &mut Vec<Interface>, link_type: LinkType, name: &str, options: &CaptureOptions) -> Place {
    let interface = u32::try_from(interfaces.len()).unwrap_or(u32::MAX);
    interfaces.push(named(link_type, name, options));
    Place { interface, shape: link::shape(link_type) }
}

/// An interface of which just the name is known.
fn named(link_type: LinkType, name: &str, options: &CaptureOptions) -> Interface {
    const NAME: u16 = 2;
    const FILTER: u16 = 11;
    let mut interface = Interface::new(link_type, options.snap_len, Resolution::NANO);
    interface.options.push(RawOption { code: NAME, value: name.as_bytes().to_vec() });
    if let Some(filter) = &options.filter {
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
