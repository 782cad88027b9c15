//! Giving up what is not needed any more, once everything is open: privileges, files, system calls. Says what remains.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use caps::Capability;

use super::Outcome;
use super::flags::Flags;
use crate::live::privileges::{self, Dropped, Identity};
use crate::live::sandbox::{self, Allowed, InForce, Level};
use crate::output::terminal::complain;
use crate::output::text::zone;

/// For a capture: nothing is kept, nothing can be opened but files in a folder, if there must be one.
pub fn capturing(identity: Option<Identity>, flags: &Flags, folder: Option<&Path>) -> Result<()> {
    let allowed = Allowed { folder, ..Allowed::default() };
    let dropped = all_of_it(identity, allowed, flags.sandbox, "captured", is_quiet(flags))?;
    if flags.verbose > 0 {
        tell_more(&dropped);
    }
    Ok(())
}

/// For a replay, when its files and the socket are open: nothing is kept, nothing can be opened.
pub fn sending(identity: Option<Identity>, level: Level) -> Result<()> {
    all_of_it(identity, Allowed::default(), level, "sent", false).map(|_| ())
}

/// Gives up what there is to give up, and says so unless it is to be `quiet`; `done` is what was not done yet.
fn all_of_it(
    identity: Option<Identity>,
    allowed: Allowed<'_>,
    level: Level,
    done: &'static str,
    quiet: bool,
) -> Result<Dropped> {
    let dropped = privileges::drop_to(identity).with_context(|| format!("giving up privileges; nothing was {done}"))?;
    let in_force = confine(allowed, level)?;
    if quiet {
        return Ok(dropped);
    }
    let who = dropped.identity.as_ref().map_or(String::new(), |identity| format!("as {} ", identity.name));
    complain(format_args!("running {who}from here on, without any capability or way to gain one, {in_force}"));
    tell_missing(&in_force);
    Ok(dropped)
}

/// For reading, when the first file is open: the others can still be opened. The user stays who it is, unless another was
/// named.
pub fn reading(flags: &Flags, folder: Option<&Path>) -> Result<()> {
    let files = flags.read.get(1..).unwrap_or_default();
    // Whoever may read any file, may read the others.
    let kept = (!files.is_empty()).then_some(Capability::CAP_DAC_READ_SEARCH);
    let identity = flags.user.as_deref().map_or(Ok(None), |user| privileges::choose(Some(user)));
    let dropped = identity.and_then(|identity| privileges::drop_all_but(kept, identity));
    if flags.sandbox == Level::Require {
        dropped?;
    } else if let Err(error) = dropped {
        complain(format_args!("reading with the privileges it was started with: {error}"));
    }
    let in_force = confine(Allowed { files, folder, processes: false }, flags.sandbox)?;
    if !is_quiet(flags) {
        tell_missing(&in_force);
    }
    Ok(())
}

/// The last file is open: what was kept for it goes too.
pub fn all_is_open(flags: &Flags) -> Result<()> {
    if flags.read.len() > 1 {
        privileges::drop_the_rest()?;
    }
    Ok(())
}

fn confine(allowed: Allowed<'_>, level: Level) -> Result<InForce, sandbox::Error> {
    // It is in a file.
    zone();
    sandbox::confine(allowed, level)
}

/// tcpdump says nothing of a sandbox.
fn is_quiet(flags: &Flags) -> bool {
    flags.as_tcpdump && flags.verbose == 0
}

fn tell_missing(in_force: &InForce) {
    for missing in &in_force.missing {
        complain(format_args!("the sandbox lacks {missing}"));
    }
}

fn tell_more(dropped: &Dropped) {
    let bounding = if dropped.bounding { "empty" } else { "not empty, but void, as no program can gain a capability" };
    complain(format_args!("the bounding set of capabilities is {bounding}"));
}

/// Confine this process as a capture does, and try what must not work.
#[derive(clap::Args, Debug)]
pub struct SelfTest {
    #[arg(long, default_value_t)]
    sandbox: Level,
    /// Files may be made in this folder
    #[arg(long)]
    folder: Option<PathBuf>,
}

pub fn self_test(args: &SelfTest) -> Result<Outcome> {
    privileges::drop_to(privileges::choose(None)?)?;
    let in_force = confine(Allowed { folder: args.folder.as_deref(), ..Allowed::default() }, args.sandbox)?;
    let mut text = format!("{in_force}\n");
    for (what, result) in sandbox::self_test() {
        let result = result.map_or_else(|errno| format!("{errno:?}"), |()| "works".to_owned());
        text.push_str(&format!("{what}: {result}\n"));
    }
    if let Err(unknown) = sandbox::check() {
        text.push_str(&format!("{unknown}\n"));
    }
    super::print(&text)?;
    Ok(Outcome::Success)
}
