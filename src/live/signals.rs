//! Signals as something to read: they are blocked and taken from a descriptor, so that none can interrupt a
//! write half way, and a wait for packets can wait for them too.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::sys;

/// What a signal asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    /// SIGINT, SIGTERM, SIGHUP: end, with everything kept.
    Stop(Signal),
    /// SIGUSR1: say how many packets there were.
    Counters,
    /// SIGUSR2: write out what is buffered.
    Flush,
}

/// Has a file at its size limit (setrlimit(2)) be an error of the write, not a signal that kills.
pub fn keep_size_limit_an_error() {
    let mut set = SigSet::empty();
    set.add(Signal::SIGXFSZ);
    // It fails for a wrong argument alone.
    let _ = set.thread_block();
}

/// The signals of this process, taken over for good.
#[derive(Debug)]
pub struct Signals {
    descriptor: SignalFd,
}

impl Signals {
    /// Takes the signals over. Must be called before other threads are started (they inherit what is blocked), and
    /// by the thread that reads them. SIGXFSZ is blocked as well, so that a file at its limit is an error of the
    /// write. SIGHUP is left alone where it is ignored, as under nohup(1). A program executed later
    /// inherits what is blocked too.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn take_over() -> Result<Signals, Errno> {
        let mut taken = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGUSR1, Signal::SIGUSR2] {
            taken.add(signal);
        }
        if !sys::ignores(libc::SIGHUP) {
            taken.add(Signal::SIGHUP);
        }
        let mut blocked = taken;
        blocked.add(Signal::SIGXFSZ);
        blocked.thread_block()?;
        let descriptor = SignalFd::with_flags(&taken, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        Ok(Signals { descriptor })
    }

    /// The next request, if a signal has come.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn next(&self) -> Result<Option<Request>, Errno> {
        let Some(signal) = self.descriptor.read_signal()? else { return Ok(None) };
        let signal = Signal::try_from(signal.ssi_signo.cast_signed())?;
        Ok(Some(match signal {
            Signal::SIGUSR1 => Request::Counters,
            Signal::SIGUSR2 => Request::Flush,
            _ => Request::Stop(signal),
        }))
    }

    /// Waits for a signal, so many milliseconds at most.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn wait(&self, limit: u8) -> Result<(), Errno> {
        poll(&mut [PollFd::new(self.descriptor.as_fd(), PollFlags::POLLIN)], limit).map(drop)
    }

    /// A second handle, for [`Capture::wake_on`](super::Capture::wake_on).
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn waker(&self) -> std::io::Result<OwnedFd> {
        self.descriptor.as_fd().try_clone_to_owned()
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::raise;

    #[test]
    fn signals_are_read_once_each() {
        let signals = Signals::take_over().unwrap();
        for (signal, request) in [
            (Signal::SIGUSR1, Request::Counters),
            (Signal::SIGUSR2, Request::Flush),
            (Signal::SIGINT, Request::Stop(Signal::SIGINT)),
            (Signal::SIGTERM, Request::Stop(Signal::SIGTERM)),
        ] {
            raise(signal).unwrap();
            assert_eq!(signals.next(), Ok(Some(request)));
            assert_eq!(signals.next(), Ok(None));
        }
        raise(Signal::SIGXFSZ).unwrap();
        assert_eq!(signals.next(), Ok(None), "blocked, and of no interest");
    }
}
