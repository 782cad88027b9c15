//! The vocabulary as a list: for `--fields help`, and as the tables of `docs/fields.md`.

use super::{PROTOCOLS, names};

/// A line for each field: its name, kind and meaning.
pub fn plain() -> String {
    let mut text = String::new();
    for protocol in PROTOCOLS {
        text.push_str(&format!("{}: {}\n", protocol.name, protocol.title));
        for field in protocol.fields {
            text.push_str(&format!("  {:<30} {:<8} {}\n", field.name, field.kind.name(), field.doc));
        }
    }
    text.push_str("Several fields at once:\n");
    for (name, fields) in names::together() {
        text.push_str(&format!("  {name:<30} {}\n", fields.join(", ")));
    }
    text
}

/// The tables of `docs/fields.md`.
pub fn markdown() -> String {
    let mut text = String::new();
    for protocol in PROTOCOLS {
        text.push_str(&format!("\n### `{}`: {}\n\n", protocol.name, protocol.title));
        text.push_str("| name | kind | what it is | tshark | Zeek | EVE |\n|---|---|---|---|---|---|\n");
        for field in protocol.fields {
            let [tshark, zeek, eve] = field.others.map(|name| match name {
                "" => String::new(),
                name => format!("`{name}`"),
            });
            let (name, kind, doc) = (field.name, field.kind.name(), field.doc);
            text.push_str(&format!("| `{name}` | {kind} | {doc} | {tshark} | {zeek} | {eve} |\n"));
        }
    }
    text.push_str("\n### Several fields at once\n\n| name | fields |\n|---|---|\n");
    for (name, fields) in names::together() {
        let fields: Vec<_> = fields.iter().map(|field| format!("`{field}`")).collect();
        text.push_str(&format!("| `{name}` | {} |\n", fields.join(", ")));
    }
    text
}
