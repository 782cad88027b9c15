"""The scenes: real programs and real sockets, one function a recording."""

import contextlib
import fcntl
import http.client
import http.server
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

from .live import scene
from .wire import checksum

SERVER, SERVER6 = "198.51.100.2", "2001:db8:1::2"
GROUP, GROUP6 = "239.1.2.3", "ff15::1:3"


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def listener(net, host=SERVER, port=7, kind=socket.SOCK_STREAM, where="server", protocol=0):
    """A socket that waits for the client: a listening one, or a bound datagram one."""
    with net.inside(where):
        sock = socket.socket(family(host), kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        return sock


def connect(net, host=SERVER, port=7, where="client", protocol=0):
    with net.inside(where):
        sock = socket.socket(family(host), socket.SOCK_STREAM, protocol)
    sock.settimeout(10)
    sock.connect((host, port))
    return sock


@contextlib.contextmanager
def pair(net, host=SERVER, **options):
    """Both ends of a TCP connection, the client's first."""
    with listener(net, host, **options) as waiting:
        near = connect(net, host, protocol=options.get("protocol", 0))
        far, _ = waiting.accept()
        with near, far:
            yield near, far


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        found = self.path == "/"
        self.reply(200 if found else 404, b"<h1>sabueso</h1>\n" if found else b"not here\n")

    def do_POST(self):
        self.reply(201, self.rfile.read(int(self.headers["Content-Length"])))

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Web(http.server.ThreadingHTTPServer):
    """Serves on a socket that exists already."""

    def __init__(self, sock):
        super().__init__(sock.getsockname()[:2], Pages, bind_and_activate=False)
        self.socket.close()
        self.socket = sock
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


def browse(net, host):
    web = Web(listener(net, host, 80))
    client = http.client.HTTPConnection(host)
    client.sock = connect(net, host, 80)
    for method, path, body in (("GET", "/", None), ("GET", "/missing", None), ("POST", "/form", b"name=value")):
        client.request(method, path, body)
        client.getresponse().read()
    client.close()
    time.sleep(0.2)
    web.shutdown()


@scene()
def web_http(net):
    """HTTP/1.1 on one connection: a page, one that is missing, a form sent"""
    browse(net, SERVER)


@scene()
def web_http_ipv6(net):
    """The same over IPv6"""
    browse(net, SERVER6)


@scene(options=("-s", "96"))
def web_http_snapped(net):
    """The same with snap length 96: the headers are whole, the text is cut"""
    browse(net, SERVER)


@scene(host="router", interface=("eth0", "eth1"), suffix=".pcapng")
def web_two_interfaces(net):
    """HTTP as the router sees it: every packet on two interfaces, recorded by dumpcap as pcapng, with statistics"""
    browse(net, SERVER)


@scene()
def web_tls(net):
    """TLS 1.3, then TLS 1.2, then a client that refuses the certificate"""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=server.example", "-days", "3650", "-keyout", key, "-out", certificate],
                       check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    web = Web(context.wrap_socket(listener(net, port=443), server_side=True))
    request = b"GET / HTTP/1.1\r\nHost: server.example\r\nConnection: close\r\n\r\n"
    for words in ("-tls1_3", "-tls1_2", "-tls1_3 -verify_return_error"):
        net.run("client", f"openssl s_client -quiet -connect {SERVER}:443 -servername server.example {words}",
                check=False, input=request, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    web.shutdown()


def answer(query):
    """Answers of a tiny name server: an address for each name but `missing`, which does not exist."""
    end = query.index(b"\0", 12) + 5
    kind, = struct.unpack("!H", query[end - 4:end - 2])
    data = {1: socket.inet_aton(SERVER), 28: socket.inet_pton(socket.AF_INET6, SERVER6),
            15: b"\0\x0a\4mail\xc0\x0c", 16: b"\x0bhello world"}.get(kind)
    missing = query[12:].startswith(b"\7missing")
    count = 0 if missing or data is None else 1
    head = query[:2] + struct.pack("!HHHHH", 0x8583 if missing else 0x8580, 1, count, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, kind, 1, 300, len(data)) + data if count else b""
    return head + query[12:end] + record


@scene()
def dns(net):
    """DNS by dig: A, AAAA, MX, TXT, a name that does not exist, a type without data, over UDP, then over TCP"""
    datagrams, streams = listener(net, port=53, kind=socket.SOCK_DGRAM), listener(net, port=53)

    def serve_datagrams():
        while True:
            query, client = datagrams.recvfrom(4096)
            datagrams.sendto(answer(query), client)

    def serve_streams():
        while True:
            with streams.accept()[0] as sock:
                reply = answer(sock.recv(4096)[2:])
                sock.sendall(struct.pack("!H", len(reply)) + reply)

    for serve in (serve_datagrams, serve_streams):
        threading.Thread(target=serve, daemon=True).start()
    for words in ("www.example A", "www.example AAAA", "example MX", "example TXT", "missing.example A", "example NS",
                  "www.example A +tcp", "missing.example A +tcp"):
        net.quiet("client", f"dig @{SERVER} +tries=1 +time=2 {words}")


def server_links_up(net):
    net.up("router", "server")
    net.run("client", "ip link set eth0 up")


@scene(before=server_links_up)
def dhcp(net):
    """DHCP: discover, offer, request, acknowledgement, an ARP probe of the lease, release (udhcpc and udhcpd)"""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/conf", "w") as file:
            file.write(f"start 192.0.2.100\nend 192.0.2.100\ninterface eth0\nlease_file {folder}/leases\n"
                       f"pidfile {folder}/pid\noption subnet 255.255.255.0\noption router 192.0.2.254\n"
                       "option dns 198.51.100.2\noption domain example\noption lease 600\n")
        open(f"{folder}/leases", "w").close()
        net.start("router", "udhcpd", "-f", f"{folder}/conf", stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        net.quiet("client", "udhcpc -i eth0 -f -n -q -R -a -x hostname:client -s /bin/true")


@scene()
def ping(net):
    """Echo requests and replies, IPv4 and IPv6: usual, empty, with recorded route, with a pattern, to the broadcast address"""
    for words in (f"-c 2 -i 0.2 {SERVER}", f"-c 1 -s 0 {SERVER}", f"-c 1 -R {SERVER}", f"-c 1 -T tsandaddr {SERVER}",
                  f"-c 1 -p ff00 -s 32 {SERVER}", f"-c 1 -Q 0xb8 -t 9 {SERVER}", "-b -c 1 -W 1 192.0.2.255",
                  f"-6 -c 2 -i 0.2 {SERVER6}", f"-6 -c 1 -s 0 {SERVER6}", f"-6 -c 1 -F 0xbeef1 {SERVER6}",
                  "-6 -c 1 -I eth0 ff02::1"):
        net.quiet("client", f"ping {words}")


@scene()
def fragments(net):
    """Fragments of long echo requests and replies, IPv4 and IPv6, and of a UDP datagram that nobody takes"""
    net.quiet("client", f"ping -c 1 -s 3000 {SERVER}")
    net.quiet("client", f"ping -6 -c 1 -s 3000 {SERVER6}")
    with net.inside("client"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: IP_PMTUDISC_DONT
    sock.sendto(bytes(2000), (SERVER, 9))


@scene()
def path_mtu(net):
    """A narrow link behind the router: fragmentation needed and packet too big, and TCP that adapts"""
    for host, name in (("router", "eth1"), ("server", "eth0")):
        net.run(host, f"ip link set {name} mtu 1280")
    net.quiet("client", f"ping -c 2 -i 0.3 -M do -s 1400 {SERVER}")
    net.quiet("client", f"ping -6 -c 2 -i 0.3 -s 1400 {SERVER6}")


@scene()
def traceroute(net):
    """traceroute by UDP, ICMP and TCP, IPv4 and IPv6: time exceeded, port unreachable, echo reply, reset"""
    for words in (f"-q 1 {SERVER}", f"-I -q 1 {SERVER}", f"-T -q 1 {SERVER}", f"-6 -q 1 {SERVER6}",
                  f"-6 -I -q 1 {SERVER6}"):
        net.quiet("client", f"traceroute -n -m 3 -w 1 {words}")


@scene()
def closed_ports(net):
    """TCP answered by a reset and UDP by port unreachable, IPv4 and IPv6"""
    for host in (SERVER, SERVER6):
        with contextlib.suppress(ConnectionRefusedError):
            connect(net, host, 81)
        with net.inside("client"):
            sock = socket.socket(family(host), socket.SOCK_DGRAM)
        sock.sendto(b"anybody there?", (host, 81))


@scene()
def unreachable(net):
    """No such host, no route, administratively prohibited, IPv4 and IPv6; then a black hole, where SYN goes unanswered"""
    for kind, v4, v6 in (("unreachable", "203.0.113.1", "2001:db8:2::1"), ("prohibit", "203.0.113.2", "2001:db8:2::2"),
                         ("blackhole", "203.0.113.3", "2001:db8:2::3")):
        net.run("router", f"ip route add {kind} {v4}")
        net.run("router", f"ip -6 route add {kind} {v6}")
    targets = ("203.0.113.1", "203.0.113.2", "2001:db8:2::1", "2001:db8:2::2", "203.0.113.9", "198.51.100.99",
               "2001:db8:1::99")
    for target in targets:
        net.quiet("client", f"ping -c 1 -W 4 {target}")
    with net.inside("client"):
        sock = socket.socket()
    sock.settimeout(4)
    with contextlib.suppress(TimeoutError):
        sock.connect(("203.0.113.3", 80))


@scene()
def tcp_reset(net):
    """Connections that end by reset: the client gives up, the server gives up, data for a socket that is gone"""
    now = struct.pack("ii", 1, 0)
    with pair(net) as (near, _):
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        near.close()
        time.sleep(0.1)
    with pair(net) as (_, far):
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        far.close()
        time.sleep(0.1)
    with pair(net) as (near, far):
        near.sendall(b"unread")
        time.sleep(0.1)
        far.close()
        time.sleep(0.1)


@scene()
def tcp_half_close(net):
    """One side ends its direction, the other still talks; urgent data on the way"""
    with pair(net) as (near, far):
        near.sendall(b"question")
        near.send(b"!", socket.MSG_OOB)
        near.shutdown(socket.SHUT_WR)
        time.sleep(0.1)
        far.sendall(b"answer")
        time.sleep(0.1)
        far.sendall(b"more")
        far.shutdown(socket.SHUT_WR)
        time.sleep(0.1)


@scene()
def tcp_zero_window(net):
    """A reader that stops reading: the window closes, is probed, opens again"""
    with listener(net) as waiting:
        waiting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        near = connect(net)
        far, _ = waiting.accept()
        near.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            for _ in range(8):
                near.send(bytes(500))
                time.sleep(0.02)
        time.sleep(1.5)
        near.close()
        while far.recv(4096):
            pass
        far.close()


@scene()
def tcp_keepalive(net):
    """An idle connection kept alive every second"""
    with pair(net) as (near, far):
        for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 3)):
            near.setsockopt(socket.IPPROTO_TCP, option, value)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        near.sendall(b"hello")
        far.recv(100)
        time.sleep(3.3)


@scene()
def tcp_loss(net):
    """Segments lost behind the router: duplicate acknowledgements with SACK, fast and timed retransmissions"""
    with pair(net) as (near, far):
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        near.sendall(b"arrives ")
        time.sleep(0.1)
        net.run("router", f"ip route add blackhole {SERVER}")
        near.sendall(b"is lost ")
        net.run("router", f"ip route del blackhole {SERVER}")
        for word in (b"comes ", b"too ", b"early ", b"and waits"):
            near.sendall(word)
            time.sleep(0.01)
        time.sleep(0.5)
        net.run("router", f"ip route add blackhole {SERVER}")
        near.sendall(b"lost several times")
        time.sleep(1.2)
        net.run("router", f"ip route del blackhole {SERVER}")
        time.sleep(1.5)
        far.recv(1000)


@scene()
def tcp_multipath(net):
    """Multipath TCP (RFC 8684): its options on the handshake, data and the end"""
    with pair(net, protocol=262) as (near, far):
        near.sendall(b"hello")
        far.sendall(far.recv(100))
        near.recv(100)
    time.sleep(0.2)


def nothing_up(net):
    net.run("router", "ip link set eth0 up")


@scene(host="router", before=nothing_up)
def neighbour_joins(net):
    """A host joins an IPv6 link: MLD reports, duplicate address detection, router solicitation and advertisement, neighbour unreachability"""
    net.run("router", "ip address add 2001:db8::fe/64 dev eth0 nodad")
    net.run("client", "ip link set eth0 up")
    with net.inside("router"):
        sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    time.sleep(3)
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, "2001:db8::")
    mtu = struct.pack("!BBHI", 5, 1, 0, 1500)
    link = b"\1\1" + bytes.fromhex("0200000000fe")
    sock.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + prefix + mtu + link, ("ff02::1%eth0", 0))
    time.sleep(2)
    net.quiet("client", "ping -6 -c 1 -W 2 2001:db8::fe")
    net.quiet("client", "ping -6 -c 1 -W 4 2001:db8::77")


