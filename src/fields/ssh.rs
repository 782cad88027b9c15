//! The field of SSH.

use super::{Value, Visitor};

fields! { ssh, "ssh", Plain, "Secure shell (RFC 4253)";
    BANNER "banner" Text "The line that a side begins with" ["ssh.protocol" "ssh.client" ""];
}

pub(super) fn visit<'a>(banner: &'a [u8], out: &mut impl Visitor<'a>) {
    out.put(&BANNER, Value::Text(banner));
}
