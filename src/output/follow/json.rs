//! What the programs at both ends of a conversation read as lines of JSON. `docs/follow.md` describes the form.

use super::{Place, address};
use crate::flow::Endpoint;
use crate::frame::Timestamp;
use crate::output::Sheet;
use crate::output::values::moment;
use crate::streams::End;
use crate::streams::conversations::{Conversation, Side, Transport};
use crate::streams::half::Part;

/// The version of the form: it changes where a name or a type does, not where one is added.
pub const SCHEMA: u32 = 1;

/// What is next in a stream: a line.
pub fn sent(sheet: &mut Sheet, place: &Place<'_>, part: Part<'_>) {
    from(sheet, place);
    match part {
        Part::Bytes(bytes) => {
            sheet.put(",\"length\":");
            sheet.len_of(bytes.len());
            if std::str::from_utf8(bytes).is_ok() {
                sheet.put(",\"text\":");
                sheet.json_text(bytes);
            } else {
                sheet.put(",\"base64\":\"");
                sheet.base64(bytes);
                sheet.put("\"");
            }
        }
        Part::Missing(count) => {
            sheet.put(",\"missing\":");
            sheet.len_of(count);
        }
    }
    sheet.put("}\n");
}

/// Something about what a side sent, in our own words: a line.
pub fn note(sheet: &mut Sheet, place: &Place<'_>, words: &'static str) {
    from(sheet, place);
    sheet.put(",\"note\":");
    sheet.json_text(words.as_bytes());
    sheet.put("}\n");
}

/// How a conversation ended: a line.
pub fn ended(sheet: &mut Sheet, conversation: &Conversation, time: Timestamp, how: End) {
    begin(sheet, conversation, time);
    sheet.put(",\"end\":");
    sheet.put(match how {
        End::Closed => "\"closed\"",
        End::Reset(Side::Client) => "\"reset\",\"by\":\"client\"",
        End::Reset(Side::Server) => "\"reset\",\"by\":\"server\"",
        End::Replaced => "\"replaced\"",
        End::Forgotten => "\"forgotten\"",
        End::Open => "\"open\"",
    });
    sheet.put("}\n");
}

fn from(sheet: &mut Sheet, place: &Place<'_>) {
    begin(sheet, place.conversation, place.time);
    sheet.put(match place.side {
        Side::Client => ",\"from\":\"client\",\"offset\":",
        Side::Server => ",\"from\":\"server\",\"offset\":",
    });
    sheet.len_of(place.offset);
}

fn begin(sheet: &mut Sheet, conversation: &Conversation, time: Timestamp) {
    sheet.put("{\"schema\":");
    sheet.dec(SCHEMA);
    sheet.put(",\"flow\":");
    sheet.dec(conversation.number);
    sheet.put(match conversation.transport {
        Transport::Tcp => ",\"transport\":\"tcp\"",
        Transport::Udp => ",\"transport\":\"udp\"",
    });
    let mut end = |name, port_name, end: Endpoint| {
        sheet.put(name);
        address(sheet, end, false);
        sheet.put(port_name);
        sheet.dec(end.port);
    };
    end(",\"client\":\"", "\",\"client_port\":", conversation.client);
    end(",\"server\":\"", "\",\"server_port\":", conversation.server);
    sheet.put(",\"time\":\"");
    moment(sheet, time);
    sheet.put("\"");
}
