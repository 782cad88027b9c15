"""A private network for recordings: client, router and server in three namespaces, and tcpdump on one of them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time

CLONE_NEWNET = 0x40000000
MACS = {("client", "eth0"): "02:00:00:00:00:01", ("router", "eth0"): "02:00:00:00:00:fe",
        ("router", "eth1"): "02:00:00:00:01:fe", ("server", "eth0"): "02:00:00:00:01:02"}
ADDRESSES = {("client", "eth0"): ("192.0.2.1/24", "2001:db8::1/64"),
             ("router", "eth0"): ("192.0.2.254/24", "2001:db8::fe/64"),
             ("router", "eth1"): ("198.51.100.254/24", "2001:db8:1::fe/64"),
             ("server", "eth0"): ("198.51.100.2/24", "2001:db8:1::2/64")}
ROUTES = {"client": ("192.0.2.254", "2001:db8::fe"), "server": ("198.51.100.254", "2001:db8:1::fe")}


class Network:
    """client eth0 -- eth0 router eth1 -- eth0 server. A host is named by its role."""

    def __init__(self):
        self.prefix = f"sabueso-{os.getpid()}-"
        self.started = []

    def __enter__(self):
        for host in ("client", "router", "server"):
            subprocess.run(["ip", "netns", "add", self.prefix + host], check=True)
            self.run(host, "ip link set lo up")
        self.link(("client", "eth0"), ("router", "eth0"))
        self.link(("server", "eth0"), ("router", "eth1"))
        self.run("router", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
        return self

    def __exit__(self, *_):
        for process in self.started:
            process.kill()
            process.wait()
        for host in ("client", "router", "server"):
            subprocess.run(["ip", "netns", "del", self.prefix + host], check=True)

    def link(self, near, far):
        (host, name), (peer, peer_name) = near, far
        self.run(host, f"ip link add {name} address {MACS[near]} type veth peer name {peer_name} "
                       f"address {MACS[far]} netns {self.prefix}{peer}")

    def up(self, *hosts):
        """Links up, addresses and default routes set; without duplicate address detection, so that nothing waits for it."""
        for host, name in MACS:
            if host in hosts:
                v4, v6 = ADDRESSES[host, name]
                self.run(host, f"sysctl -qw net.ipv6.conf.{name}.router_solicitations=0")
                self.run(host, f"ip link set {name} up")
                self.run(host, f"ip address add {v4} brd + dev {name}")
                self.run(host, f"ip address add {v6} dev {name} nodad")
        for host in hosts:
            for gateway in ROUTES.get(host, ()):
                self.run(host, f"ip route add default via {gateway}")

    def run(self, host, command, check=True, **options):
        return subprocess.run(["ip", "netns", "exec", self.prefix + host, *command.split()], check=check, **options)

    def quiet(self, host, command):
        """Runs a program whose output does not matter, and which may well fail: that is the scene."""
        return self.run(host, command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        stdin=subprocess.DEVNULL)

    def start(self, host, *command, **options):
        """A program that runs until the scene ends."""
        process = subprocess.Popen(["ip", "netns", "exec", self.prefix + host, *command], **options)
        self.started.append(process)
        return process

    @contextlib.contextmanager
    def inside(self, host):
        """This thread stands in the host's namespace: a socket made here stays there for life."""
        with open("/proc/thread-self/ns/net") as here, open(f"/run/netns/{self.prefix}{host}") as there:
            enter(there)
            try:
                yield
            finally:
                enter(here)

    @contextlib.contextmanager
    def recording(self, path, host, interface, command):
        """Records while the body runs. `command` is tcpdump's (or dumpcap's) words before `-i`."""
        recorder = self.start(host, *command, *[word for name in interface for word in ("-i", name)],
                              "-w", str(path), stderr=subprocess.PIPE, text=True)
        for line in recorder.stderr:
            if "listening on" in line or line.startswith("File:"):
                break
        else:
            raise RuntimeError(f"{command[0]} did not start")
        time.sleep(0.2)
        yield
        time.sleep(0.5)
        recorder.send_signal(signal.SIGINT)
        recorder.communicate()
        path.chmod(0o644)


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace.fileno(), CLONE_NEWNET):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
