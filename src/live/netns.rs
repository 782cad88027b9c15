//! Another network namespace than the one this was started in: that of a container, or one with a name.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getegid, geteuid};

use super::Error;
use crate::process::netlink::Socket;

/// Where ip-netns(8) keeps those with names.
const NAMED: &str = "/run/netns";

/// Has this thread, and those it starts from here on, use the interfaces of another network namespace: one with a
/// name (ip-netns(8)), that of a process by its number, or that of a file such as `/proc/1/ns/net`. Needs
/// CAP_SYS_ADMIN.
///
/// # Errors
/// If there is no such namespace, or the kernel or its rules are against it.
pub fn enter(namespace: &str) -> Result<(), Error> {
    let path = path(namespace);
    let doing = "entering the network namespace";
    let file = File::open(&path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => Error::NoNamespace { namespace: namespace.to_owned(), path: path.clone() },
        _ => super::denied("CAP_SYS_ADMIN", doing, namespace)(super::errno(&source)),
    })?;
    setns(file, CloneFlags::CLONE_NEWNET).map_err(super::denied("CAP_SYS_ADMIN", doing, namespace))
}

/// Has this process and those that it starts have a network namespace of their own, with nothing but loopback, which is up. Needs
/// CAP_SYS_ADMIN, or that users may have namespaces: then it is in one of users too, as who it was.
///
/// # Errors
/// If the kernel or its rules are against it.
pub fn isolate() -> Result<(), Error> {
    let doing = "making a network namespace";
    let fails = || super::denied("CAP_SYS_ADMIN", doing, "--isolate");
    if geteuid().is_root() {
        unshare(CloneFlags::CLONE_NEWNET).map_err(fails())?;
    } else {
        let (uid, gid) = (geteuid(), getegid());
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).map_err(fails())?;
        let maps = [
            ("setgroups", "deny".to_owned()),
            ("uid_map", format!("{uid} {uid} 1")),
            ("gid_map", format!("{gid} {gid} 1")),
        ];
        for (name, text) in maps {
            let written = std::fs::write(Path::new("/proc/self").join(name), text);
            written.map_err(|error| fails()(super::errno(&error)))?;
        }
    }
    raise_loopback().map_err(fails())
}

/// Has the first interface of a new namespace be up (rtnetlink(7)).
fn raise_loopback() -> nix::Result<()> {
    const LOOPBACK: i32 = 1;
    let up = libc::IFF_UP.to_ne_bytes();
    // A `struct ifinfomsg`: no family, no type, the index, the flags and which of them are to change.
    let body = [&[0; 4][..], &LOOPBACK.to_ne_bytes(), &up, &up].concat();
    let mut socket = Socket::open(libc::NETLINK_ROUTE, 0)?;
    socket.carry_out(libc::RTM_NEWLINK, &body)
}

fn path(namespace: &str) -> PathBuf {
    if namespace.contains('/') {
        PathBuf::from(namespace)
    } else if namespace.bytes().all(|byte| byte.is_ascii_digit()) {
        Path::new("/proc").join(namespace).join("ns/net")
    } else {
        Path::new(NAMED).join(namespace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_files_are_told_apart() {
        assert_eq!(path("blue"), Path::new("/run/netns/blue"));
        assert_eq!(path("17"), Path::new("/proc/17/ns/net"));
        assert_eq!(path("17a"), Path::new("/run/netns/17a"));
        assert_eq!(path("/proc/self/ns/net"), Path::new("/proc/self/ns/net"));
        assert!(matches!(enter("no-such-one"), Err(Error::NoNamespace { .. })));
    }
}
