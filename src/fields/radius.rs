//! Fields of RADIUS.

use super::{Field, Value, Visitor};
use crate::decode::radius::{HEADER, Radius};
use crate::decode::{Short, Span};
use crate::frame::Timestamp;

fields! { radius, "radius", Plain, "Remote authentication dial-in user service (RFC 2865, RFC 2866)";
    CODE "code" Number "1 access request, 2 accept, 3 reject, 4 accounting request, 5 response, 11 challenge" ["radius.code" "" ""];
    ID "id" Number "Identifier of request and response" ["radius.id" "" ""];
    LENGTH "len" Number "Length of the message, in bytes" ["radius.length" "" ""];
    AUTHENTICATOR "authenticator" Bytes "Authenticator" ["radius.authenticator" "" ""];
    USER "user_name" Text "Name of the user" ["radius.User_Name" "radius.username" ""];
    NAS_ADDRESS "nas_ip" Ip "Address of the access server" ["radius.NAS_IP_Address" "" ""];
    NAS_PORT "nas_port" Number "Port of the access server" ["radius.NAS_Port" "" ""];
    NAS_NAME "nas_identifier" Text "Name of the access server" ["radius.NAS_Identifier" "" ""];
    NAS_PORT_TYPE "nas_port_type" Number "Kind of its port: 15 Ethernet, 19 wireless" ["radius.NAS_Port_Type" "" ""];
    SERVICE "service_type" Number "What is asked for: 1 login, 2 framed, …" ["radius.Service_Type" "" ""];
    FRAMED_ADDRESS "framed_ip" Ip "Address of the user" ["radius.Framed_IP_Address" "radius.framed_addr" ""];
    CALLED "called_station" Text "Whom the user called: often the access point and its network" ["radius.Called_Station_Id" "" ""];
    CALLING "calling_station" Text "Where the user called from: often a hardware address" ["radius.Calling_Station_Id" "radius.mac" ""];
    REPLY "reply_message" Text "What is told to the user" ["radius.Reply_Message" "radius.reply_msg" ""];
    SESSION_TIMEOUT "session_timeout" Number "How long the session may last, in seconds" ["radius.Session_Timeout" "radius.ttl" ""];
    STATUS "acct_status" Number "1 start, 2 stop, 3 interim update" ["radius.Acct_Status_Type" "" ""];
    SESSION "acct_session" Text "Session that is accounted" ["radius.Acct_Session_Id" "" ""];
    SESSION_TIME "acct_session_time" Number "How long it has lasted, in seconds" ["radius.Acct_Session_Time" "" ""];
    INPUT "acct_input_octets" Number "Bytes from the user, modulo 2^32" ["radius.Acct_Input_Octets" "" ""];
    OUTPUT "acct_output_octets" Number "Bytes to the user, modulo 2^32" ["radius.Acct_Output_Octets" "" ""];
    CAUSE "acct_terminate_cause" Number "Why it ended" ["radius.Acct_Terminate_Cause" "" ""];
    TIME "event_time" Time "When what is told of happened" ["radius.Event_Timestamp" "" ""];
    ATTRIBUTES "attributes" Number "The type of each attribute, in order" ["radius.avp.type" "" ""];
}

/// The type of an attribute that may come more than once.
const REPLY_MESSAGE: u8 = 18;

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Radius::parse(span)?;
    out.put(&CODE, message.code);
    out.put(&ID, message.id);
    out.put(&LENGTH, message.length);
    out.maybe(&AUTHENTICATOR, span.bytes().get(4..HEADER).map(Value::Bytes));
    if message.each_attribute().next().is_some() {
        out.list(&ATTRIBUTES, message.each_attribute().map(|(kind, _)| kind));
    }
    let whole = || message.each_attribute().filter(|(_, value)| !value.is_cut());
    let replies = || whole().filter(|(kind, _)| *kind == REPLY_MESSAGE).map(|(_, value)| Value::Text(value.bytes()));
    if replies().next().is_some() {
        out.list(&REPLY, replies());
    }
    // Of the others only the first counts.
    let mut told = [false; 256];
    for (kind, value) in whole() {
        if !std::mem::replace(told.get_mut(usize::from(kind)).unwrap_or(&mut false), true) {
            attribute(kind, value, out);
        }
    }
    if usize::from(message.length) > span.bytes().len() { Err(span.short(message.length.into())) } else { Ok(()) }
}

fn attribute<'a>(kind: u8, value: Span<'a>, out: &mut impl Visitor<'a>) {
    let number: &'static Field = match kind {
        5 => &NAS_PORT,
        6 => &SERVICE,
        27 => &SESSION_TIMEOUT,
        40 => &STATUS,
        42 => &INPUT,
        43 => &OUTPUT,
        46 => &SESSION_TIME,
        49 => &CAUSE,
        61 => &NAS_PORT_TYPE,
        _ => return other(kind, value, out),
    };
    if value.wire() == 4 {
        out.maybe(number, value.u32_at(0));
    }
}

fn other<'a>(kind: u8, value: Span<'a>, out: &mut impl Visitor<'a>) {
    let text: &'static Field = match (kind, value.wire()) {
        (1, _) => &USER,
        (4, 4) => return out.maybe(&NAS_ADDRESS, value.array_at::<4>(0)),
        (8, 4) => return out.maybe(&FRAMED_ADDRESS, value.array_at::<4>(0)),
        (30, _) => &CALLED,
        (31, _) => &CALLING,
        (32, _) => &NAS_NAME,
        (44, _) => &SESSION,
        (55, 4) => return out.maybe(&TIME, value.u32_at(0).map(|seconds| Timestamp::new(seconds.into(), 0))),
        _ => return,
    };
    out.put(text, Value::Text(value.bytes()));
}
