//! Processes as /proc shows them (proc(5)): who they are, and which sockets they hold.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

use super::container;

/// A process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Process {
    pub pid: u32,
    pub parent: u32,
    /// Its name: at most 15 bytes of its choice.
    pub name: Vec<u8>,
    /// Whose it is (the effective user).
    pub uid: u32,
    /// When it was started, in clock ticks since the machine was.
    pub started: u64,
}

impl Process {
    /// The process of a number, if there is one.
    pub fn of(pid: u32) -> Option<Process> {
        let folder = format!("/proc/{pid}");
        let stat = fs::read(format!("{folder}/stat")).ok()?;
        let (name, parent, started) = parse_stat(&stat)?;
        let uid = fs::metadata(folder).ok()?.uid();
        Some(Process { pid, parent, name: name.to_vec(), uid, started })
    }
}

/// The name, the parent and the time of start in a `/proc/PID/stat`. The name may hold anything, brackets too.
fn parse_stat(stat: &[u8]) -> Option<(&[u8], u32, u64)> {
    /// Places of fields behind the name; the manual counts from 1 with two before them.
    const PARENT: usize = 1;
    const STARTED: usize = 19;
    let open = stat.iter().position(|byte| *byte == b'(')?;
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let name = stat.get(open.saturating_add(1)..close)?;
    let rest = std::str::from_utf8(stat.get(close.saturating_add(1)..)?).ok()?;
    let field = |place| rest.split_whitespace().nth(place);
    Some((name, field(PARENT)?.parse().ok()?, field(STARTED)?.parse().ok()?))
}

/// The words of the command that a process runs; empty for one of the kernel's.
pub fn command_line(pid: u32) -> Vec<Vec<u8>> {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = words.strip_suffix(b"\0").unwrap_or(&words);
    if words.is_empty() { Vec::new() } else { words.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect() }
}

/// The container or unit that a process is in.
pub fn container(pid: u32) -> Option<String> {
    container::of(&fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?)
}

/// The numbers of all processes.
///
/// # Errors
/// Where /proc is not there.
pub fn pids() -> io::Result<impl Iterator<Item = u32>> {
    Ok(fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()))
}

/// The children that the first threads of a process have, where the kernel tells them.
pub fn children(pid: u32) -> Vec<u32> {
    /// Threads that are asked.
    const THREADS: usize = 64;
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten().take(THREADS);
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}

/// The inodes of the sockets that a process holds.
///
/// # Errors
/// If it is not for us to see, or has ended.
pub fn sockets(pid: u32) -> io::Result<impl Iterator<Item = u32>> {
    let files = fs::read_dir(format!("/proc/{pid}/fd"))?;
    Ok(files.filter_map(|file| socket(fs::read_link(file.ok()?.path()).ok()?.as_os_str().as_bytes())))
}

/// The inode in `socket:[12345]`.
fn socket(link: &[u8]) -> Option<u32> {
    let inode = link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(inode).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_anything() {
        let stat = b"7 (a) S 1 (\n)) R 42 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 991 0 0\n";
        assert_eq!(parse_stat(stat), Some((&b"a) S 1 (\n)"[..], 42, 991)));
        for len in 0..stat.len() - 8 {
            assert_eq!(parse_stat(&stat[..len]), None, "{len}");
        }
        assert_eq!(parse_stat(b") ("), None);
    }

    #[test]
    fn this_process_and_its_socket_are_there() {
        let ours = Process::of(std::process::id()).unwrap();
        assert_eq!((ours.parent, ours.uid), (std::os::unix::process::parent_id(), nix::unistd::geteuid().as_raw()));
        let bound = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let inode = fs::metadata(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&bound))).unwrap().ino();
        assert!(sockets(ours.pid).unwrap().any(|one| u64::from(one) == inode));
        assert!(pids().unwrap().any(|pid| pid == ours.pid));
        assert_eq!(command_line(ours.pid)[0], std::env::args_os().next().unwrap().as_bytes());
    }

    #[test]
    fn only_sockets_are_sockets() {
        assert_eq!(socket(b"socket:[4026]"), Some(4026));
        for link in [&b"pipe:[4026]"[..], b"socket:[x]", b"socket:[4026", b"/tmp/socket:[1]"] {
            assert_eq!(socket(link), None);
        }
    }
}
