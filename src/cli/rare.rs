//! Flags of tcpdump that few give. Those that can't be heeded are known, so that they are refused with the reason.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ArgAction;

use crate::output::terminal::complain;
use crate::output::text::PacketType;

#[derive(clap::Args, Debug)]
pub struct Rare {
    /// Show hosts, ports and stations by their names where they have one, which may ask the network
    #[arg(long)]
    pub resolve: bool,

    /// Where hosts are named: only those of the networks of the interfaces that are captured on
    #[arg(short = 'f')]
    pub only_near: bool,

    /// Show numbers of autonomous systems in two parts
    #[arg(short = 'b')]
    pub as_dot: bool,

    /// Accepted for tcpdump's sake: NFS, whose handles it is about, is not decoded
    #[arg(short = 'u')]
    pub nfs_handles: bool,

    /// Check signatures of TCP segments (RFC 2385) with this secret
    #[arg(short = 'M', value_name = "SECRET")]
    pub tcp_secret: Option<OsString>,

    /// Read every UDP datagram as domain (TCP too), radius, snmp, tftp or vxlan, every segment as resp, VRRP's packets as carp
    #[arg(short = 'T', value_name = "TYPE", value_parser = packet_type)]
    pub packet_type: Option<PacketType>,

    /// Read the files that this file lists, one a line (- for standard input)
    #[arg(short = 'V', value_name = "FILE", conflicts_with = "read")]
    pub file_list: Option<PathBuf>,

    /// Print every so manieth packet only, even if all are written to a file
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub print_sampling: Option<u64>,

    #[arg(short = 'E', hide = true, value_name = "SECRET", action = ArgAction::Append)]
    ipsec_secret: Vec<OsString>,

    #[arg(short = 'H', hide = true)]
    mesh: bool,

    #[arg(short = 'I', long = "monitor-mode", hide = true)]
    monitor_mode: bool,

    #[arg(short = 'm', hide = true, value_name = "MODULE", action = ArgAction::Append)]
    mib_module: Vec<OsString>,
}

/// A packet type by its name.
fn packet_type(name: &str) -> Result<PacketType, String> {
    let found = PacketType::ALL.iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
    let all: Vec<&str> = PacketType::ALL.iter().map(|kind| kind.name()).collect();
    found.copied().ok_or_else(|| format!("packets are not read as that here; there are {}", all.join(", ")))
}

impl Rare {
    /// Refuses what can't be heeded. tcpdump does not heed `-m` either, where it was built without libsmi (as it mostly
    /// is), and says so, nor `-I` for what is read.
    pub fn check(&self, reads: bool, as_tcpdump: bool) -> Result<()> {
        if !self.ipsec_secret.is_empty() {
            bail!("-E: what ESP has encrypted is not decrypted here; tshark does that (its preference esp.sa_1)");
        }
        if self.mesh {
            bail!(
                "-H: the draft of 802.11s mesh headers that it is about was given up; the standard's are not decoded"
            );
        }
        if self.monitor_mode && !(reads && as_tcpdump) {
            bail!(
                "-I: interfaces are not put into monitor mode here: have 'iw dev NAME interface add mon0 type monitor' \
                 make one that is, and capture on that"
            );
        }
        match self.mib_module.first() {
            Some(module) if as_tcpdump => {
                complain(format_args!("ignoring option `-m {}' (no libsmi support)", module.display()));
            }
            Some(_) => {
                bail!("-m: SMI modules, which name the objects of SNMP, are not read; objects are shown as numbers")
            }
            None => {}
        }
        if self.only_near && reads {
            bail!("-f can not be used with -V or -r");
        }
        Ok(())
    }

    /// The files that `-V` lists.
    ///
    /// # Errors
    /// Where the list can't be read, or is empty.
    pub fn listed_files(&self) -> Result<Vec<PathBuf>> {
        let Some(path) = &self.file_list else { return Ok(Vec::new()) };
        let list = read_list(path).with_context(|| format!("-V {}", path.display()))?;
        let names = list.split(|byte| *byte == b'\n').filter(|name| !name.is_empty());
        let files: Vec<PathBuf> = names.map(|name| OsString::from_vec(name.to_vec()).into()).collect();
        if files.is_empty() {
            bail!("-V {}: no file is listed there", path.display());
        }
        Ok(files)
    }
}

fn read_list(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        return std::fs::read(path);
    }
    let mut list = Vec::new();
    std::io::stdin().lock().read_to_end(&mut list)?;
    Ok(list)
}
