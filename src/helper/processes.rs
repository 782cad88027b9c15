//! A process that finds out whose connections are, for one that may look into no other process and open nothing.
//!
//! It never sees a packet: a five-tuple comes in, an owner goes out. It keeps what it takes to see the open files of others'
//! processes ([`Finder::RIGHTS`]), if it has that, and may open files, but only to read them. Landlock is not for it:
//! whom that confines may look into no process outside, whatever the capabilities.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, recv, send};

use super::{heed_no_signal, start};
use crate::live::privileges::{self, Identity};
use crate::live::sandbox::{self, Allowed, Level};
use crate::owner::{Certainty, End, Owner};
use crate::process::{Answer, Connection, Finder, Limits, Protocol, Tree};

/// The longest message, in bytes.
const LONGEST: usize = 64 << 10;
/// Questions in one message.
const AT_ONCE: usize = 1024;
/// The longest answer, in bytes: its numbers, and texts that are as long as a byte can say.
const ANSWER: usize = 16 + 5 * 256;

/// Our end of the process that finds owners.
#[derive(Debug)]
pub struct Asker {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

impl Asker {
    /// Starts `program` as the helper, and waits until it has given up what it does not need. Tells too what it will not see,
    /// for people.
    ///
    /// # Errors
    /// Where it can't be started, can't give up what it must, or the kernel tells of no sockets.
    pub fn start(program: &Path, identity: Option<&Identity>, level: Level) -> io::Result<(Asker, Vec<String>)> {
        let args = ["processes".to_owned(), level.to_string()];
        let socket = start(program, args.into_iter().chain(identity.map(ToString::to_string)))?;
        let mut buffer = vec![0; LONGEST];
        let len = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        let told = String::from_utf8_lossy(buffer.get(..len).unwrap_or(&[])).into_owned();
        match told.strip_prefix(READY) {
            Some(missing) => Ok((Asker { socket, buffer }, missing.lines().map(str::to_owned).collect())),
            None if told.is_empty() => Err(io::Error::other("it ended at once")),
            None => Err(io::Error::other(told)),
        }
    }

    /// From now on answers say which connections are of these processes.
    ///
    /// # Errors
    /// Where it has gone.
    pub fn name_tree(&self, tree: Tree) -> io::Result<()> {
        let cgroup = tree.cgroup.unwrap_or(0).to_ne_bytes();
        self.send(&[&[TREE][..], &tree.root.to_ne_bytes(), &cgroup].concat()).map(drop)
    }

