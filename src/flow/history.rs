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
    const ALL: [(Letter, char); 11] = [
        (Letter::Syn, 's'),
        (Letter::SynAck, 'h'),
        (Letter::Ack, 'a'),
        (Letter::Data, 'd'),
        (Letter::Fin, 'f'),
        (Letter::Reset, 'r'),
        (Letter::Retransmission, 't'),
        (Letter::ZeroWindow, 'w'),
        (Letter::Gap, 'g'),
        (Letter::Inconsistent, 'i'),
        (Letter::Multi, 'q'),
    ];
}

/// The first [`History::LIMIT`] things that were done for the first time: five bits each, six in a word. The lowest bit is for
/// the higher side; 0 is nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct History([u32; 3]);

/// Where the five bits of the letters of a word begin.
const SHIFTS: [u32; 6] = [0, 5, 10, 15, 20, 25];

impl History {
    /// How many are kept.
    pub const LIMIT: usize = 18;

    #[inline]
    pub(super) fn add(&mut self, letter: Letter, side: Side) {
        let code = (letter as u32).wrapping_add(1) << 1 | u32::from(side == Side::Higher);
        for word in &mut self.0 {
            for shift in SHIFTS {
                match *word >> shift & 31 {
                    0 => {
                        *word |= code << shift;
                        return;
                    }
                    known if known == code => return,
                    _ => {}
                }
            }
        }
    }

    /// The letters, those of the client as capitals.
    pub fn letters(&self, client: Side) -> impl Iterator<Item = char> + use<> {
        let codes = self.0.into_iter().flat_map(|word| SHIFTS.map(|shift| word >> shift & 31));
        codes.map_while(move |code| {
            let place = (code >> 1).checked_sub(1)?;
            let (_, letter) = Letter::ALL.get(place as usize)?;
            let is_client = (code & 1 != 0) == (client == Side::Higher);
            Some(if is_client { letter.to_ascii_uppercase() } else { *letter })
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

    #[test]
    fn letters_stand_in_their_order_and_are_bounded() {
        let mut history = History::default();
        assert!(Letter::ALL.iter().zip(0..).all(|((letter, _), place)| *letter as usize == place));
        for side in [Side::Lower, Side::Higher] {
            Letter::ALL.iter().for_each(|(letter, _)| history.add(*letter, side));
        }
        assert_eq!(history.letters(Side::Lower).collect::<String>(), "SHADFRTWGIQshadfrt");
    }
}
