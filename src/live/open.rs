//! From the name of an interface to the sockets on it: opened, bound, sharing its packets where they are several.

use nix::errno::Errno;

use super::capture::CaptureOptions;
use super::interfaces::{self, InterfaceInfo};
use super::ring::Ring;
use super::{Error, denied};

/// The sockets for an interface. Those of one that is there are bound to it, and refuse its packets as yet.
#[derive(Debug)]
pub(super) struct Opened {
    /// None for one that is waited for.
    pub(super) present: Option<InterfaceInfo>,
    pub(super) rings: Vec<Ring>,
}

/// Opens as many sockets as there are workers for an interface by its name or number.
pub(super) fn interface(name: &str, options: &CaptureOptions) -> Result<Opened, Error> {
    let present = match interfaces::find(name) {
        Err(Error::NoInterface(_)) if options.wait => None,
        found => Some(found?),
    };
    let name = present.as_ref().map_or(name, |interface| &interface.name);
    let workers = options.workers.max(1);
    let mut rings = Vec::with_capacity(workers);
    let mut group = None;
    for _ in 0..workers {
        let mut ring = Ring::open(name, present.as_ref(), options)?;
        if let Some(interface) = &present {
            ring.bind(interface.index, options).map_err(denied("CAP_NET_RAW", "capturing on", name))?;
            match ring.error()? {
                Some(Errno::ENETDOWN) if !options.wait => return Err(Error::Down { interface: name.to_owned() }),
                None | Some(Errno::ENETDOWN) => {}
                Some(source) => return Err(ring.failed("capturing on")(source)),
            }
        }
        if workers > 1 {
            group = Some(ring.join(options.fanout, group)?);
        }
        rings.push(ring);
    }
    Ok(Opened { present, rings })
}
