//! What becomes of calls that a capture has no need of, tried from within.

use std::fs::{self, OpenOptions};
use std::io;
use std::net::TcpStream;
use std::process::Command;
use std::thread;

use libc::c_long;
use nix::errno::Errno;

use super::super::sys;

/// Calls that must fail with EPERM; without a sandbox their arguments make them fail otherwise.
const REFUSED: &[(&str, c_long)] = &[
    ("execve", libc::SYS_execve),
    ("execveat", libc::SYS_execveat),
    ("ptrace", libc::SYS_ptrace),
    ("process_vm_readv", libc::SYS_process_vm_readv),
    ("kill", libc::SYS_kill),
    ("socket", libc::SYS_socket),
    ("connect", libc::SYS_connect),
    ("mount", libc::SYS_mount),
    ("unshare", libc::SYS_unshare),
    ("setns", libc::SYS_setns),
    ("chroot", libc::SYS_chroot),
    ("setuid", libc::SYS_setuid),
    ("capset", libc::SYS_capset),
    ("openat2", libc::SYS_openat2),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ("bpf", libc::SYS_bpf),
    ("io_uring_setup", libc::SYS_io_uring_setup),
    ("init_module", libc::SYS_init_module),
    ("seccomp", libc::SYS_seccomp),
];

/// A call that the sandbox has never heard of.
const UNKNOWN: (&str, c_long) = ("swapon", libc::SYS_swapon);

/// Tries what no capture needs, and tells what came of each. Where the sandbox is whole, all give EPERM (opening a file
/// EACCES, if there is a folder where files may be made), the last ENOSYS.
pub fn self_test() -> Vec<(&'static str, Result<(), Errno>)> {
    let attempt = |(name, call): &(&'static str, c_long)| (*name, sys::attempt(*call));
    let mut tried: Vec<_> = REFUSED.iter().map(attempt).collect();
    let read = || outcome(fs::File::open("/etc/passwd"));
    tried.push(("a file to read", read()));
    tried.push(("a file to read, in a thread", thread::spawn(read).join().unwrap_or(Err(Errno::UnknownErrno))));
    tried.push(("a file to write", outcome(OpenOptions::new().write(true).open("/dev/null"))));
    tried.push(("a folder", outcome(fs::read_dir("/"))));
    tried.push(("a program", outcome(Command::new("/bin/true").status())));
    tried.push(("a connection", outcome(TcpStream::connect("127.0.0.1:9"))));
    tried.push(attempt(&UNKNOWN));
    tried
}

fn outcome<T>(result: io::Result<T>) -> Result<(), Errno> {
    result.map(drop).map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(0)))
}
