//! Giving up every privilege, once sockets and files are open and before the first packet is looked at.
//!
//! capabilities(7): a process keeps what it is or was given in five sets; all are emptied, the bounding set too
//! where we may, and no program executed later can gain any (`no_new_privs`).

use std::fmt;
use std::fs;
use std::ops::BitOr;
use std::str::FromStr;

use caps::{CapSet, Capability, CapsHashSet};
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

/// As a helper is told: `UID:GID:NAME`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.uid, self.gid, self.name)
    }
}

impl FromStr for Identity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.splitn(3, ':');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        match (number(), number(), parts.next()) {
            (Some(uid), Some(gid), Some(name)) => {
                Ok(Identity { name: name.to_owned(), uid: Uid::from_raw(uid), gid: Gid::from_raw(gid) })
            }
            _ => Err(Error::NoUser(text.to_owned())),
        }
    }
}

/// What was given up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// The user that the process runs as from now on; none if it was no root and remains who it was.
    pub identity: Option<Identity>,
    /// Whether the bounding set is empty too; if not, `no_new_privs` alone makes it worthless.
    pub bounding: bool,
}

/// The user that a command runs as that the user types: the one told of, else whoever called sudo(8); none is who this is.
///
/// # Errors
/// As [`choose`].
pub fn caller(user: Option<&str>) -> Result<Option<Identity>, Error> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    if user.is_some() { choose(user) } else { Ok(sudo_caller().filter(exists_here)) }
}

/// The user that a command of the user's own (`-z`) runs as: whoever called sudo(8), else as [`choose`] has it, but never
/// root, as long as there is anybody else.
///
/// # Errors
/// As [`choose`].
pub fn invoker(user: Option<&str>) -> Result<Option<Identity>, Error> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    if let Some(caller) = sudo_caller().filter(exists_here) {
        return Ok(Some(caller));
    }
    let chosen = choose(user)?;
    if chosen.as_ref().is_some_and(|identity| identity.uid.is_root()) { choose(None) } else { Ok(chosen) }
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
    drop_all_but(None, identity)
}

/// As [`drop_to`], but some capabilities are kept, where they are held.
///
/// # Errors
/// As [`drop_to`].
pub fn drop_all_but(kept: impl IntoIterator<Item = Capability>, identity: Option<Identity>) -> Result<Dropped, Error> {
    let failed = |doing| move |source| Error::Kernel { doing, source };
    let looking = "looking at the capabilities";
    let held = caps::read(None, CapSet::Permitted).map_err(capabilities(looking))?;
    let kept: CapsHashSet = kept.into_iter().filter(|capability| held.contains(capability)).collect();
    let bounding = caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP).map_err(capabilities(looking))?;
    if bounding {
        caps::clear(None, CapSet::Bounding).map_err(capabilities("emptying the bounding set"))?;
    }
    if let Some(to) = identity.as_ref().filter(|to| to.uid != geteuid()) {
        prctl::set_keepcaps(!kept.is_empty()).map_err(failed("keeping a capability"))?;
        setgroups(&[]).map_err(failed("leaving all groups"))?;
        setresgid(to.gid, to.gid, to.gid).map_err(failed("changing the group"))?;
        setresuid(to.uid, to.uid, to.uid).map_err(failed("changing the user"))?;
        prctl::set_keepcaps(false).map_err(failed("keeping a capability"))?;
    }
    for set in [CapSet::Ambient, CapSet::Effective, CapSet::Inheritable] {
        caps::clear(None, set).map_err(capabilities("giving up capabilities"))?;
    }
    for set in [CapSet::Permitted, CapSet::Effective] {
        caps::set(None, set, &kept).map_err(capabilities("giving up capabilities"))?;
    }
    prctl::set_no_new_privs().map_err(failed("forbidding new privileges"))?;
    check(identity.as_ref(), kept.iter().map(Capability::bitmask).fold(0, BitOr::bitor))?;
    Ok(Dropped { identity, bounding })
}

/// Gives up the capability that [`drop_all_but`] kept.
///
/// # Errors
/// Those of the kernel.
pub fn drop_the_rest() -> Result<(), Error> {
    for set in [CapSet::Effective, CapSet::Permitted] {
        caps::clear(None, set).map_err(capabilities("giving up the last capability"))?;
    }
    Ok(())
}

fn capabilities(doing: &'static str) -> impl Fn(caps::errors::CapsError) -> Error {
    move |source| Error::Capabilities { doing, source }
}

/// Looks at the process as the kernel describes it; the capabilities of a mask may be there.
fn check(identity: Option<&Identity>, kept: u64) -> Result<(), Error> {
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
        if let Some(line) = text.lines().find(|line| is_privilege(line, kept)) {
            return Err(Error::Kept(format!("{line} of {}", status.display())));
        }
    }
    Ok(())
}

/// Whether a line of /proc/PID/status (proc(5)) tells of a privilege that is not kept.
fn is_privilege(line: &str, kept: u64) -> bool {
    let Some((name, value)) = line.split_once(':') else { return false };
    match name {
        "CapInh" | "CapPrm" | "CapEff" | "CapAmb" => {
            u64::from_str_radix(value.trim(), 16).map_or(true, |set| set & !kept != 0)
        }
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
            ("CapPrm:\t0000000000200000", false),
            ("CapEff:\t0000000000202000", true),
            ("CapEff:\tnonsense", true),
            ("CapAmb:\t0000000000000001", true),
            ("CapBnd:\t000001ffffffffff", false),
            ("NoNewPrivs:\t1", false),
            ("NoNewPrivs:\t0", true),
        ] {
            assert_eq!(is_privilege(line, 1 << 21), privilege, "{line}");
        }
    }
}
