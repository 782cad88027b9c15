//! Giving up every privilege, once sockets and files are open and before the first packet is looked at.
//!
//! capabilities(7): a process keeps what it is or was given in five sets; all are emptied, the bounding set too
//! where we may, and no program executed later can gain any (`no_new_privs`).

use std::fs;

use caps::{CapSet, Capability};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd::{Gid, Uid, User, geteuid, getgroups, getresgid, getresuid, setgroups, setresgid, setresuid};

/// Why privileges could not be given up. Whoever gets one must not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no user {0} to become")]
    NoUser(String),
    #[error("{doing}: {source}")]
    Kernel { doing: &'static str, source: Errno },
    #[error("{doing}: {source}")]
    Capabilities { doing: &'static str, source: caps::errors::CapsError },
    #[error("privileges were given up, but {0} shows that they are still there")]
    Kept(String),
}

/// A user to become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    pub name: String,
    pub uid: Uid,
    pub gid: Gid,
}

/// What was given up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// The user that the process runs as from now on; none if it was no root and remains who it was.
    pub identity: Option<Identity>,
    /// Whether the bounding set is empty too; if not, `no_new_privs` alone makes it worthless.
    pub bounding: bool,
}

/// The user that root should become: the one named (`-Z`), else whoever called sudo(8), else `sabueso`, else
/// `nobody`. None if the process isn't root, and so stays what it is; also in a user namespace that has none of
/// these users, whose root is nobody outside it.
///
/// # Errors
/// If there is no such user.
pub fn choose(user: Option<&str>) -> Result<Option<Identity>, Error> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    if let Some(name) = user {
        return by_name(name)?.ok_or_else(|| Error::NoUser(name.to_owned())).map(Some);
    }
    let mut candidates = vec![sudo_caller()];
    for name in ["sabueso", "nobody"] {
        candidates.push(by_name(name)?);
    }
    let mut candidates = candidates.into_iter().flatten().peekable();
    if candidates.peek().is_none() {
        return Err(Error::NoUser("nobody".to_owned()));
    }
    Ok(candidates.find(exists_here))
}

/// Whether a user and its group are mapped in this user namespace (user_namespaces(7)), and groups may be left.
fn exists_here(identity: &Identity) -> bool {
    let read = |map: &str| fs::read_to_string(format!("/proc/self/{map}"));
    let mapped = |map: &str, id: u32| read(map).map_or(true, |text| text.lines().any(|line| maps(line, id)));
    let groups = read("setgroups").map_or(true, |text| text.trim() == "allow");
    groups && mapped("uid_map", identity.uid.as_raw()) && mapped("gid_map", identity.gid.as_raw())
}

/// Whether a line of a map (first id inside, first id outside, how many) has an id of this namespace.
fn maps(line: &str, id: u32) -> bool {
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    matches!(*numbers, [first, _, count] if (first..first.saturating_add(count)).contains(&id.into()))
}

fn by_name(name: &str) -> Result<Option<Identity>, Error> {
    let user = User::from_name(name).map_err(|source| Error::Kernel { doing: "looking up a user", source })?;
    Ok(user.map(|user| Identity { name: user.name, uid: user.uid, gid: user.gid }))
}

/// Who called sudo, unless that was root.
fn sudo_caller() -> Option<Identity> {
    let number = |name| std::env::var(name).ok()?.parse::<u32>().ok();
    let uid = Uid::from_raw(number("SUDO_UID")?);
    let gid = Gid::from_raw(number("SUDO_GID")?);
    let name = std::env::var("SUDO_USER").unwrap_or_else(|_| uid.to_string());
    (!uid.is_root() && gid.as_raw() != 0).then_some(Identity { name, uid, gid })
}