    /// Asks for the owners of connections, each under a number; whether there was room for the questions. It does not wait.
    ///
    /// # Errors
    /// Where it has gone.
    pub fn ask(&self, questions: &[(u32, Connection)]) -> io::Result<bool> {
        for chunk in questions.chunks(AT_ONCE) {
            let mut message = vec![QUESTIONS];
            chunk.iter().for_each(|(number, connection)| put_question(&mut message, *number, connection));
            if !self.send(&message)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the answers that have come, after waiting at most so long for the first; none when the time is up.
    ///
    /// # Errors
    /// Where it has gone.
    pub fn answers(&mut self, wait: Duration) -> io::Result<Vec<(u32, Answer)>> {
        let wait = PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO);
        match poll(&mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)], wait) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let mut answers = Vec::new();
        loop {
            match recv(self.socket.as_raw_fd(), &mut self.buffer, MsgFlags::MSG_DONTWAIT) {
                Ok(0) => return Err(io::Error::other("the process that finds owners has gone")),
                Ok(len) => {
                    let mut rest = self.buffer.get(..len).unwrap_or(&[]);
                    answers.extend(std::iter::from_fn(|| take_answer(&mut rest)));
                }
                Err(Errno::EAGAIN) => return Ok(answers),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    fn send(&self, message: &[u8]) -> io::Result<bool> {
        match send(self.socket.as_raw_fd(), message, MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// The helper's side: gives up what is not needed, then answers until the other end is closed.
///
/// # Errors
/// Where something can't be given up or the kernel tells of no sockets (which the other end is told too), or the socket fails.
pub fn find_for(socket: &OwnedFd, identity: Option<Identity>, level: Level) -> io::Result<()> {
    heed_no_signal()?;
    let begun = begin(identity, level);
    let told = match &begun {
        Ok((_, missing)) => format!("{READY}{}", missing.join("\n")),
        Err(error) => error.to_string(),
    };
    send(socket.as_raw_fd(), told.as_bytes(), MsgFlags::MSG_NOSIGNAL)?;
    let (mut finder, _) = begun?;
    let mut buffer = vec![0; LONGEST];
    loop {
        wait(socket.as_fd(), &finder)?;
        match recv(socket.as_raw_fd(), &mut buffer, MsgFlags::MSG_DONTWAIT) {
            Ok(0) => return Ok(()),
            Ok(len) => {
                answer(&mut finder, buffer.get(..len).unwrap_or(&[]), |answers| {
                    send(socket.as_raw_fd(), answers, MsgFlags::MSG_NOSIGNAL).map(drop)
                })?;
            }
            Err(Errno::EAGAIN) => finder.refresh(),
            Err(errno) => return Err(errno.into()),
        }
        sandbox::check().map_err(io::Error::other)?;
    }
}

fn begin(identity: Option<Identity>, level: Level) -> io::Result<(Finder, Vec<String>)> {
    let (finder, missing) = Finder::new(Limits::default())?;
    privileges::drop_all_but(Finder::RIGHTS, identity).map_err(io::Error::other)?;
    sandbox::confine(Allowed { processes: true, ..Allowed::default() }, level).map_err(io::Error::other)?;
    Ok((finder, missing.iter().map(ToString::to_string).collect()))
}

/// Waits for a question or for news.
fn wait(socket: BorrowedFd<'_>, finder: &Finder) -> io::Result<()> {
    let mut polled: Vec<PollFd<'_>> =
        std::iter::once(socket).chain(finder.sources()).map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
    match poll(&mut polled, PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Does what a message asks for, and sends the answers, if it asks for some.
fn answer(finder: &mut Finder, message: &[u8], mut send: impl FnMut(&[u8]) -> nix::Result<()>) -> nix::Result<()> {
    match message.split_first() {
        Some((&QUESTIONS, mut rest)) => {
            let (numbers, connections): (Vec<u32>, Vec<Connection>) =
                std::iter::from_fn(|| take_question(&mut rest)).unzip();
            let mut answers = Vec::new();
            for (number, found) in numbers.into_iter().zip(finder.find(&connections)) {
                put_answer(&mut answers, number, &found);
                if answers.len() > LONGEST - ANSWER {
                    send(&answers)?;
                    answers.clear();
                }
            }
            // One of no bytes would be taken for the end.
            if answers.is_empty() { Ok(()) } else { send(&answers) }
        }
        Some((&TREE, rest)) => {
            if let Some(tree) = tree(rest) {
                finder.name_tree(tree);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn tree(bytes: &[u8]) -> Option<Tree> {
    let (root, cgroup) = bytes.split_first_chunk()?;
    let cgroup = Some(u64::from_ne_bytes(*cgroup.first_chunk()?)).filter(|id| *id != 0);
    Some(Tree { root: u32::from_ne_bytes(*root), cgroup })
}

/// What the first message begins with if all is well.
const READY: &str = "ready\n";
/// What other messages begin with.
const QUESTIONS: u8 = b'q';
const TREE: u8 = b't';

fn put_question(out: &mut Vec<u8>, number: u32, connection: &Connection) {
    out.extend(number.to_ne_bytes());
    out.push(connection.protocol.number());
    for end in [connection.source, connection.destination] {
        let ip = match end.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        out.extend(ip.octets());
        out.extend(end.port().to_ne_bytes());
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

fn take_question(bytes: &mut &[u8]) -> Option<(u32, Connection)> {
    fn end(bytes: &mut &[u8]) -> Option<SocketAddr> {
        let ip = Ipv6Addr::from(take::<16>(bytes)?);
        Some(SocketAddr::new(ip.to_canonical(), u16::from_ne_bytes(take(bytes)?)))
    }
    let number = u32::from_ne_bytes(take(bytes)?);
    let [protocol] = take(bytes)?;
    let protocol = Protocol::of_number(protocol)?;
    Some((number, Connection { protocol, source: end(bytes)?, destination: end(bytes)? }))
}

/// Texts are as long as a byte can say: names of processes have at most 15 bytes, those of users and containers seldom more than 64.
fn put_text(out: &mut Vec<u8>, text: Option<&[u8]>) {
    let text = text.unwrap_or(&[]);
    let len = u8::try_from(text.len()).unwrap_or(u8::MAX);
    out.push(len);
    out.extend(text.get(..len.into()).unwrap_or(text));
}

fn put_answer(out: &mut Vec<u8>, number: u32, answer: &Answer) {
    let Answer { owner, wanted } = answer;
    out.extend([number, owner.pid, owner.uid.unwrap_or(u32::MAX)].map(u32::to_ne_bytes).as_flattened());
    let place = Certainty::ALL.iter().position(|certainty| *certainty == owner.certainty);
    out.push(place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX));
    out.push(u8::from(*wanted));
    put_text(out, Some(&owner.name));
    put_text(out, owner.user.as_ref().map(String::as_bytes));
    put_text(out, owner.container.as_ref().map(String::as_bytes));
    put_text(out, owner.end.map(|end| end.name().as_bytes()));
    put_text(out, owner.elsewhere.as_ref().map(String::as_bytes));
}

fn take_answer(bytes: &mut &[u8]) -> Option<(u32, Answer)> {
    fn text(bytes: &mut &[u8]) -> Option<Vec<u8>> {
        let [len] = take(bytes)?;
        let (text, rest) = bytes.split_at_checked(len.into())?;
        *bytes = rest;
        Some(text.to_vec())
    }
    fn word(text: Vec<u8>) -> Option<String> {
        (!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned())
    }
    let [number, pid, uid] = [take(bytes)?, take(bytes)?, take(bytes)?].map(u32::from_ne_bytes);
    let [certainty, wanted] = take(bytes)?;
    let certainty = *Certainty::ALL.get(usize::from(certainty))?;
    let uid = Some(uid).filter(|uid| *uid != u32::MAX);
    let name = text(bytes)?;
    let [user, container] = [text(bytes)?, text(bytes)?].map(word);
    let end = End::of_name(&text(bytes)?);
    let elsewhere = word(text(bytes)?);
    let owner = Owner { pid, name, uid, user, container, end, elsewhere, certainty };
    Some((number, Answer { owner, wanted: wanted != 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn questions_and_answers_are_read_as_they_were_made() {
        let questions = [
            (
                7,
                Connection {
                    protocol: Protocol::Tcp,
                    source: ([10, 0, 0, 1], 80).into(),
                    destination: ([10, 0, 0, 2], 9).into(),
                },
            ),
            (
                8,
                Connection { protocol: Protocol::Udp, source: ([1; 8], 53).into(), destination: ([2; 8], 5353).into() },
            ),
        ];
        let mut bytes = Vec::new();
        questions.iter().for_each(|(number, connection)| put_question(&mut bytes, *number, connection));
        let mut rest = &bytes[..];
        assert_eq!(std::iter::from_fn(|| take_question(&mut rest)).collect::<Vec<_>>(), questions);
        let owner = Owner {
            pid: 4711,
            name: b"a\xff".to_vec(),
            uid: Some(33),
            user: Some("www".to_owned()),
            container: None,
            end: Some(End::Receiver),
            elsewhere: Some("nginx 711 at 127.0.0.1:80".to_owned()),
            certainty: Certainty::Inferred,
        };
        let answers = [(7, Answer { owner, wanted: true }), (8, Answer { owner: Owner::default(), wanted: false })];
        let mut bytes = Vec::new();
        answers.iter().for_each(|(number, answer)| put_answer(&mut bytes, *number, answer));
        let mut rest = &bytes[..];
        assert_eq!(std::iter::from_fn(|| take_answer(&mut rest)).collect::<Vec<_>>(), answers);
    }

    proptest! {
        #[test]
        fn no_message_can_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (mut questions, mut answers) = (&bytes[..], &bytes[..]);
            while take_question(&mut questions).is_some() {}
            while take_answer(&mut answers).is_some() {}
        }
    }
}
