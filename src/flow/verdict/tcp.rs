//! What `connect`, `recv` and `send` returned to the two programs of a TCP connection.

use std::time::Duration;

use super::answer::{Answer, Confidence, Outcome};
use super::errno::Errno;
use super::vantage::Vantage;
use crate::flow::moment::{Mark, Tries};
use Confidence::{Certain, Likely, Possible};
use Outcome::{Abandoned, Closed, Eof, Failed, Waiting};

/// What one side was seen to do and what was said about it, as far as its calls depend on it.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Witness {
    /// Its SYNs without an ACK.
    pub calls: Option<Tries>,
    /// Its first SYN with an ACK.
    pub answers: Option<Mark>,
    /// It sent a segment with an ACK.
    pub has_acknowledged: bool,
    /// It sent data, and some after the other's FIN.
    pub has_sent: bool,
    pub has_sent_after_fin: bool,
    /// Its first FIN, and whether the other side acknowledged it.
    pub fin: Option<Mark>,
    pub is_fin_taken: bool,
    /// Its RST, where that ended the connection.
    pub rst: Option<Mark>,
    /// What it sent last and again, without an answer: data, or questions whether the peer is still there.
    pub unanswered: Option<Tries>,
    /// The last error that its packets met: the kernel remembers it.
    pub error: Option<Heard>,
}

/// An error that a side was told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub errno: Errno,
    pub at: Mark,
}

/// Until when a connection was watched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    /// Nanoseconds since its first frame.
    pub nanos: u64,
    /// Another one began between the same ports: the sockets of this one were gone.
    pub is_replaced: bool,
}

impl Until {
    /// Whether what was tried would have been tried again by now: a kernel waits twice as long each time, at first a second
    /// (RFC 6298, 2.1 and 5.5).
    fn is_past(self, tries: &Tries) -> bool {
        let waited = Duration::from_nanos(self.nanos.saturating_sub(tries.last.nanos()));
        self.is_replaced || waited > patience(tries).saturating_add(SLACK)
    }
}

/// How long a kernel waits after the last of some tries.
fn patience(tries: &Tries) -> Duration {
    tries.interval.saturating_mul(2).max(Duration::from_secs(1))
}

/// Timers are late, and captures too.
const SLACK: Duration = Duration::from_millis(200);

/// An error that comes this soon after the SYN may find the socket busy with sending it: then it is only remembered.
const BUSY: Duration = Duration::from_millis(1);

/// As many SYNs as Linux sends at least before it gives up, unless it was told otherwise (`tcp_syn_retries` is 6).
const ALL_CALLS: u32 = 7;

/// As often it sends data again (`tcp_retries2`).
const ALL_DATA: u32 = 15;

/// What `connect` returned to the client. None where too little was seen.
pub(super) fn connect(
    client: &Witness,
    server: &Witness,
    established: Option<Mark>,
    until: Until,
    vantage: Vantage,
) -> Option<Answer> {
    let Some(calls) = client.calls else { return connect_unseen(client, server, established) };
    let answer = server.answers.or(server.calls.map(|calls| calls.first));
    if client.has_acknowledged {
        let ok = Answer::new(Outcome::Ok, Certain).because([Some(calls.first), answer, established]);
        return Some(answer.map_or(ok, |answer| ok.after(answer.after(calls.first))));
    }
    if server.has_sent {
        // Data comes only to who has taken part in the handshake; that was not all captured.
        return Some(Answer::new(Outcome::Ok, Likely).because([Some(calls.first), answer, None]));
    }
    let seen = vantage.at_client();
    if let (Some(answer), Some(rst)) = (answer, client.rst) {
        // Its kernel knows of no such socket any more.
        return Some(Answer::new(Abandoned, seen).because([Some(calls.first), Some(answer), Some(rst)]));
    }
    if let Some(rst) = server.rst.filter(|rst| !rst.is_before(calls.last)) {
        let refused = Answer::failed(Errno::ConnectionRefused, seen);
        return Some(refused.after(rst.after(calls.first)).because([Some(calls.first), Some(rst), None]));
    }
    Some(unanswered(client.error, &calls, until, seen))
}

/// What `connect` returned whose SYN was not seen.
fn connect_unseen(client: &Witness, server: &Witness, established: Option<Mark>) -> Option<Answer> {
    if client.has_acknowledged || server.has_sent {
        return Some(Answer::new(Outcome::Ok, Likely).because([server.answers, established, None]));
    }
    client.error.map(|Heard { errno, at }| Answer::failed(errno, Likely).because([Some(at), None, None]))
}

