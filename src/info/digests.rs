//! Hashes of a file's bytes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use sha2::Digest;

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// A hash function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Hash {
    Sha256,
    Ripemd160,
    Sha1,
}

impl Hash {
    /// Its name as capinfos writes it.
    pub fn name(self) -> &'static str {
        match self {
            Hash::Sha256 => "SHA256",
            Hash::Ripemd160 => "RIPEMD160",
            Hash::Sha1 => "SHA1",
        }
    }
}

enum Running {
    Sha256(sha2::Sha256),
    Ripemd160(ripemd::Ripemd160),
    Sha1(sha1::Sha1),
}

impl Running {
    fn new(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Running::Sha256(sha2::Sha256::new()),
            Hash::Ripemd160 => Running::Ripemd160(ripemd::Ripemd160::new()),
            Hash::Sha1 => Running::Sha1(sha1::Sha1::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Running::Sha256(hash) => hash.update(bytes),
            Running::Ripemd160(hash) => hash.update(bytes),
            Running::Sha1(hash) => hash.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Running::Sha256(hash) => hash.finalize().to_vec(),
            Running::Ripemd160(hash) => hash.finalize().to_vec(),
            Running::Sha1(hash) => hash.finalize().to_vec(),
        }
    }
}

/// The hashes of a regular file, from its first byte to its last; the place in it stays where it is.
///
/// # Errors
/// Those of reading.
pub fn digests(file: &File, hashes: &[Hash]) -> io::Result<Vec<(Hash, Vec<u8>)>> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let mut running: Vec<(Hash, Running)> = hashes.iter().map(|hash| (*hash, Running::new(*hash))).collect();
    let mut piece = vec![0; PIECE];
    let mut at = 0u64;
    loop {
        let count = match file.read_at(&mut piece, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let bytes = piece.get(..count).unwrap_or(&[]);
        if bytes.is_empty() {
            break;
        }
        running.iter_mut().for_each(|(_, hash)| hash.update(bytes));
        at = at.saturating_add(count as u64);
    }
    Ok(running.into_iter().map(|(hash, running)| (hash, running.finish())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        let path = std::env::temp_dir().join(format!("sabueso-digests-{}", std::process::id()));
        std::fs::write(&path, "abc").unwrap();
        let file = File::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let found = digests(&file, &[Hash::Ripemd160, Hash::Sha1]).unwrap();
        let text = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let found: Vec<_> = found.iter().map(|(hash, value)| (hash.name(), text(value))).collect();
        assert_eq!(
            found,
            [
                ("RIPEMD160", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc".to_owned()),
                ("SHA1", "a9993e364706816aba3e25717850c26c9cd0d89d".to_owned())
            ]
        );
    }
}
