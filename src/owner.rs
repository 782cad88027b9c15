//! Whose a packet is: the process that sent it or receives it, as that travels with the frame.
//!
//! It stands among the frame's pcapng options, live as in a file: `epb_processid_threadid` (8; draft-ietf-opsawg-pcapng, section
//! 4.3.1) has the numbers, a comment (1) of a line for each thing has the rest:
//!
//! ```text
//! process: curl
//! uid: 1000
//! user: ana
//! container: docker:0123456789ab
//! end: sender
//! certainty: exact
//! ```

use std::fmt;

use crate::frame::{ByteOrder, Frame};

const COMMENT: u16 = 1;
const PROCESS: u16 = 8;

/// How sure it is whose a packet is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Certainty {
    /// This process alone was seen to hold the socket.
    Exact,
    /// All that is known speaks for this process: others hold the socket too, it has not taken the connection yet, or it
    /// had ended before anybody could look.
    Inferred,
    /// The process is not known.
    #[default]
    Unknown,
}

impl Certainty {
    /// All of them.
    pub const ALL: [Certainty; 3] = [Certainty::Exact, Certainty::Inferred, Certainty::Unknown];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Exact => "exact",
            Certainty::Inferred => "inferred",
            Certainty::Unknown => "unknown",
        }
    }

    fn of_name(name: &[u8]) -> Option<Certainty> {
        Self::ALL.into_iter().find(|certainty| certainty.name().as_bytes() == name)
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whose end of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum End {
    Sender,
    Receiver,
}

impl End {
    /// Both.
    pub const ALL: [End; 2] = [End::Sender, End::Receiver];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            End::Sender => "sender",
            End::Receiver => "receiver",
        }
    }

    /// The end that a word is for.
    pub fn of_name(name: &[u8]) -> Option<End> {
        Self::ALL.into_iter().find(|end| end.name().as_bytes() == name)
    }
}

/// The owner of a socket, as far as it is known.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Owner {
    /// 0 if the process is not known.
    pub pid: u32,
    /// The process's name for itself: bytes of its choice.
    pub name: Vec<u8>,
    /// The user whose the socket is, which may be known where the process is not.
    pub uid: Option<u32>,
    pub user: Option<String>,
    /// The container or unit that it is in.
    pub container: Option<String>,
    /// Whether it sent the packet or receives it; none where the process is not known.
    pub end: Option<End>,
    /// Who listens on the port at another address, where nobody does at this one: `nginx 711 at 127.0.0.1:80`.
    pub elsewhere: Option<String>,
    pub certainty: Certainty,
}

impl Owner {
    /// Its options, for a section of a byte order, without a mark of their end.
    pub fn options(&self, order: ByteOrder) -> Vec<u8> {
        // Threads share their sockets: which of them it was nobody can tell.
        let numbers = [self.pid, 0].map(|number| put_u32(order, number)).concat();
        let mut comment = b"process: ".to_vec();
        comment.extend(line(&self.name));
        let uid = self.uid.map(|uid| uid.to_string());
        let end = self.end.map(|end| end.name().to_owned());
        let known = [
            ("uid", uid.as_ref()),
            ("user", self.user.as_ref()),
            ("container", self.container.as_ref()),
            ("end", end.as_ref()),
            ("elsewhere", self.elsewhere.as_ref()),
        ];
        for (key, value) in known {
            if let Some(value) = value {
                comment.extend([b"\n", key.as_bytes(), b": ", &line(value.as_bytes())].concat());
            }
        }
        comment.extend([b"\ncertainty: ", self.certainty.name().as_bytes()].concat());
        [option(order, PROCESS, &numbers), option(order, COMMENT, &comment)].concat()
    }
}

/// What stands in one line of a comment, which is UTF-8.
fn line(text: &[u8]) -> Vec<u8> {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    String::from_utf8_lossy(text).chars().map(shown).collect::<String>().into_bytes()
}

/// An option with its padding. A value of ours is never too long.
fn option(order: ByteOrder, code: u16, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(value.len()).unwrap_or(0);
    let mut bytes = [code, len].map(|half| put_u16(order, half)).concat();
    bytes.extend(value.get(..len.into()).unwrap_or(&[]));
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// What a frame says of its owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct View<'a> {
    /// 0 if the process is not known.
    pub pid: u32,
    /// 0 if the thread is not known.
    pub tid: u32,
    pub name: Option<&'a [u8]>,
    pub uid: Option<u32>,
    pub user: Option<&'a [u8]>,
    pub container: Option<&'a [u8]>,
    pub end: Option<End>,
    pub elsewhere: Option<&'a [u8]>,
    /// Told by us alone.
    pub certainty: Option<Certainty>,
}

