//! What the calls of sockets returned: for people, as words of a line; for programs, as an object.

use crate::flow::{Answer, Confidence, Connection, Outcome, Verdict};
use crate::output::object::Object;
use crate::output::{Sheet, Style, quantity};

/// How an answer stands on a line.
pub(super) fn style(answer: &Answer) -> Style {
    match answer.outcome {
        Outcome::Ok | Outcome::Eof => Style::Good,
        Outcome::Waiting | Outcome::Closed => Style::Notice,
        Outcome::Abandoned | Outcome::Failed(_) => Style::Bad,
    }
}

/// What a call returned; what else it may have been, where nothing speaks for the one more than for the other; how long it took.
pub(super) fn put(sheet: &mut Sheet, answer: &Answer) {
    sheet.put(answer.outcome.name());
    for other in answer.others().filter(|_| answer.confidence == Confidence::Possible) {
        sheet.put(" or ");
        sheet.put(other.name());
    }
    if let Some(after) = answer.after {
        sheet.put(if answer.outcome == Outcome::Ok { " " } else { " after " });
        quantity::duration(sheet, after);
    }
}

/// Whether a call of a connected socket failed, or may as well have failed as not.
pub(super) fn is_failure(answer: &Answer) -> bool {
    let is_error = |outcome| matches!(outcome, Outcome::Failed(_));
    is_error(answer.outcome) || answer.confidence == Confidence::Possible && answer.others().any(is_error)
}

/// `vantage`, and what `connect` and the calls after it returned.
pub(super) fn object(object: &mut Object<'_>, connection: &Connection, verdict: &Verdict) {
    object.word("vantage", verdict.vantage.name());
    for (key, answer) in [("connect", verdict.connect), ("client", verdict.client), ("server", verdict.server)] {
        if let Some(answer) = answer {
            object.object(key, |object| answer_fields(object, connection, &answer));
        }
    }
}

fn answer_fields(object: &mut Object<'_>, connection: &Connection, answer: &Answer) {
    object.word("outcome", answer.outcome.name());
    if answer.others().next().is_some() {
        object.list("or", answer.others(), |sheet, outcome| sheet.json_text(outcome.name().as_bytes()));
    }
    object.word("confidence", answer.confidence.name());
    object.nanos("after_ns", answer.after);
    let frames = || answer.evidence().filter_map(|mark| connection.frame(mark));
    if frames().next().is_some() {
        object.list("evidence", frames(), |sheet, frame| sheet.dec(frame));
    }
}
