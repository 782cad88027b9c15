//! The names of users.

use std::collections::HashMap;

use nix::unistd::{Uid, User};

use super::procfs::{self, Process};

/// Names of users by their numbers, as the system's databases have them.
#[derive(Debug, Default)]
pub struct Users {
    names: HashMap<u32, Option<String>>,
    sealed: bool,
}

impl Users {
    /// Looks up whoever there may be, so that later nothing needs to be opened: all of /etc/passwd, and the users of all processes.
    pub fn sealed() -> Users {
        let mut users = Users::default();
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let listed = passwd.lines().filter_map(|line| line.split(':').nth(2)?.parse().ok());
        let running = procfs::pids().into_iter().flatten().filter_map(|pid| Some(Process::of(pid)?.uid));
        for uid in listed.chain(running) {
            users.name(uid);
        }
        users.sealed = true;
        users
    }

    /// The name of a user.
    pub fn name(&mut self, uid: u32) -> Option<&str> {
        if !self.names.contains_key(&uid) && !self.sealed {
            let name = User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name);
            self.names.insert(uid, name);
        }
        self.names.get(&uid)?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_names_where_there_are_some() {
        for mut users in [Users::default(), Users::sealed()] {
            assert_eq!(users.name(0), Some("root"));
            assert_eq!(users.name(3_999_999_999), None);
        }
    }
}
