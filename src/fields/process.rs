//! Fields of the process that a packet is of, where the capture tells it.

use super::{Value, Visitor};
use crate::owner::View;

fields! { process, "process", Plain, "Process: whose the packet is on the machine that captured it (--processes)";
    PID "pid" Number "Number of the process; 0 if it is not known" ["frame.process_info.pid" "" ""];
    TID "tid" Number "Number of the thread, if it is known" ["frame.process_info.tid" "" ""];
    NAME "name" Text "Name of the process, as it calls itself" ["" "" ""];
    UID "uid" Number "Number of the user whose the process or its socket is" ["" "" ""];
    USER "user" Text "Name of that user" ["" "" ""];
    CONTAINER "container" Text "Container or systemd unit that it is in" ["" "" ""];
    END "end" Text "Whether it is the sender or the receiver" ["" "" ""];
    ELSEWHERE "elsewhere" Text "Who listens on the sender's port at another address, where nobody does at this one" ["" "" ""];
    CERTAINTY "certainty" Text "exact, inferred or unknown: docs/processes.md" ["" "" ""];
}

pub(super) fn visit<'a>(owner: &View<'a>, out: &mut impl Visitor<'a>) {
    out.put(&PID, owner.pid);
    out.maybe(&TID, Some(owner.tid).filter(|tid| *tid != 0));
    out.maybe(&NAME, owner.name.map(Value::Text));
    out.maybe(&UID, owner.uid);
    out.maybe(&USER, owner.user.map(Value::Text));
    out.maybe(&CONTAINER, owner.container.map(Value::Text));
    out.maybe(&END, owner.end.map(|end| end.name()));
    out.maybe(&ELSEWHERE, owner.elsewhere.map(Value::Text));
    out.maybe(&CERTAINTY, owner.certainty.map(|certainty| certainty.name()));
}
