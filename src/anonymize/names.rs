//! Pseudonyms of host and domain names: label by label, each as long as its original, so that messages keep their size
//! and compressed names their pointers. The pseudonym of a label depends on all labels behind it: names within one
//! domain have pseudonyms within one domain, and `www` is another word in each.

use super::Key;
use super::memory::Memory;

/// The letters of pseudonyms; labels of others than these are no host names.
const LETTERS: &[u8; 38] = b"abcdefghijklmnopqrstuvwxyz0123456789-_";
/// Up to this length different labels are given different pseudonyms; chance sees to it that longer ones have some.
const SHORT: usize = 12;

/// What stands for the labels behind one.
type Domain = [u8; 16];

/// The pseudonyms of names under one key.
#[derive(Clone)]
pub(super) struct Names {
    key: Key,
    known: Memory<(Domain, Vec<u8>), (Domain, Vec<u8>)>,
}

impl Names {
    pub fn new(key: &Key) -> Self {
        Names { key: key.clone(), known: Memory::default() }
    }

    /// The pseudonyms of a name's labels, the first first. Upper and lower case are the same.
    pub fn labels(&mut self, labels: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut domain = Domain::default();
        let mut pseudonyms: Vec<Vec<u8>> = labels.iter().rev().map(|label| self.label(&mut domain, label)).collect();
        pseudonyms.reverse();
        pseudonyms
    }

    /// The pseudonym of a name as people write it, with dots.
    pub fn text(&mut self, name: &[u8]) -> Vec<u8> {
        let labels: Vec<&[u8]> = name.split(|byte| *byte == b'.').collect();
        self.labels(&labels).join(&b'.')
    }

    /// The pseudonym of a label in a domain, which becomes the domain that the label is itself. An empty one is none.
    fn label(&mut self, domain: &mut Domain, label: &[u8]) -> Vec<u8> {
        if label.is_empty() {
            return Vec::new();
        }
        let original = (*domain, label.to_ascii_lowercase());
        if let Some((within, known)) = self.known.get(&original) {
            *domain = *within;
            return known.clone();
        }
        let (outer, label) = &original;
        let pseudonym = self.short(outer, label).unwrap_or_else(|| self.long(outer, label));
        self.key.derive(b"zone", &[outer, label], domain);
        self.known.insert(original, (*domain, pseudonym.clone()));
        pseudonym
    }

    /// A number whose digits are the letters of a label becomes another one; none where it has other letters or too many.
    fn short(&self, domain: &Domain, label: &[u8]) -> Option<Vec<u8>> {
        if label.len() > SHORT {
            return None;
        }
        let base = LETTERS.len() as u64;
        let digit = |letter: &u8| LETTERS.iter().position(|known| known == letter);
        let mut number = label
            .iter()
            .try_fold(0u64, |number, letter| number.checked_mul(base)?.checked_add(digit(letter)? as u64))?;
        let size = |letters: usize| base.checked_pow(u32::try_from(letters).ok()?);
        let half = label.len() / 2;
        let sizes = (size(half)?, size(label.len().checked_sub(half)?)?);
        let length = u8::try_from(label.len()).ok()?;
        number = self.key.permute(b"name", &[domain.as_slice(), &[length]].concat(), sizes, number);
        let mut pseudonym: Vec<u8> = label.iter().map(|_| self::letter(take_digit(&mut number, base))).collect();
        pseudonym.reverse();
        Some(pseudonym)
    }

    fn long(&self, domain: &Domain, label: &[u8]) -> Vec<u8> {
        let mut random = vec![0; label.len()];
        self.key.derive(b"long", &[domain, label], &mut random);
        random.into_iter().map(|byte| letter(byte.into())).collect()
    }
}

/// The last digit of a number, which loses it.
fn take_digit(number: &mut u64, base: u64) -> u64 {
    let digit = number.checked_rem(base).unwrap_or(0);
    *number = number.checked_div(base).unwrap_or(0);
    digit
}

/// The letter of a digit, or of any number.
fn letter(number: u64) -> u8 {
    let place = number.checked_rem(LETTERS.len() as u64).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| LETTERS.get(place)).copied().unwrap_or(b'x')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names() -> Names {
        Names::new(&Key::new([9; 32]))
    }

    #[test]
    fn names_of_one_domain_stay_within_one() {
        let mut names = names();
        let [www, mail, other] =
            [&b"www.example.com"[..], b"mail.example.com", b"www.example.net"].map(|name| names.text(name));
        assert_eq!((www.len(), mail.len()), (15, 16));
        assert_eq!(www[3..], mail[4..]);
        assert_ne!(www[..3], other[..3]);
        assert_ne!(www[11..], *b".com");
        assert_eq!(names.text(b"WWW.Example.COM"), www);
        assert_eq!(names.labels(&[b"www", b"example", b"com"]).join(&b'.'), www);
        assert_eq!(names.text(b"www.example.com."), [&www[..], b"."].concat());
        assert_eq!(names.text(b"a..b").len(), 4);
    }

    #[test]
    fn different_short_labels_have_different_pseudonyms() {
        let mut names = names();
        let pairs = LETTERS.iter().flat_map(|a| LETTERS.iter().map(|b| vec![*a, *b]));
        let all: BTreeSet<Vec<u8>> = pairs.map(|label| names.text(&label)).collect();
        assert_eq!(all.len(), LETTERS.len() * LETTERS.len());
        let all: BTreeSet<Vec<u8>> = LETTERS.iter().map(|a| names.text(&[*a])).collect();
        assert_eq!(all.len(), LETTERS.len());
    }

    #[test]
    fn labels_of_any_bytes_and_lengths_have_pseudonyms() {
        for label in [&b"My Printer"[..], &[0xff; 3], &[b'a'; 12], &[b'a'; 13], &[b'a'; 63]] {
            let pseudonym = names().labels(&[label]).concat();
            assert_eq!(pseudonym.len(), label.len());
            assert_ne!(pseudonym, label);
            assert!(pseudonym.iter().all(|letter| LETTERS.contains(letter)));
        }
    }
}
