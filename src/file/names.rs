//! What the files of a rotation are called: as tcpdump names them, and where the user put the number.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;

use super::{Error, Method};
use crate::frame::Timestamp;

/// The names of files that follow each other: strftime(3) conversions of the time at which a file begins, and a
/// number. The number stands in the place of `%i`, else at the end (before the ending of a compression). At the
/// end the first file has none, unless a width is given.
#[derive(Clone, Debug)]
pub struct Names {
    /// What stands before the number, and behind it.
    before: OsString,
    after: OsString,
    placed: bool,
    /// Digits, at least.
    width: usize,
    /// The zone of the times in a name; none where `%` means nothing in it.
    zone: Option<TimeZone>,
}

impl Names {
    /// Names after a pattern, of at most `files` files where there is a limit: then all numbers have as many digits
    /// as the largest. `dated` says that its conversions are to be done.
    pub fn new(pattern: &Path, files: Option<u64>, dated: bool, method: Option<Method>) -> Self {
        let bytes = pattern.as_os_str().as_bytes();
        let ending = method.map_or("", Method::ending);
        let (at, len, placed) = match place_of_number(bytes) {
            Some(at) => (at, 2, true),
            None if bytes.ends_with(ending.as_bytes()) => (bytes.len().saturating_sub(ending.len()), 0, false),
            None => (bytes.len(), 0, false),
        };
        let part = |bytes: Option<&[u8]>| OsStr::from_bytes(bytes.unwrap_or_default()).to_owned();
        let largest = files.map_or(0, |files| files.saturating_sub(1));
        Names {
            before: part(bytes.get(..at)),
            after: part(bytes.get(at.saturating_add(len)..)),
            placed,
            width: largest.checked_ilog10().map_or(0, |digits| (digits as usize).saturating_add(1)),
            zone: dated.then(TimeZone::system),
        }
    }

    /// The same name for all.
    pub fn fixed(name: &Path) -> Self {
        Names { before: name.as_os_str().to_owned(), after: OsString::new(), placed: false, width: 0, zone: None }
    }

    /// Whether names differ with the time.
    pub fn tell_time(&self) -> bool {
        self.zone.is_some() && [&self.before, &self.after].iter().any(|part| part.as_bytes().contains(&b'%'))
    }

    /// Whether the user put a number in the names, and no time.
    pub(super) fn tell_by_number(&self) -> bool {
        self.placed && !self.tell_time()
    }

    /// What names are made from, for messages.
    pub(super) fn pattern(&self) -> String {
        let number = if self.placed { "%i" } else { "" };
        format!("{}{number}{}", self.before.display(), self.after.display())
    }

    /// The zone of the times in the names.
    pub(super) fn zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or(TimeZone::UTC)
    }

    /// The name of the file with this number, from 0, that begins at that time.
    ///
    /// # Errors
    /// Where the pattern has a conversion that does not exist.
    pub fn name(&self, number: u64, time: Timestamp) -> Result<PathBuf, Error> {
        let mut name = self.dated(&self.before, time)?;
        if number > 0 || self.width > 0 || self.placed {
            name.push(format!("{number:0width$}", width = self.width));
        }
        name.push(self.dated(&self.after, time)?);
        Ok(name.into())
    }

    fn dated(&self, part: &OsStr, time: Timestamp) -> Result<OsString, Error> {
        let Some(zone) = &self.zone else { return Ok(part.to_owned()) };
        let wrong = |error: jiff::Error| Error::Name { pattern: self.pattern(), why: error.to_string() };
        let moment = jiff::Timestamp::from_second(time.secs()).map_err(wrong)?;
        let moment = BrokenDownTime::from(&jiff::ZonedDateTime::new(moment, zone.clone()));
        strtime::format(part.as_bytes(), moment).map(OsString::from).map_err(wrong)
    }

    /// The folder of all the files, and whether the names of files in it can be told from others.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let name = self.name(0, Timestamp::new(0, 0)).ok()?;
        let whole = [self.before.as_bytes(), b"0", self.after.as_bytes()].concat();
        let folder = Path::new(OsStr::from_bytes(&whole)).parent()?.to_owned();
        let same = name.parent() == Some(&folder) && self.is_one(name.file_name()?);
        same.then_some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder })
    }

    /// Whether a file may be one of these, as far as names tell.
    pub fn may_be(&self, path: &Path) -> bool {
        let real =
            |folder: &Path| if folder.as_os_str().is_empty() { Path::new(".") } else { folder }.canonicalize().ok();
        let folder = self.folder().as_deref().and_then(real);
        folder.is_some()
            && path.parent().and_then(real) == folder
            && path.file_name().is_some_and(|name| self.is_one(name))
    }

    /// Whether a file of the folder has such a name.
    pub(super) fn is_one(&self, name: &OsStr) -> bool {
        let name = name.as_bytes();
        let before = Path::new(&self.before).file_name().filter(|_| !self.before.as_bytes().ends_with(b"/"));
        let before = before.map_or(&[][..], OsStrExt::as_bytes);
        (0..=name.len()).any(|from| {
            let (front, rest) = name.split_at_checked(from).unwrap_or((name, &[]));
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let shortest = if self.placed { self.width.max(1) } else { self.width };
            self.reads_as(before, front)
                && (shortest..=digits)
                    .any(|len| rest.get(len..).is_some_and(|back| self.reads_as(self.after.as_bytes(), back)))
        })
    }

    fn reads_as(&self, pattern: &[u8], name: &[u8]) -> bool {
        match self.zone {
            Some(_) if pattern.contains(&b'%') => strtime::parse(pattern, name).is_ok(),
            _ => pattern == name,
        }
    }
}

