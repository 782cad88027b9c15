//! **sabueso** captures packets and reads capture files. The binary is a thin skin over this library.
//!
//! Data flows one way: a source (a file, a live ring) hands over blocks of frames; decoders look at the
//! bytes; sinks print, count or write them.
//!
//! * [`frame`]: a frame, the block it comes in, its time, link type and interface
//! * [`mod@file`]: capture files, pcap and pcapng, read and written
//! * [`decode`]: bytes to layers, one protocol a file
//! * [`reassembly`]: fragments and segments put together, bounded in bytes and time
//! * [`limits`]: when a run has enough
//! * [`budget`]: the one limit of memory for what is remembered from frame to frame
//! * [`gap`]: packets lost before a frame, as they travel with it
//! * [`owner`]: whose a packet is, as that travels with it
//! * [`attribution`]: the owner of each frame of a live capture
//! * [`process`]: which process owns a connection, on this machine
//! * [`history`]: the last frames, in memory within bounds
//! * [`live`]: interfaces, packet sockets and their receive rings
//! * [`filter`]: the filter language, compiled to a [`bpf`] program and run over frames
//! * [`names`]: what hosts, ports and stations are called
//! * [`flow`]: connections, as packets show them
//! * [`roster`]: names and processes at the ends of connections
//! * [`rewrite`]: captures made of others
//! * [`groups`]: connections summed up by what they have in common
//! * [`servers`]: the sockets that connections were made to
//! * [`streams`]: what the programs at both ends of connections read
//! * [`fields`]: every name that something in a packet has, and the walk that tells what stands under it
//! * [`condition`]: conditions on those names
//! * [`helper`]: processes of our own that do what this one may not do any more
//! * [`anonymize`]: captures without what they tell of people and places
//! * [`output`]: text in tcpdump's style, JSON, columns, and the one way to a terminal
//!
//! Reading a capture and looking at its packets:
//!
//! ```
//! use sabueso::decode::{Layer, Layers};
//! use sabueso::file::{ReadOptions, Reader};
//! use sabueso::frame::Source;
//!
//! let mut reader = Reader::open("captures/web-http.pcap".as_ref(), ReadOptions::default())?;
//! let mut ports = Vec::new();
//! while let Some(block) = reader.next_block()? {
//!     for frame in block.frames() {
//!         for layer in Layers::new(frame.link_type, frame.data, frame.wire_len as usize) {
//!             if let Layer::Tcp(tcp) = layer {
//!                 ports.push((tcp.source_port(), tcp.destination_port()));
//!             }
//!         }
//!     }
//! }
//! assert!(ports.contains(&(58408, 80)));
//! # Ok::<(), sabueso::file::Error>(())
//! ```
#![deny(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]
#![warn(missing_debug_implementations)]

pub mod anonymize;
pub mod attribution;
pub mod bpf;
pub mod budget;
pub mod cli;
pub mod condition;
pub mod decode;
pub mod diagnostic;
pub mod fields;
pub mod file;
pub mod filter;
pub mod flow;
pub mod frame;
pub mod gap;
pub mod groups;
pub mod guard;
pub mod helper;
pub mod history;
pub mod info;
pub mod limits;
pub mod live;
pub mod moment;
pub mod names;
pub mod output;
pub mod owner;
pub mod pipeline;
pub mod process;
pub mod reassembly;
pub mod rewrite;
pub mod roster;
pub mod servers;
pub mod streams;