@scene()
def multicast(net):
    """Joining and leaving groups: IGMPv3 and MLDv2, with and without sources, then IGMPv2 and MLDv1; datagrams to the groups"""
    mine = socket.inet_aton("192.0.2.1")

    def join_all():
        with net.inside("client"):
            sock4, sock6 = (socket.socket(kind, socket.SOCK_DGRAM) for kind in (socket.AF_INET, socket.AF_INET6))
            interface = struct.pack("I", socket.if_nametoindex("eth0"))
        member4 = socket.inet_aton(GROUP) + mine
        member6 = socket.inet_pton(socket.AF_INET6, GROUP6) + interface
        sock4.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member4)
        sock6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member6)
        source = socket.inet_aton("232.1.2.3") + mine + socket.inet_aton(SERVER)
        sock4.setsockopt(socket.IPPROTO_IP, 39, source)  # IP_ADD_SOURCE_MEMBERSHIP
        sock4.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mine)
        sock6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface)
        sock4.sendto(b"to the group", (GROUP, 5000))
        sock6.sendto(b"to the group", (GROUP6, 5000))
        time.sleep(1)
        sock4.close()
        sock6.close()
        time.sleep(1)

    join_all()
    net.run("client", "sysctl -qw net.ipv4.conf.eth0.force_igmp_version=2 net.ipv6.conf.eth0.force_mld_version=1")
    join_all()


