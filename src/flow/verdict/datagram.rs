//! What a program was told that sent datagrams, or whose kernel asked for a neighbour first.

use std::time::Duration;

use super::answer::{Answer, Confidence, Outcome};
use super::errno::{Errno, SocketError};
use crate::flow::moment::Mark;
use Confidence::{Certain, Likely, Possible};
use Outcome::{Failed, Waiting};

/// What `recv` returned to who sent the first datagram: an answer, so long after it, or the last error that its packets met.
pub(super) fn receive(answer: Option<Duration>, error: Option<(SocketError, Mark)>) -> Answer {
    let first = Mark::new(0, 0);
    match (answer, error) {
        (Some(answer), _) => Answer::new(Outcome::Ok, Certain).after(answer).because([Some(first), None, None]),
        // A socket that isn't connected is told of nothing; one that is, of no soft error unless its program asked to be.
        (None, Some((SocketError { errno, is_hard }, at))) => {
            let (outcome, other) = if is_hard { (Failed(errno), Waiting) } else { (Waiting, Failed(errno)) };
            let answer = Answer::new(outcome, Likely).or([Some(other), None]).because([Some(first), Some(at), None]);
            if is_hard { answer.after(at.after(first)) } else { answer }
        }
        (None, None) => Answer::new(Waiting, Likely).because([Some(first), None, None]),
    }
}

/// How often a kernel asks for a neighbour before it gives up (`mcast_solicit`), and how long it waits each time.
const REQUESTS: u32 = 3;
const WAIT: Duration = Duration::from_secs(1);

/// What `connect` returned to a program whose packets never left, as nobody answered for the neighbour: there were so many
/// requests in this time, and it was watched for that long.
pub(super) fn neighbour(requests: u32, asked: Duration, watched: Duration) -> Answer {
    let unreachable = Failed(Errno::HostUnreachable);
    let is_over = watched.saturating_sub(asked) > WAIT;
    let answer = match requests {
        REQUESTS.. => Answer::new(unreachable, Likely).or([Some(Waiting), None]),
        _ if is_over => Answer::new(unreachable, Possible).or([Some(Waiting), None]),
        _ => return Answer::new(Waiting, Likely).or([Some(unreachable), None]),
    };
    answer.after(asked.saturating_add(WAIT)).because([Some(Mark::new(0, 0)), None, None])
}
