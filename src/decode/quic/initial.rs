//! The protection of Initial packets (RFC 9001, 5; RFC 9369, 3.3): their keys are made of the connection id that the
//! client chose first and a salt that everyone knows, so that whoever sees the first packet can read them.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aes_gcm::{Aes128Gcm, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{Kind, Long, Version};

const SALT_V1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f,
    0x0a,
];
const SALT_V2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e,
    0xd9,
];

const TAG: usize = 16;
/// What the mask of a header is made from.
const SAMPLE: usize = 16;
/// The sample begins this far behind the start of the packet number, however long that is.
const SAMPLE_AT: usize = 4;

/// Who sent a packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Side {
    Client,
    Server,
}

/// An Initial packet as its receiver reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    pub number: u32,
    /// The frames, for [`Frames`](super::Frames).
    pub plain: Vec<u8>,
}

/// The keys of one side.
struct Keys {
    key: [u8; 16],
    iv: [u8; 12],
    header: [u8; 16],
}

impl Keys {
    /// `first_id` is the destination connection id of the client's first packet.
    fn of(version: Version, first_id: &[u8], side: Side) -> Option<Keys> {
        let (salt, [key_label, iv_label, header_label]) = match version {
            Version::V1 => (SALT_V1, ["quic key", "quic iv", "quic hp"]),
            Version::V2 => (SALT_V2, ["quicv2 key", "quicv2 iv", "quicv2 hp"]),
            _ => return None,
        };
        let side = match side {
            Side::Client => "client in",
            Side::Server => "server in",
        };
        let secret: [u8; 32] = expand(&Hkdf::new(Some(&salt), first_id), side)?;
        let secret = Hkdf::from_prk(&secret).ok()?;
        Some(Keys {
            key: expand(&secret, key_label)?,
            iv: expand(&secret, iv_label)?,
            header: expand(&secret, header_label)?,
        })
    }
}

/// HKDF-Expand-Label of TLS 1.3 (RFC 8446, 7.1) with an empty context.
fn expand<const N: usize>(secret: &Hkdf<Sha256>, label: &str) -> Option<[u8; N]> {
    const PREFIX: &[u8] = b"tls13 ";
    let length = u16::try_from(N).ok()?.to_be_bytes();
    let label_length = u8::try_from(PREFIX.len().checked_add(label.len())?).ok()?;
    let mut out = [0; N];
    secret.expand_multi_info(&[&length, &[label_length], PREFIX, label.as_bytes(), &[0]], &mut out).ok()?;
    Some(out)
}

/// Decrypts an Initial packet that `side` sent; none where the keys don't fit it, or not all of it was captured.
pub fn open(packet: &Long<'_>, first_id: &[u8], side: Side) -> Option<Opened> {
    if packet.kind != Kind::Initial || packet.bytes.len() < packet.length {
        return None;
    }
    let keys = Keys::of(packet.version, first_id, side)?;
    let sample_at = packet.body.checked_add(SAMPLE_AT)?;
    let sample = packet.bytes.get(sample_at..sample_at.checked_add(SAMPLE)?)?;
    let mut block = aes_gcm::aes::Block::try_from(sample).ok()?;
    Aes128::new(&keys.header.into()).encrypt_block(&mut block);
    let [first_mask, number_mask @ ..] = block.0;

    let mut first = *packet.bytes.first()?;
    first ^= first_mask & 0x0f;
    let number_len = usize::from(first & 3).saturating_add(1);
    let number_end = packet.body.checked_add(number_len)?;
    // The header in the clear is what is authenticated.
    let mut header = packet.bytes.get(..number_end)?.to_vec();
    *header.first_mut()? = first;
    let mut number = 0u32;
    for (byte, mask) in header.get_mut(packet.body..)?.iter_mut().zip(number_mask) {
        *byte ^= mask;
        number = number << 8 | u32::from(*byte);
    }

    let (plain, tag) = packet.bytes.get(number_end..)?.split_last_chunk::<TAG>()?;
    let mut nonce = keys.iv;
    for (byte, number) in nonce.iter_mut().rev().zip(number.to_le_bytes()) {
        *byte ^= number;
    }
    let mut plain = plain.to_vec();
    let cipher = Aes128Gcm::new(&keys.key.into());
    cipher.decrypt_inout_detached(&Nonce::from(nonce), &header, plain.as_mut_slice().into(), &Tag::from(*tag)).ok()?;
    Some(Opened { number, plain })
}

#[cfg(test)]
mod tests;
