//! What a call of a socket returned, how far that is known, and what speaks for it.

use std::time::Duration;

use super::errno::Errno;
use crate::flow::moment::Mark;

/// What came of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// `connect` succeeded; a datagram was answered.
    Ok,
    /// `recv` returned 0: the peer says no more.
    Eof,
    /// The program itself ended it, by `close` or by its death, before a call failed.
    Closed,
    /// The program gave up before there was an answer.
    Abandoned,
    /// No call had failed by the end of what was captured: `connect` or `recv` waited, or the program did something else.
    Waiting,
    Failed(Errno),
}

impl Outcome {
    /// One word: the errno's name, or what happened.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Eof => "EOF",
            Outcome::Closed => "closed",
            Outcome::Abandoned => "abandoned",
            Outcome::Waiting => "waiting",
            Outcome::Failed(errno) => errno.name(),
        }
    }
}

/// How far an answer can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Confidence {
    /// The packets only narrow it down: to this, or what else is named.
    Possible,
    /// All speaks for it, unless a packet was lost beyond the place of capture, or the program did what no packet tells.
    Likely,
    /// A kernel that saw these packets could return nothing else.
    Certain,
}

impl Confidence {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Possible => "possible",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

/// What a call returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    pub outcome: Outcome,
    pub confidence: Confidence,
    /// From the first packet of the call to when it returned. Of a time-out it is an estimate: nothing is sent then.
    pub after: Option<Duration>,
    others: [Option<Outcome>; 2],
    evidence: [Option<Mark>; 3],
}

impl Answer {
    pub(super) fn new(outcome: Outcome, confidence: Confidence) -> Self {
        Answer { outcome, confidence, after: None, others: [None; 2], evidence: [None; 3] }
    }

    pub(super) fn failed(errno: Errno, confidence: Confidence) -> Self {
        Answer::new(Outcome::Failed(errno), confidence)
    }

    /// The same, where it may as well be one of these.
    pub(super) fn or(self, others: [Option<Outcome>; 2]) -> Self {
        Answer { others, ..self }
    }

    pub(super) fn at_most(self, confidence: Confidence) -> Self {
        Answer { confidence: self.confidence.min(confidence), ..self }
    }

    pub(super) fn after(self, time: Duration) -> Self {
        Answer { after: Some(time), ..self }
    }

    /// The same, because of these packets.
    pub(super) fn because(self, evidence: [Option<Mark>; 3]) -> Self {
        Answer { evidence, ..self }
    }

    /// What else it may have been.
    pub fn others(&self) -> impl Iterator<Item = Outcome> {
        self.others.into_iter().flatten()
    }

    /// The packets that speak for it, in the order of the argument. [`Connection::frame`](crate::flow::Connection::frame)
    /// tells their numbers.
    pub fn evidence(&self) -> impl Iterator<Item = Mark> {
        self.evidence.into_iter().flatten()
    }

    /// Whether it may have been this.
    pub fn allows(&self, outcome: Outcome) -> bool {
        self.outcome == outcome || self.others().any(|other| other == outcome)
    }
}