/// Becomes the user (if any, and another one), gives up every capability, and looks whether that is so for every
/// thread. Must be called before other threads are started: a thread gives up its own capabilities alone.
///
/// # Errors
/// If something could not be given up; some may be gone then and some not.
pub fn drop_to(identity: Option<Identity>) -> Result<Dropped, Error> {
    let held = caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP);
    let bounding = held.map_err(capabilities("looking at the capabilities"))?;
    if bounding {
        caps::clear(None, CapSet::Bounding).map_err(capabilities("emptying the bounding set"))?;
    }
    if let Some(to) = identity.as_ref().filter(|to| to.uid != geteuid()) {
        let failed = |doing| move |source| Error::Kernel { doing, source };
        setgroups(&[]).map_err(failed("leaving all groups"))?;
        setresgid(to.gid, to.gid, to.gid).map_err(failed("changing the group"))?;
        setresuid(to.uid, to.uid, to.uid).map_err(failed("changing the user"))?;
    }
    for set in [CapSet::Ambient, CapSet::Effective, CapSet::Inheritable, CapSet::Permitted] {
        caps::clear(None, set).map_err(capabilities("giving up capabilities"))?;
    }
    prctl::set_no_new_privs().map_err(|source| Error::Kernel { doing: "forbidding new privileges", source })?;
    check(identity.as_ref())?;
    Ok(Dropped { identity, bounding })
}

fn capabilities(doing: &'static str) -> impl Fn(caps::errors::CapsError) -> Error {
    move |source| Error::Capabilities { doing, source }
}

/// Looks at the process as the kernel describes it.
fn check(identity: Option<&Identity>) -> Result<(), Error> {
    let failed = |doing| move |source| Error::Kernel { doing, source };
    if let Some(to) = identity.filter(|to| !to.uid.is_root()) {
        let users = getresuid().map_err(failed("asking for the user"))?;
        let groups = getresgid().map_err(failed("asking for the group"))?;
        let others = getgroups().map_err(failed("asking for the groups"))?;
        if [users.real, users.effective, users.saved] != [to.uid; 3] {
            return Err(Error::Kept("the user".to_owned()));
        }
        if [groups.real, groups.effective, groups.saved] != [to.gid; 3] || others.iter().any(|g| *g != to.gid) {
            return Err(Error::Kept("the group".to_owned()));
        }
    }
    let doing = "looking at the threads";
    let unread = |e: std::io::Error| Error::Kernel { doing, source: Errno::from_raw(e.raw_os_error().unwrap_or(0)) };
    for thread in fs::read_dir("/proc/self/task").map_err(unread)? {
        let status = thread.map_err(unread)?.path().join("status");
        let text = fs::read_to_string(&status).map_err(unread)?;
        if let Some(line) = text.lines().find(|line| is_privilege(line)) {
            return Err(Error::Kept(format!("{line} of {}", status.display())));
        }
    }
    Ok(())
}

/// Whether a line of /proc/PID/status (proc(5)) tells of a privilege.
fn is_privilege(line: &str) -> bool {
    let Some((name, value)) = line.split_once(':') else { return false };
    match name {
        "CapInh" | "CapPrm" | "CapEff" | "CapAmb" => value.trim().bytes().any(|digit| digit != b'0'),
        "NoNewPrivs" => value.trim() != "1",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_outside_a_namespace_are_told_from_those_inside() {
        assert!(maps("         0          0 4294967295", 65534));
        assert!(!maps("         0       1000          1", 65534));
        assert!(maps("         0       1000          1", 0));
        assert!(!maps("", 0));
    }

    #[test]
    fn a_capability_left_over_is_noticed() {
        for (line, privilege) in [
            ("CapPrm:\t0000000000000000", false),
            ("CapPrm:\t0000000000002000", true),
            ("CapAmb:\t0000000000000001", true),
            ("CapBnd:\t000001ffffffffff", false),
            ("NoNewPrivs:\t1", false),
            ("NoNewPrivs:\t0", true),
        ] {
            assert_eq!(is_privilege(line), privilege, "{line}");
        }
    }
}