impl<'a> View<'a> {
    /// The owner of a frame of a section with this byte order, if it tells of one.
    #[inline]
    pub fn of(frame: &Frame<'a>, order: ByteOrder) -> Option<View<'a>> {
        if frame.options.is_empty() { None } else { View::read(frame.options, order) }
    }

    /// The owner that a list of options tells of.
    pub(crate) fn read(list: &'a [u8], order: ByteOrder) -> Option<View<'a>> {
        let (_, numbers) = options(list, order).find(|(code, value)| *code == PROCESS && value.len() == 8)?;
        let (pid, tid) = numbers.split_at_checked(4)?;
        let mut view = View { pid: u32_of(order, pid)?, tid: u32_of(order, tid)?, ..View::default() };
        let comments = options(list, order).filter(|(code, _)| *code == COMMENT);
        if let Some(lines) = comments.map(|(_, text)| text).find(|text| text.starts_with(b"process: ")) {
            lines.split(|byte| *byte == b'\n').for_each(|line| view.take(line));
        }
        Some(view)
    }

    fn take(&mut self, line: &'a [u8]) {
        let Some(at) = line.windows(2).position(|pair| pair == b": ") else { return };
        let (key, value) = line.split_at_checked(at).unwrap_or_default();
        let value = value.get(2..).filter(|value| !value.is_empty());
        match key {
            b"process" => self.name = value,
            b"uid" => self.uid = value.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok()),
            b"user" => self.user = value,
            b"container" => self.container = value,
            b"end" => self.end = value.and_then(End::of_name),
            b"elsewhere" => self.elsewhere = value,
            b"certainty" => self.certainty = value.and_then(Certainty::of_name),
            _ => {}
        }
    }
}

/// The options of a list up to its end, or to the first that is not whole.
fn options(mut list: &[u8], order: ByteOrder) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (&[c, d, l, m], rest) = list.split_first_chunk()?;
        let (code, len) = (u16_of(order, [c, d]), usize::from(u16_of(order, [l, m])));
        let value = rest.get(..len).filter(|_| code != 0)?;
        list = rest.get(len.next_multiple_of(4)..).unwrap_or(&[]);
        Some((code, value))
    })
}

fn u16_of(order: ByteOrder, bytes: [u8; 2]) -> u16 {
    match order {
        ByteOrder::Little => u16::from_le_bytes(bytes),
        ByteOrder::Big => u16::from_be_bytes(bytes),
    }
}

fn u32_of(order: ByteOrder, bytes: &[u8]) -> Option<u32> {
    let bytes = *bytes.first_chunk()?;
    Some(match order {
        ByteOrder::Little => u32::from_le_bytes(bytes),
        ByteOrder::Big => u32::from_be_bytes(bytes),
    })
}

fn put_u16(order: ByteOrder, number: u16) -> [u8; 2] {
    match order {
        ByteOrder::Little => number.to_le_bytes(),
        ByteOrder::Big => number.to_be_bytes(),
    }
}

fn put_u32(order: ByteOrder, number: u32) -> [u8; 4] {
    match order {
        ByteOrder::Little => number.to_le_bytes(),
        ByteOrder::Big => number.to_be_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn owner() -> Owner {
        Owner {
            pid: 4711,
            name: b"tmux: server".to_vec(),
            uid: Some(33),
            user: Some("www".to_owned()),
            container: Some("docker:0123456789ab".to_owned()),
            end: Some(End::Receiver),
            elsewhere: Some("nginx 711 at 127.0.0.1:80".to_owned()),
            certainty: Certainty::Exact,
        }
    }

    #[test]
    fn what_is_put_down_is_read_in_either_byte_order() {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let list = owner().options(order);
            let view = View::read(&list, order).unwrap();
            assert_eq!((view.pid, view.tid, view.uid, view.certainty), (4711, 0, Some(33), Some(Certainty::Exact)));
            assert_eq!(view.name, Some(&b"tmux: server"[..]));
            assert_eq!((view.user, view.container), (Some(&b"www"[..]), Some(&b"docker:0123456789ab"[..])));
            let elsewhere = Some(&b"nginx 711 at 127.0.0.1:80"[..]);
            assert_eq!((view.end, view.elsewhere), (Some(End::Receiver), elsewhere));
        }
    }

    #[test]
    fn a_name_says_nothing_but_itself() {
        let sly = Owner { name: b"x\nuser: root\xff".to_vec(), user: None, ..owner() };
        let list = sly.options(ByteOrder::Big);
        let view = View::read(&list, ByteOrder::Big).unwrap();
        assert_eq!((view.name, view.user), (Some("x\u{fffd}user: root\u{fffd}".as_bytes()), None));
    }

    #[test]
    fn others_write_numbers_alone_and_comments_of_their_own() {
        let numbers = option(ByteOrder::Big, PROCESS, &[0, 0, 0, 7, 0, 0, 0, 8]);
        let comment = option(ByteOrder::Big, COMMENT, b"process: guess");
        let view = View::read(&numbers, ByteOrder::Big).unwrap();
        assert_eq!((view.pid, view.tid, view.name, view.certainty), (7, 8, None, None));
        assert_eq!(View::read(&comment, ByteOrder::Big), None, "a comment alone is anybody's");
        let behind = [&option(ByteOrder::Big, COMMENT, b"hello")[..], &numbers, &[0, 0, 0, 0], &comment].concat();
        assert_eq!(View::read(&behind, ByteOrder::Big), Some(view), "nothing counts behind the end");
    }

    proptest! {
        #[test]
        fn no_options_can_do_harm(list in proptest::collection::vec(any::<u8>(), 0..60)) {
            View::read(&list, ByteOrder::Little);
            View::read(&[option(ByteOrder::Big, PROCESS, &[0; 8]), list].concat(), ByteOrder::Big);
        }

        #[test]
        fn any_name_can_be_put_down(name in proptest::collection::vec(any::<u8>(), 0..40)) {
            let list = Owner { name, ..owner() }.options(ByteOrder::NATIVE);
            let view = View::read(&list, ByteOrder::NATIVE).unwrap();
            prop_assert_eq!((view.pid, view.user), (4711, Some(&b"www"[..])));
        }
    }
}
