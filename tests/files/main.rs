//! Capture files, read and written: every case of the formats, damage, and round trips. Files are built byte
//! by byte (`build`), so that nothing here is tested against itself.

mod build;
mod damage;
mod follow;
mod oracles;
mod pcap;
mod pcapng;
mod properties;
mod rotation;
mod writing;
