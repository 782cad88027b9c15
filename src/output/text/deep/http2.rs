//! Lines of HTTP/2 frames: their heads, and what settings say.

use super::super::Page;
use crate::decode::http2::{ACKNOWLEDGED, END_HEADERS, END_STREAM, Frame, HEADERS, SETTINGS};

pub(super) fn frame(page: &mut Page<'_>, frame: &Frame<'_>) {
    let sheet = &mut *page.sheet;
    sheet.put("HTTP/2 ");
    match frame.name() {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("frame ");
            sheet.dec(frame.kind);
        }
    }
    if frame.stream != 0 {
        sheet.put(", stream ");
        sheet.dec(frame.stream);
    }
    sheet.put(", length ");
    sheet.len_of(frame.length);
    match frame.kind {
        SETTINGS if frame.flags & ACKNOWLEDGED != 0 => sheet.put(", acknowledged"),
        HEADERS => {
            sheet.put(if frame.flags & END_HEADERS != 0 { ", end of headers" } else { "" });
            sheet.put(if frame.flags & END_STREAM != 0 { ", end of stream" } else { "" });
        }
        _ => {}
    }
    for (setting, value) in frame.settings() {
        sheet.put(", ");
        match setting_name(setting) {
            Some(name) => sheet.put(name),
            None => {
                sheet.put("setting ");
                sheet.dec(setting);
            }
        }
        sheet.put(" ");
        sheet.dec(value);
    }
}

/// RFC 9113, 6.5.2; RFC 8441, 3.
fn setting_name(setting: u16) -> Option<&'static str> {
    Some(match setting {
        1 => "header table",
        2 => "push",
        3 => "streams",
        4 => "window",
        5 => "frame",
        6 => "header list",
        8 => "connect",
        _ => return None,
    })
}