/// What `connect` returned where nobody but routers answered.
fn unanswered(error: Option<Heard>, calls: &Tries, until: Until, seen: Confidence) -> Answer {
    // One that comes when the kernel has given up finds no socket.
    let due = patience(calls);
    let error = error
        .filter(|error| !error.at.is_before(calls.first) && error.at.after(calls.last) <= due.saturating_add(SLACK));
    let is_over = until.is_past(calls);
    if let Some(Heard { errno, at }) = error
        && !at.is_before(calls.last)
    {
        let failed = Answer::failed(errno, seen).because([Some(calls.first), Some(calls.last), Some(at)]);
        let failed = failed.after(at.after(calls.first));
        if at.after(calls.last).saturating_add(SLACK) > due {
            return failed.at_most(Possible).or([Some(Failed(Errno::TimedOut)), Some(Abandoned)]);
        }
        if at.after(calls.last) > BUSY {
            return failed;
        }
        // At once, or when the time was up, or not before the program had enough.
        let failed = failed.at_most(Likely);
        return failed.or([Some(Abandoned), (!is_over).then_some(Waiting)]);
    }
    let evidence = [Some(calls.first), error.map(|error| error.at), Some(calls.last)];
    if !is_over {
        return Answer::new(Waiting, Likely).or([Some(Abandoned), None]).because(evidence);
    }
    let errno = error.map_or(Errno::TimedOut, |error| error.errno);
    if calls.count == 1 && error.is_none() {
        // No kernel gives up after the first by itself.
        return Answer::new(Abandoned, Possible).or([Some(Failed(errno)), None]).because(evidence);
    }
    let confidence = if calls.count >= ALL_CALLS { Likely } else { Possible };
    let after = calls.last.after(calls.first).saturating_add(patience(calls));
    Answer::failed(errno, confidence).after(after).or([Some(Abandoned), None]).because(evidence)
}

/// What the first `recv` or `send` that did not succeed returned to the program of one side, once it was connected. None where
/// what the peer sent was perhaps lost on the way.
pub(super) fn end(side: &Witness, peer: &Witness, until: Until, seen: Confidence) -> Option<Answer> {
    if let Some(rst) = peer.rst {
        return Some(met_rst(side, peer, rst, seen));
    }
    let is_first = |fin: &Mark| side.rst.is_none_or(|rst| fin.is_before(rst));
    let Some(fin) = peer.fin.filter(is_first) else { return Some(ended_alone(side, until)) };
    if !peer.is_fin_taken && seen != Certain {
        return None;
    }
    let own = side.fin.filter(|own| own.is_before(fin));
    Some(match (own, side.rst, side.unanswered) {
        // `close`, or `shutdown` and then `recv`: who is still spoken to after it and takes that has not closed.
        (Some(own), ..) if !peer.has_sent_after_fin => {
            Answer::new(Closed, Possible).or([Some(Eof), None]).because([Some(own), Some(fin), None])
        }
        // The FIN came when its kernel had no such socket any more.
        (None, Some(_), Some(tries)) if !peer.is_fin_taken => timed_out(side, &tries, Likely),
        _ => Answer::new(Eof, Certain).because([Some(fin), None, None]),
    })
}

/// The peer sent an RST.
fn met_rst(side: &Witness, peer: &Witness, rst: Mark, seen: Confidence) -> Answer {
    let own = side.fin.filter(|own| own.is_before(rst));
    let reset = Failed(Errno::ConnectionReset);
    match (peer.fin.filter(|fin| fin.is_before(rst)), own) {
        (None, None) => Answer::new(reset, seen).because([Some(rst), None, None]),
        (None, Some(own)) => {
            Answer::new(Closed, Possible).or([Some(reset), None]).because([Some(own), Some(rst), None])
        }
        // The peer had closed and was sent more. Who reads is told by `recv`, who only writes by the `send` after that one.
        (Some(fin), None) => {
            let eof = Answer::new(Eof, Likely).or([Some(Failed(Errno::Pipe)), None]);
            eof.because([Some(fin), Some(rst), None])
        }
        (Some(fin), Some(own)) => {
            let (outcome, other) = if own.is_before(fin) { (Closed, Eof) } else { (Eof, Failed(Errno::Pipe)) };
            Answer::new(outcome, Possible).or([Some(other), Some(reset)]).because([Some(own), Some(fin), Some(rst)])
        }
    }
}

/// Nothing that the peer sent ended it.
fn ended_alone(side: &Witness, until: Until) -> Answer {
    if let Some(rst) = side.rst {
        return match side.unanswered {
            // A kernel that has asked in vain whether the peer is still there says so.
            Some(tries) if side.fin.is_none() => timed_out(side, &tries, Likely),
            _ => Answer::new(Closed, Likely).or([Some(Failed(Errno::ConnectionAborted)), None]),
        }
        .because([side.unanswered.map(|tries| tries.first), Some(rst), None]);
    }
    if let Some(fin) = side.fin {
        return Answer::new(Closed, Likely).or([Some(Waiting), None]).because([Some(fin), None, None]);
    }
    match side.unanswered {
        Some(tries) if until.is_past(&tries) => {
            timed_out(side, &tries, if tries.count >= ALL_DATA { Likely } else { Possible })
        }
        tries => Answer::new(Waiting, Likely).or([
            until.is_replaced.then_some(Closed),
            tries.map(|_| Failed(side.error.map_or(Errno::TimedOut, |error| error.errno))),
        ]),
    }
}

/// What was sent had no answer, and the time is up.
fn timed_out(side: &Witness, tries: &Tries, confidence: Confidence) -> Answer {
    let error = side.error.filter(|error| !error.at.is_before(tries.first));
    let errno = error.map_or(Errno::TimedOut, |error| error.errno);
    Answer::failed(errno, confidence)
        .after(tries.last.after(tries.first).saturating_add(patience(tries)))
        .or([Some(Closed), None])
        .because([Some(tries.first), error.map(|error| error.at), Some(tries.last)])
}
