//! What each side of a TCP connection did, in the order it was first done: the letters of Zeek's `conn.log`.

use super::key::Side;

/// What a letter stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Letter {
    Syn,
    SynAck,
    Ack,
    Data,
    Fin,
    Reset,
    Retransmission,
    ZeroWindow,
    Gap,
    /// SYN and RST in one segment.
    Inconsistent,
    /// SYN and FIN in one segment.
    Multi,
}

impl Letter {
    fn letter(self) -> u8 {
        match self {
            Letter::Syn => b's',
            Letter::SynAck => b'h',
            Letter::Ack => b'a',
            Letter::Data => b'd',
            Letter::Fin => b'f',
            Letter::Reset => b'r',
            Letter::Retransmission => b't',
            Letter::ZeroWindow => b'w',
            Letter::Gap => b'g',
            Letter::Inconsistent => b'i',
            Letter::Multi => b'q',
        }
    }
}

/// The first [`History::LIMIT`] things that were done for the first time.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct History([u8; History::LIMIT]);

impl History {
    /// How many are kept.
    pub const LIMIT: usize = 16;

    #[inline]
    pub(super) fn add(&mut self, letter: Letter, side: Side) {
        let letter = match side {
            Side::Lower => letter.letter(),
            Side::Higher => letter.letter().to_ascii_uppercase(),
        };
        for place in &mut self.0 {
            if *place == letter {
                return;
            }
            if *place == 0 {
                *place = letter;
                return;
            }
        }
    }

    /// The letters, those of the client as capitals.
    pub fn letters(&self, client: Side) -> impl Iterator<Item = char> + use<> {
        let used = self.0.into_iter().take_while(|letter| *letter != 0);
        used.map(move |letter| {
            let is_higher = letter.is_ascii_uppercase();
            let by_client = is_higher == (client == Side::Higher);
            char::from(if by_client { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_counts_once_a_side_and_the_client_has_capitals() {
        let mut history = History::default();
        let (client, server) = (Side::Higher, Side::Lower);
        history.add(Letter::Syn, client);
        history.add(Letter::SynAck, server);
        history.add(Letter::Syn, client);
        history.add(Letter::Ack, client);
        assert_eq!(history.letters(client).collect::<String>(), "ShA");
        assert_eq!(history.letters(server).collect::<String>(), "sHa");
    }
}
