//! Another network namespace than the one this was started in: that of a container, or one with a name.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, setns};

use super::Error;

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
