//! Which process a packet is of, in a live capture: when that is asked for, and what is said about it.

use anyhow::{Context, Result, bail};

use super::flags::Flags;
use crate::attribution::Attribution;
use crate::fields::PROCESS;
use crate::filter;
use crate::helper::{Asker, OURSELVES};
use crate::live::privileges::Identity;
use crate::output::columns;
use crate::output::terminal::complain;

/// Whether the flags ask for processes: by name, or by a filter, condition or field that tells of them.
pub fn are_asked_for(flags: &Flags) -> Result<bool> {
    let filters = [flags.expression()?, flags.stop_when.clone(), flags.recording.trigger.clone()];
    let columns = match &flags.fields {
        Some(list) => columns::Writer::new(list, flags.separator)?.has_layers(PROCESS),
        None => false,
    };
    Ok(flags.listen.processes
        || columns
        || filters.iter().flatten().any(|filter| filter::asks_for_processes(filter))
        || super::filter::condition(flags)?.is_some_and(|condition| condition.has_layers(PROCESS)))
}

/// Refuses what can't be done with processes.
pub fn check(flags: &Flags) -> Result<()> {
    if flags.listen.processes && flags.write.is_some() && !flags.saves_pcapng() && !flags.print {
        bail!("--processes: a pcap file has no place for them: write pcapng, or --print them");
    }
    if flags.listen.worker_files && are_asked_for(flags)? {
        bail!("--worker-files: each thread writes what it receives, and knows of no processes");
    }
    Ok(())
}

/// Starts the process that finds owners, if they are asked for: before anything is given up.
pub fn start(flags: &Flags, identity: Option<&Identity>) -> Result<Option<Attribution>> {
    if !are_asked_for(flags)? {
        return Ok(None);
    }
    let asker = asker(flags, identity)?;
    let others = flags.command.as_ref().filter(|command| !command.is_alone);
    if let Some(command) = others {
        asker.name_tree(command.launcher.tree)?;
    }
    Ok(Some(Attribution::new(asker, others.is_some())))
}

/// Our end of it; what it will not see is said.
pub fn asker(flags: &Flags, identity: Option<&Identity>) -> Result<Asker> {
    let started = Asker::start(OURSELVES.as_ref(), identity, flags.sandbox);
    let (asker, missing) = started.context("the process that finds out whose packets are can't be started")?;
    for missing in missing {
        complain(missing);
    }
    Ok(asker)
}
