//! Which processes hold a socket: looked for first where sockets were found before, then everywhere.

use std::collections::{HashMap, HashSet, VecDeque};

use super::procfs::{self, Process};

/// Processes that are looked at before all others.
const LIKELY: usize = 16;
/// A process with more children than this is not asked whether one of them holds the same socket.
const FAMILY: usize = 16;

/// Who holds a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Holder {
    /// The process; of several, the one that was started first.
    pub process: Process,
    /// Whether others hold it too.
    pub shared: bool,
}

/// Finds the holders of sockets.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// Processes that held a socket, the last first.
    likely: VecDeque<u32>,
}

impl Holders {
    /// The holders of sockets, by inode. `recent` are processes to look at first; `everywhere` has all others looked at for what
    /// these don't hold.
    pub(super) fn find(
        &mut self,
        wanted: &HashSet<u32>,
        recent: impl Iterator<Item = u32>,
        everywhere: bool,
    ) -> HashMap<u32, Holder> {
        let mut search = Search { wanted, found: HashMap::new(), seen: HashSet::new() };
        let likely: Vec<u32> = recent.chain(self.likely.iter().copied()).collect();
        for pid in likely {
            if search.is_done() {
                break;
            }
            search.look_at(pid);
        }
        if !search.is_done() && everywhere {
            procfs::pids().into_iter().flatten().for_each(|pid| search.look_at(pid));
        }
        search.look_at_families();
        let held = search.found.into_iter().filter_map(|(inode, pids)| Some((inode, first_of(&pids)?)));
        let held: HashMap<u32, Holder> = held.collect();
        for holder in held.values() {
            self.likely.retain(|pid| *pid != holder.process.pid);
            self.likely.push_front(holder.process.pid);
        }
        self.likely.truncate(LIKELY);
        held
    }
}

/// A search under way.
struct Search<'w> {
    wanted: &'w HashSet<u32>,
    found: HashMap<u32, Vec<u32>>,
    seen: HashSet<u32>,
}

impl Search<'_> {
    fn is_done(&self) -> bool {
        self.found.len() == self.wanted.len()
    }

    fn look_at(&mut self, pid: u32) {
        if !self.seen.insert(pid) {
            return;
        }
        let Ok(sockets) = procfs::sockets(pid) else { return };
        for inode in sockets.filter(|inode| self.wanted.contains(inode)) {
            let pids = self.found.entry(inode).or_default();
            if pids.last() != Some(&pid) {
                pids.push(pid);
            }
        }
    }

    /// A socket is shared by fork(2), with a parent or children.
    fn look_at_families(&mut self) {
        let holders: HashSet<u32> = self.found.values().flatten().copied().collect();
        for pid in holders {
            let children = procfs::children(pid);
            let children = if children.len() > FAMILY { Vec::new() } else { children };
            let parent = Process::of(pid).map(|process| process.parent).filter(|parent| *parent > 1);
            children.into_iter().chain(parent).for_each(|pid| self.look_at(pid));
        }
    }
}

fn first_of(pids: &[u32]) -> Option<Holder> {
    let processes = pids.iter().filter_map(|pid| Process::of(*pid));
    let first = processes.min_by_key(|process| (process.started, process.pid))?;
    Some(Holder { process: first, shared: pids.len() > 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;
    use std::process::{Command, Stdio};

    fn inode(socket: &UdpSocket) -> u32 {
        let path = format!("/proc/self/fd/{}", socket.as_raw_fd());
        u32::try_from(std::fs::metadata(path).unwrap().ino()).unwrap()
    }

    #[test]
    fn one_holder_is_told_from_several() {
        let alone = UdpSocket::bind("127.0.0.1:0").unwrap();
        let shared = UdpSocket::bind("127.0.0.1:0").unwrap();
        let wanted = [inode(&alone), inode(&shared), u32::MAX].into();
        let stdin = Stdio::from(std::os::fd::OwnedFd::from(shared.try_clone().unwrap()));
        let mut child = Command::new("cat").stdin(stdin).stdout(Stdio::null()).spawn().unwrap();
        let mut holders = Holders::default();
        let found = [true, false].map(|everywhere| holders.find(&wanted, std::iter::empty(), everywhere));
        child.kill().unwrap();
        child.wait().unwrap();
        for found in found {
            assert_eq!(found.len(), 2);
            let [one, two] = [&alone, &shared].map(|socket| &found[&inode(socket)]);
            assert_eq!([one.process.pid, two.process.pid], [std::process::id(); 2]);
            assert_eq!((one.shared, two.shared), (false, true));
        }
    }
}
