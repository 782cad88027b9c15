//! Whose a packet is, behind its line.

use super::Sheet;
use crate::owner::{Certainty, View};

/// Prints an owner: ` [process curl 4711, user ana, container docker:0123456789ab]`.
pub(super) fn print(sheet: &mut Sheet, owner: &View<'_>) {
    sheet.put(" [process ");
    match owner.pid {
        0 => sheet.put("unknown"),
        pid => {
            if let Some(name) = owner.name {
                sheet.escaped(name);
                sheet.put(" ");
            }
            sheet.dec(pid);
            if owner.certainty == Some(Certainty::Inferred) {
                sheet.put(" (inferred)");
            }
        }
    }
    match (owner.user, owner.uid) {
        (Some(user), _) => {
            sheet.put(", user ");
            sheet.escaped(user);
        }
        (None, Some(uid)) => {
            sheet.put(", user ");
            sheet.dec(uid);
        }
        (None, None) => {}
    }
    if let Some(container) = owner.container {
        sheet.put(", container ");
        sheet.escaped(container);
    }
    if let Some(elsewhere) = owner.elsewhere {
        sheet.put(", the port's listener is ");
        sheet.escaped(elsewhere);
    }
    sheet.put("]");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_told() {
        let known = View {
            pid: 4711,
            name: Some(b"x\x1b[31m"),
            user: Some(b"ana"),
            uid: Some(1000),
            certainty: Some(Certainty::Inferred),
            ..View::default()
        };
        let others = View { name: None, user: None, certainty: None, container: Some(b"lxc:web"), ..known };
        for (owner, text) in [
            (known, r" [process x\u{1b}[31m 4711 (inferred), user ana]"),
            (others, " [process 4711, user 1000, container lxc:web]"),
            (View { certainty: Some(Certainty::Unknown), ..View::default() }, " [process unknown]"),
        ] {
            let mut sheet = Sheet::new();
            print(&mut sheet, &owner);
            assert_eq!(String::from_utf8_lossy(sheet.as_bytes()), text);
        }
    }
}