/// Where `%i` stands, not counting a percent sign that is written `%%`.
fn place_of_number(pattern: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match pattern.get(at..)? {
            [b'%', b'i', ..] => return Some(at),
            [b'%', _, ..] => at = at.saturating_add(2),
            [_, ..] => at = at.saturating_add(1),
            [] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pattern: &str, files: Option<u64>, dated: bool, method: Option<Method>) -> Vec<String> {
        let mut names = Names::new(Path::new(pattern), files, dated, method);
        names.zone = names.zone.map(|_| TimeZone::UTC);
        let name = |number| names.name(number, Timestamp::new(1_700_000_000, 5)).unwrap().display().to_string();
        let made = [0, 1, 10].map(name).to_vec();
        for name in &made {
            let name = Path::new(name).file_name().unwrap();
            assert!(names.is_one(name), "{name:?} of {pattern}");
            assert!(!names.is_one(&[OsStr::new("x"), name].join(OsStr::new(""))));
            assert!(!names.is_one(&[name, OsStr::new("x")].join(OsStr::new(""))));
        }
        made
    }

    #[test]
    fn as_tcpdump_names_them() {
        assert_eq!(names("c", None, false, None), ["c", "c1", "c10"]);
        assert_eq!(names("c", Some(1), false, None), ["c", "c1", "c10"]);
        assert_eq!(names("d/c", Some(10), false, None), ["d/c0", "d/c1", "d/c10"]);
        assert_eq!(names("c", Some(11), false, None), ["c00", "c01", "c10"]);
        assert_eq!(names("c%M", Some(101), false, None), ["c%M000", "c%M001", "c%M010"]);
        assert_eq!(
            names("c-%Y%m%d%H%M%S.pcap", None, true, None),
            ["c-20231114221320.pcap", "c-20231114221320.pcap1", "c-20231114221320.pcap10"]
        );
    }

    #[test]
    fn a_number_has_its_place_before_an_ending_or_where_the_user_put_it() {
        assert_eq!(names("c.gz", None, false, Some(Method::Gzip)), ["c.gz", "c1.gz", "c10.gz"]);
        assert_eq!(names("c.gz", None, false, Some(Method::Lz4)), ["c.gz", "c.gz1", "c.gz10"]);
        assert_eq!(names("c%i.pcap", None, false, None), ["c0.pcap", "c1.pcap", "c10.pcap"]);
        assert_eq!(names("%s-%i.x", Some(100), true, None), ["1700000000-00.x", "1700000000-01.x", "1700000000-10.x"]);
        assert_eq!(names("%%i", None, true, None), ["%i", "%i1", "%i10"]);
    }

    #[test]
    fn a_conversion_that_does_not_exist_is_an_error() {
        let error = Names::new(Path::new("c%!"), None, true, None).name(0, Timestamp::new(0, 0)).unwrap_err();
        assert!(error.to_string().contains("c%!"), "{error}");
    }

    #[test]
    fn other_files_of_the_folder_are_not_taken_for_ones_of_these() {
        let dated = Names::new(Path::new("d/%H%M.pcap"), None, true, None);
        assert_eq!(dated.folder(), Some(PathBuf::from("d")));
        assert!(dated.is_one(OsStr::new("2359.pcap")) && !dated.is_one(OsStr::new("notes.pcap")));
        assert_eq!(Names::new(Path::new("%H/c"), None, true, None).folder(), None, "many folders");
        assert_eq!(Names::new(Path::new("c"), None, false, None).folder(), Some(PathBuf::from(".")));
    }
}
