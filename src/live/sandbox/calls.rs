//! System calls that are allowed, refused and unknown: seccomp, in filters of which the strictest answer counts. The
//! first traps what no list names, the others refuse.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::{self, MaskedEq, Ne};
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
    apply_filter_all_threads,
};

use super::super::sys;
use super::Allowed;
use super::lists::{
    ABSENT, ALLOWED, ALLOWED_OF_OLD, LOOKING, LOOKING_OF_OLD, NAMING, NAMING_OF_OLD, REFUSED, REFUSED_OF_OLD,
};

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Restricts every thread of this process, and those to come.
pub(super) fn restrict(allowed: Allowed<'_>) -> Result<(), String> {
    if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        return Err("there are no lists for this machine".to_owned());
    }
    let trap = sys::trap_calls().map_err(|error| error.to_string());
    trap.and_then(|()| apply(allowed).map_err(|error| error.to_string()))
}

fn apply(allowed: Allowed<'_>) -> Result<(), Error> {
    let refused = refused(allowed)?;
    let known = program(listed(&refused), SeccompAction::Trap, SeccompAction::Allow)?;
    let absent = ABSENT.iter().map(|call| (*call, Vec::new())).collect();
    let absent = program(absent, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS.cast_unsigned()))?;
    let refused = program(refused, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM.cast_unsigned()))?;
    // In this order: the last forbids to add another.
    [known, absent, refused].iter().try_for_each(|program| apply_filter_all_threads(program))
}

fn program(rules: Rules, otherwise: SeccompAction, matching: SeccompAction) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(rules, otherwise, matching, TargetArch::try_from(std::env::consts::ARCH)?)?.try_into()
}

/// Every call that a list names, whatever becomes of it.
fn listed(refused: &Rules) -> Rules {
    let whole = [ALLOWED, ALLOWED_OF_OLD, ABSENT, &[libc::SYS_openat, libc::SYS_capset]];
    let at_times = [NAMING, NAMING_OF_OLD, LOOKING, LOOKING_OF_OLD];
    whole.into_iter().chain(at_times).flatten().chain(refused.keys()).map(|call| (*call, Vec::new())).collect()
}

/// What is refused: calls as a whole, and calls with certain arguments.
fn refused(allowed: Allowed<'_>) -> Result<Rules, BackendError> {
    let mut whole = [REFUSED, REFUSED_OF_OLD].concat();
    if allowed.folder.is_none() {
        whole.extend([NAMING, NAMING_OF_OLD].concat());
    }
    if !allowed.processes {
        whole.extend([LOOKING, LOOKING_OF_OLD].concat());
    }
    if allowed.files.is_empty() {
        // To read files, a capability may be kept until all are open.
        whole.push(libc::SYS_capset);
    }
    let mut rules: Rules = whole.into_iter().map(|call| (call, Vec::new())).collect();

    const FLAGS: u8 = 2;
    let writes = [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC, libc::O_APPEND];
    match allowed {
        Allowed { folder: Some(_), .. } => {}
        Allowed { files: [], processes: false, .. } => drop(rules.insert(libc::SYS_openat, Vec::new())),
        _ => drop(rules.insert(libc::SYS_openat, any(writes.map(|flag| has(FLAGS, flag)))?)),
    }
    // Memory that is executed.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, any([has(2, libc::PROT_EXEC)])?);
    }
    // A process of its own, not a thread.
    let thread = (0, MaskedEq(number(libc::CLONE_THREAD)), 0);
    rules.insert(libc::SYS_clone, any([thread])?);
    // Signals to others; to end in abort(3) is allowed.
    let ourselves = (0, Ne, std::process::id().into());
    rules.insert(libc::SYS_tgkill, any([ourselves])?);
    // Nothing but whether it is a terminal and how large, whether a socket waits, and the state of an interface; nothing but the name of a thread or
    // of its memory.
    rules.insert(libc::SYS_ioctl, none(1, [libc::TIOCGWINSZ, libc::TCGETS, libc::FIONBIO, libc::SIOCGIFFLAGS])?);
    let names = [libc::PR_SET_NAME, libc::PR_SET_VMA].map(number);
    rules.insert(libc::SYS_prctl, none(0, names)?);
    Ok(rules)
}

/// A constant that libc has as an `int`, as a call takes it.
fn number(constant: libc::c_int) -> u64 {
    constant.cast_unsigned().into()
}

type Test = (u8, SeccompCmpOp, u64);

/// Whether an argument has a bit.
fn has(argument: u8, bit: libc::c_int) -> Test {
    (argument, MaskedEq(number(bit)), number(bit))
}

fn condition((argument, operator, value): Test) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Dword, operator, value)
}

/// Rules of which one must hold.
fn any<const N: usize>(tests: [Test; N]) -> Result<Vec<SeccompRule>, BackendError> {
    tests.into_iter().map(|test| SeccompRule::new(vec![condition(test)?])).collect()
}

/// A rule that holds where an argument is none of these values.
fn none<const N: usize>(argument: u8, others: [u64; N]) -> Result<Vec<SeccompRule>, BackendError> {
    let tests: Result<Vec<_>, _> = others.into_iter().map(|value| condition((argument, Ne, value))).collect();
    Ok(vec![SeccompRule::new(tests?)?])
}
