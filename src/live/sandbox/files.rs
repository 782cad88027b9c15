//! Files that may be opened: Landlock. Where the kernel knows of them, TCP ports, signals to others and abstract
//! sockets are closed with it.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};

use super::Allowed;

/// Restricts this thread and those that it starts.
pub(super) fn restrict(allowed: Allowed<'_>) -> Result<(), String> {
    match enforce(allowed) {
        Ok(RulesetStatus::NotEnforced) => Err("the kernel has it not, or not enabled: Linux 5.13".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn enforce(allowed: Allowed<'_>) -> Result<RulesetStatus, RulesetError> {
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V4))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?;
    let writing = make_bitflags!(AccessFs::{WriteFile | MakeReg | RemoveFile | Truncate});
    let reading = allowed.files.iter().map(|file| (file.as_path(), AccessFs::ReadFile.into()));
    let rules = reading.chain(allowed.folder.map(|folder| (folder, writing)));
    for (path, access) in rules {
        // Where there can't be a rule, as for a file that is not there, opening it tells. A pipe by its /dev/fd name
        // can't have one, and needs none.
        if let Ok(place) = PathFd::new(path) {
            let _ = (&mut ruleset).add_rule(PathBeneath::new(place, access));
        }
    }
    let status = ruleset.restrict_self()?;
    Ok(match status.landlock {
        LandlockStatus::Available { .. } => status.ruleset,
        _ => RulesetStatus::NotEnforced,
    })
}