def client_down(net):
    net.up("router", "server")


@scene(host="router", before=client_down)
def arp(net):
    """ARP on a link: gratuitous announcements, a request and its reply, a host that is not there, a unicast confirmation"""
    net.run("client", "sysctl -qw net.ipv4.conf.eth0.arp_notify=1 net.ipv6.conf.eth0.disable_ipv6=1")
    net.run("client", "ip address add 192.0.2.1/24 dev eth0")
    net.run("client", "ip link set eth0 up")
    time.sleep(0.2)
    net.quiet("client", "ping -c 1 -W 1 192.0.2.254")
    net.quiet("client", "ping -c 1 -W 4 192.0.2.99")
    time.sleep(6)


def all_kinds(net):
    """Traffic that a router sees on both links and on its loopback."""
    net.quiet("client", f"ping -c 1 {SERVER}")
    net.quiet("client", f"ping -6 -c 1 {SERVER6}")
    net.quiet("router", "ping -c 1 127.0.0.1")
    net.run("router", "ip neigh flush all")
    net.quiet("client", f"ping -c 1 {SERVER}")
    net.quiet("client", "ping -b -c 1 -W 1 192.0.2.255")
    with contextlib.suppress(ConnectionRefusedError):
        connect(net, SERVER, 81)


@scene(host="router", interface=("any",), options=("-y", "LINUX_SLL2"))
def any_cooked_v2(net):
    """`-i any` on the router as LINUX_SLL2: forwarded packets twice, loopback, ARP, broadcast, each direction"""
    all_kinds(net)


