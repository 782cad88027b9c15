//! The line of an SSH key exchange: what one side likes best of each kind.

use super::super::Page;
use crate::decode::ssh::{KeyExchange, List};

pub(super) fn key_exchange(page: &mut Page<'_>, offer: &KeyExchange<'_>) {
    let sheet = &mut *page.sheet;
    sheet.put("SSH key exchange");
    let lists = [
        (", ", List::KeyExchange),
        (", host key ", List::HostKey),
        (", cipher ", List::CipherToServer),
        (", mac ", List::MacToServer),
        (", compression ", List::CompressionToServer),
    ];
    for (name, list) in lists {
        let Some(list) = offer.list(list).filter(|list| !list.is_empty()) else { continue };
        sheet.put(name);
        if page.options.verbose > 0 {
            sheet.escaped(list);
            continue;
        }
        let mut names = list.split(|byte| *byte == b',');
        sheet.escaped(names.next().unwrap_or(&[]));
        match names.count() {
            0 => {}
            more => {
                sheet.put(" (+");
                sheet.len_of(more);
                sheet.put(")");
            }
        }
    }
}
