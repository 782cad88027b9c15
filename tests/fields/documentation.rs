//! `docs/fields.md` tells what the source does. With `GOLDEN=write` in the environment its tables are made anew.

use std::collections::BTreeSet;
use std::{env, fs};

use sabueso::fields::{self, PROTOCOLS};

#[test]
fn the_tables_are_those_of_the_source() {
    const MARK: &str = "cargo test --test fields -->\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fields.md");
    let text = fs::read_to_string(path).unwrap();
    let (before, tables) = text.split_once(MARK).unwrap();
    let made = fields::markdown();
    if env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        fs::write(path, format!("{before}{MARK}{made}")).unwrap();
    } else {
        assert!(tables == made, "docs/fields.md is not what the source says: GOLDEN=write cargo test --test fields");
    }
}

#[test]
fn names_differ_and_none_is_another_with_more_behind_it() {
    let names: Vec<_> = fields::all().map(|field| field.name).collect();
    let different: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(names.len(), different.len());
    for name in &names {
        // Else one place in the JSON would be a value and an object.
        let prefix = names.iter().find(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        assert_eq!(prefix, None, "{name}");
    }
}

#[test]
fn a_protocol_has_no_more_fields_than_a_set_of_them_holds() {
    assert!(PROTOCOLS.len() <= 128);
    for protocol in PROTOCOLS {
        assert!(protocol.fields.len() <= 64, "{}", protocol.name);
        assert!(protocol.fields.iter().all(|field| field.protocol() == *protocol));
    }
}
