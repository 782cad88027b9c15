"""Scenes of whole services: web pages over HTTP and TLS, DNS, DHCP."""

import http.client
import http.server
import ssl
import socket
import struct
import subprocess
import tempfile
import threading
import time

from .live import scene
from .sockets import SERVER, SERVER6, connect, listener


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
    """HTTP/1.1 over IPv6: a page, one that is missing, a form sent"""
    browse(net, SERVER6)


@scene(options=("-s", "96"))
def web_http_snapped(net):
    """HTTP/1.1 with snap length 96: the headers are whole, the text is cut"""
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
