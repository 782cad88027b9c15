//! Names in place of numbers, and who is asked for those of hosts.

use anyhow::Result;

use super::flags::Flags;
use super::listen;
use crate::helper::{OURSELVES, Resolver};
use crate::live::interfaces;
use crate::live::privileges::{self, Identity};
use crate::names::system::{Hosts, Names};
use crate::output::terminal::complain;

/// The names to show. Hosts are asked for by a process of its own, as the user named or else as [`privileges::choose`] has
/// it; where none can be started, they stay numbers.
pub fn names(flags: &Flags, owner: Option<&Identity>) -> Result<Names> {
    let chosen = if owner.is_none() { privileges::choose(flags.user.as_deref())? } else { None };
    let hosts = Resolver::start(OURSELVES.as_ref(), owner.or(chosen.as_ref()));
    let hosts = hosts.inspect_err(|error| complain(format_args!("hosts are shown as numbers: {error}")));
    let near = if flags.rare.only_near { Some(interfaces::networks(&listen::names(flags)?)?) } else { None };
    let mut names = Names::of_system();
    names.hosts = hosts.ok().map(|hosts| Box::new(hosts) as Box<dyn Hosts>);
    names.near = near;
    names.without_domain = flags.no_domain;
    Ok(names)
}