@scene(host="router", interface=("any",), options=("-y", "LINUX_SLL"))
def any_cooked_v1(net):
    """The same as LINUX_SLL, which has no interface number"""
    all_kinds(net)


@scene(interface=("lo",))
def loopback(net):
    """The loopback interface: TCP and UDP, IPv4 and IPv6, a closed port, ping"""
    for host in ("127.0.0.1", "::1"):
        with listener(net, host, where="client") as waiting, connect(net, host) as near:
            far, _ = waiting.accept()
            with far:
                near.sendall(b"hello")
                far.sendall(far.recv(100))
                near.recv(100)
        with contextlib.suppress(ConnectionRefusedError):
            connect(net, host, 81)
        net.quiet("client", f"ping -c 1 {host}")


def tunnel(net):
    """A TUN device whose other end is this script: it answers every echo request."""
    net.run("client", "ip tuntap add dev tun0 mode tun")
    net.run("client", "sysctl -qw net.ipv6.conf.tun0.router_solicitations=0")
    net.run("client", "ip link set tun0 up")
    net.run("client", "ip address add 10.0.0.1/24 dev tun0")
    net.run("client", "ip address add fd00::1/64 dev tun0")


@scene(interface=("tun0",), before=tunnel)
def tun_raw(net):
    """A TUN device, which has no link header (RAW): ping over IPv4 and IPv6, answered by a program"""
    with net.inside("client"):
        device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(device, 0x400454CA, struct.pack("16sH14x", b"tun0", 0x1001))  # TUNSETIFF: IFF_TUN, IFF_NO_PI

    def echo():
        while True:
            packet = os.read(device, 2000)
            if packet[0] >> 4 == 4 and packet[9] == 1:
                head, message, sources = packet[:20], packet[20:], (12, 16, 20)
            elif packet[0] >> 4 == 6 and packet[6] == 58 and packet[40] == 128:
                head, message, sources = packet[:40], packet[40:], (8, 24, 40)
            else:
                continue
            start, middle, end = sources
            head = head[:start] + head[middle:end] + head[start:middle]
            reply = bytes([129 if end == 40 else 0, 0, 0, 0]) + message[4:]
            pseudo = head[8:40] + struct.pack("!IxxxB", len(reply), 58) if end == 40 else b""
            reply = reply[:2] + struct.pack("!H", checksum(pseudo + reply)) + reply[4:]
            os.write(device, head + reply)

    threading.Thread(target=echo, daemon=True).start()
    time.sleep(2)
    net.quiet("client", "ping -c 2 -i 0.2 10.0.0.2")
    net.quiet("client", "ping -6 -c 2 -i 0.2 fd00::2")


@scene()
def udp_talk(net):
    """UDP both ways, IPv4 and IPv6: short and empty datagrams, a broadcast, text that is not plain"""
    for host in (SERVER, SERVER6):
        far = listener(net, host, 7, socket.SOCK_DGRAM)
        with net.inside("client"):
            near = socket.socket(family(host), socket.SOCK_DGRAM)
        near.connect((host, 7))
        for payload in (b"hello", b"", "año\n\x1b[31m".encode(), b"x" * 400):
            near.send(payload)
            far.sendto(*far.recvfrom(1000))
            near.recv(1000)
    with net.inside("client"):
        near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    near.sendto(b"to all", ("192.0.2.255", 9999))
    near.sendto(b"to all", ("255.255.255.255", 9999))
