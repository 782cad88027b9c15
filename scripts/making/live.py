"""Recording: runs a scene on a fresh private network while tcpdump or dumpcap listens."""

import subprocess

from . import LIVE, name_of
from .network import Network

TCPDUMP = ("tcpdump", "-Z", "root", "-U", "--immediate-mode")
DUMPCAP = ("dumpcap", "-q")


def scene(host="client", interface=("eth0",), options=(), before=None, suffix=".pcap"):
    """The function makes the traffic; `before(net)` prepares what must not be seen (the default: all hosts up)."""

    def register(function):
        program = DUMPCAP if suffix == ".pcapng" else TCPDUMP

        def play(path):
            with Network() as net:
                (before or everything_up)(net)
                with net.recording(path, host, interface, (*program, *options)):
                    function(net)

        play.__doc__ = function.__doc__
        LIVE[name_of(function, suffix)] = play
        return function

    return register


def everything_up(net):
    """All hosts up, and neighbours known, so that a scene holds only its own packets."""
    net.up("client", "router", "server")
    net.quiet("client", "ping -c 1 -W 2 198.51.100.2")
    net.quiet("client", "ping -6 -c 1 -W 2 2001:db8:1::2")


def record(folder, names):
    for name in names:
        print(name, flush=True)
        LIVE[name](folder / name)
    subprocess.run(["ls", "-l", *(folder / name for name in names)], check=True)
