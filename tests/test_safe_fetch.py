"""A file is fetched from an address that a person gave; nothing that only this machine may reach is asked.

A real server on this machine plays the internet: names are made up, and a connection to a public address lands there.
"""

import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from urllib3.util import connection

from scheduler.lib import safe_fetch
from scheduler.lib.safe_fetch import Refused, fetch, is_public

PUBLIC = "93.184.216.34"
real_connect, real_lookup = connection.create_connection, socket.getaddrinfo


class Internet:
    """Names and pages. `asked` lists each request as (host, path), `reached` each address connected to."""

    def __init__(self):
        self.names, self.pages = {"cdn.example": [PUBLIC]}, {"/robots.txt": (404, {}, b"")}
        self.asked, self.reached, self.headers = [], [], {}
        internet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                internet.asked.append((self.headers["Host"], self.path))
                internet.headers = dict(self.headers)
                status, headers, body = internet.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in body if not isinstance(body, bytes) else [body]:
                    try:
                        self.wfile.write(piece)
                    except OSError:
                        return

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def page(self, path, body=b"bytes", status=200, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            headers.setdefault("Content-Length", str(len(body)))
        self.pages[path] = (status, headers, body)

    def lookup(self, host, port, *_, **__):
        if host not in self.names:
            try:
                socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
                answer = [host]
            except OSError:
                raise socket.gaierror("no such name") from None
        else:
            answer = self.names[host]
            if answer and isinstance(answer[0], list):  # a name that changes its mind
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in ip], socket.SOCK_STREAM, 6, "", (ip, port)) for ip in answer]

    def connect(self, address, *args, **options):
        self.reached.append(address[0])
        return real_connect(("127.0.0.1", self.port), *args, **options)


@pytest.fixture
def internet(monkeypatch):
    world = Internet()
    monkeypatch.setattr(socket, "getaddrinfo", world.lookup)
    monkeypatch.setattr(connection, "create_connection", world.connect)
    yield world
    world.server.shutdown()
    world.server.server_close()


def got(address, **options):
    target = BytesIO()
    found = fetch(address, target, **{"at_most": 1000, "within_s": 5.0} | options)
    return target.getvalue(), found


def refusal(address, **options):
    with pytest.raises(Refused) as caught:
        got(address, **options)
    return caught.value.code


def test_a_public_file_comes_whole(internet):
    internet.page("/a.jpg", b"picture", Content_Type="image/jpeg")
    body, found = got("http://cdn.example/a.jpg")
    assert (body, found.content_type, found.size) == (b"picture", "image/jpeg", 7)


def test_it_asks_as_metas_crawler_does(internet):
    internet.page("/a.jpg")
    got("http://cdn.example/a.jpg")
    asked = internet.headers
    assert asked["User-Agent"].startswith("facebookexternalhit/1.1")
    assert (asked["Range"], asked["Accept-Encoding"], asked["Host"]) == ("bytes=0-", "identity", "cdn.example")
    assert "Cookie" not in asked and "Authorization" not in asked


def test_the_address_connected_to_is_the_one_that_was_looked_up(internet):
    internet.page("/a.jpg")
    got("http://cdn.example/a.jpg")
    assert set(internet.reached) == {PUBLIC}


PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "198.18.0.1",
    "::",
    "::1",
    "::7f00:1",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
]


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_name_of_a_private_address_is_not_asked(internet, ip):
    internet.names["inside.example"] = [ip]
    assert refusal("http://inside.example/") == "ADDRESS_PRIVATE"
    assert not internet.reached


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_private_address_itself_is_not_asked(internet, ip):
    assert refusal(f"http://[{ip}]/" if ":" in ip else f"http://{ip}/") == "ADDRESS_PRIVATE"
    assert not internet.reached


@pytest.mark.parametrize("ip", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_open_internet_is_public(ip):
    assert is_public(safe_fetch.ip_address(ip))


def test_one_private_address_among_public_ones_is_enough(internet):
    internet.names["mixed.example"] = [PUBLIC, "10.0.0.1"]
    assert refusal("http://mixed.example/") == "ADDRESS_PRIVATE"
    assert not internet.reached


def test_a_name_that_changes_its_mind_gains_nothing(internet):
    internet.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
    assert refusal("http://rebind.example/") == "ADDRESS_PRIVATE"
    assert not internet.reached


UNUSABLE = [
    "ftp://cdn.example/a.jpg",
    "file:///etc/passwd",
    "gopher://cdn.example/",
    "//cdn.example/a.jpg",
    "cdn.example/a.jpg",
    "http://",
    "",
    "http://cdn.example:8080/",
    "http://cdn.example:22/",
    "https://cdn.example:0/",
    "http://cdn.example:99999/",
    "http://alice@cdn.example/",
    "http://alice:secret@cdn.example/",
    "http://cdn.example@127.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://1.2.3.4.5/",
    "http://localhost/",
    "http://[fe80::1%25eth0]/",
    "http://cdn.example\\@127.0.0.1/",
    "http://cdn.example/a b.jpg",
    "http://cdn.example/ä.jpg",
    "http://cdn.example/a\r\nHost: x",
    "http://①②⑦.0.0.1/",
    "http://cdn.example/" + "a" * 2000,
]


@pytest.mark.parametrize("address", UNUSABLE, ids=range(len(UNUSABLE)))
def test_an_address_of_another_kind_is_not_asked(internet, address):
    assert refusal(address) == "ADDRESS_UNUSABLE"
    assert not internet.reached


def test_a_redirect_is_followed_by_hand(internet):
    internet.page("/a", status=302, Location="/b")
    internet.page("/b", b"there")
    body, found = got("http://cdn.example/a")
    assert (body, found.address) == (b"there", "http://cdn.example/b")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://127.0.0.1/", "ADDRESS_PRIVATE"),
        ("http://169.254.169.254/latest/meta-data/", "ADDRESS_PRIVATE"),
        ("http://[::1]/", "ADDRESS_PRIVATE"),
        ("http://inside.example/", "ADDRESS_PRIVATE"),
        ("http://cdn.example:6379/", "ADDRESS_UNUSABLE"),
        ("file:///etc/passwd", "ADDRESS_UNUSABLE"),
        ("http://a:b@cdn.example/", "ADDRESS_UNUSABLE"),
    ],
)
def test_each_hop_of_a_redirect_is_judged(internet, target, code):
    internet.names["inside.example"] = ["10.0.0.1"]
    internet.page("/a", status=302, Location=target)
    assert refusal("http://cdn.example/a") == code
    assert set(internet.reached) == {PUBLIC}


@pytest.mark.parametrize(
    "target", ["http://[", "//[", "http://[::1", "http://[v1.x]/", "http://a:b:c/", "\xe3\x80\x82"]
)
def test_a_redirect_to_what_is_no_address_is_refused(internet, target):
    internet.page("/a", status=302, Location=target)
    assert refusal("http://cdn.example/a") in {"ADDRESS_UNUSABLE", "ADDRESS_UNREACHABLE"}
    assert set(internet.reached) == {PUBLIC}


@pytest.mark.parametrize("headers", [{}, {"Content_Encoding": "gzip"}])
def test_what_stands_with_a_redirect_is_not_read(internet, headers):
    pieces = []

    def endless():
        for _ in range(200):
            pieces.append(1)
            yield b"x" * 1_000_000

    internet.page("/a", endless(), status=302, Location="/b", **headers)
    internet.page("/b", b"there")
    assert got("http://cdn.example/a")[0] == b"there"
    assert len(pieces) < 50


@pytest.mark.parametrize("target", ["http://127.0.0.1:8000/", "https://127.0.0.1/", "http://cdn.example:8000/"])
def test_no_redirect_leads_from_a_trusted_origin_to_another(internet, target):
    internet.page("/a", status=302, Location=target)
    code = refusal(f"http://127.0.0.1:{internet.port}/a", trusted=[f"http://127.0.0.1:{internet.port}"])
    assert code in {"ADDRESS_UNUSABLE", "ADDRESS_PRIVATE"}


def test_the_environment_names_no_proxy_and_no_password(internet, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine cdn.example login alice password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    internet.page("/a")
    got("http://cdn.example/a")
    assert set(internet.reached) == {PUBLIC} and "Authorization" not in internet.headers


def test_a_circle_of_redirects_ends(internet):
    internet.page("/a", status=302, Location="/a")
    assert refusal("http://cdn.example/a") == "ADDRESS_REDIRECTS"
    assert len([path for _host, path in internet.asked if path == "/a"]) == 4


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "ADDRESS_LOGIN"),
        (403, "ADDRESS_LOGIN"),
        (404, "ADDRESS_NOT_FOUND"),
        (410, "ADDRESS_NOT_FOUND"),
        (500, "ADDRESS_TROUBLE"),
        (503, "ADDRESS_TROUBLE"),
        (204, "ADDRESS_TROUBLE"),
        (304, "ADDRESS_TROUBLE"),
    ],
)
def test_a_refusal_has_its_reason(internet, status, code):
    internet.page("/a", b"", status=status)
    assert refusal("http://cdn.example/a") == code


def test_a_name_nobody_knows_is_unreachable(internet):
    assert refusal("http://nowhere.example/a") == "ADDRESS_UNREACHABLE"


def test_a_file_announced_as_too_large_is_not_read(internet):
    internet.page("/a", b"", Content_Length="1001")
    assert refusal("http://cdn.example/a") == "ADDRESS_TOO_LARGE"


def test_a_file_that_turns_out_too_large_is_broken_off(internet):
    internet.page("/a", (b"x" * 600 for _ in range(1_000_000)))
    assert refusal("http://cdn.example/a") == "ADDRESS_TOO_LARGE"


def test_the_largest_file_still_comes(internet):
    internet.page("/a", b"x" * 1000)
    assert got("http://cdn.example/a")[1].size == 1000


def test_a_file_that_breaks_off_is_not_taken_for_whole(internet):
    internet.page("/a", b"short", Content_Length="900")
    assert refusal("http://cdn.example/a") == "ADDRESS_UNREACHABLE"


def test_a_file_that_drips_ends_at_the_time_for_all_of_it(internet):
    def drip():
        for _ in range(100):
            time.sleep(0.1)
            yield b"x"

    internet.page("/a", drip())
    begun = time.monotonic()
    assert refusal("http://cdn.example/a", within_s=0.5) == "ADDRESS_SLOW"
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("length", [b"-1", b"-5", b"-ffffffff"])
def test_a_chunk_of_less_than_nothing_ends_the_fetch(internet, length):
    pieces = []

    def endless():
        yield length + b"\r\n"
        for _ in range(200):
            pieces.append(1)
            yield b"x" * 1_000_000

    internet.page("/a", endless(), Transfer_Encoding="chunked")
    assert refusal("http://cdn.example/a") == "ADDRESS_UNREACHABLE"
    assert len(pieces) < 50  # what fits into the sockets' own buffers, and no more


@pytest.mark.parametrize("body", [
    b"f" * 20_000_000, b"ffffffffff\r\n" + b"x" * 5000, b"5\r\nhello\r\n0\r\nX: " + b"y" * 20_000_000, b"zz\r\n",
])  # fmt: skip
def test_a_chunked_answer_that_is_none_is_refused(internet, body):
    internet.page("/a", iter([body]), Transfer_Encoding="chunked")
    assert refusal("http://cdn.example/a") in {"ADDRESS_UNREACHABLE", "ADDRESS_TOO_LARGE"}


def test_headers_that_never_end_are_refused(internet):
    internet.page("/a", b"", **{f"X-{number}": "y" * 60_000 for number in range(120)})
    assert refusal("http://cdn.example/a") == "ADDRESS_UNREACHABLE"


@pytest.mark.parametrize("length", ["-5", "5, 6", "9" * 20, "9" * 5000, "abc", "\xb2"])
def test_a_length_that_is_none_breaks_nothing(internet, length):
    internet.page("/a", iter([b"x" * 2000]), Content_Length=length)
    assert refusal("http://cdn.example/a") in {"ADDRESS_UNREACHABLE", "ADDRESS_TOO_LARGE"}


def test_a_full_disk_is_not_the_hosts_fault(internet):
    class Full(BytesIO):
        def write(self, piece):
            raise OSError(28, "No space left on device")

    internet.page("/a")
    with pytest.raises(Refused) as caught:
        fetch("http://cdn.example/a", Full(), at_most=1000, within_s=5.0)
    assert (caught.value.code, caught.value.facts) == ("ADDRESS_REFUSED", {"reason": "NOT_KEPT"})


def test_a_compressed_answer_is_not_unpacked(internet):
    internet.page("/a", gzip.compress(b"x" * 100_000), Content_Encoding="gzip")
    assert refusal("http://cdn.example/a") == "ADDRESS_ENCODED"


def test_another_part_than_the_asked_one_is_not_taken(internet):
    internet.page("/a", b"part", status=206, Content_Range="bytes 5-8/9")
    assert refusal("http://cdn.example/a") == "ADDRESS_TROUBLE"


def test_the_part_that_is_the_whole_is_taken(internet):
    internet.page("/a", b"whole", status=206, Content_Range="bytes 0-4/5")
    assert got("http://cdn.example/a")[0] == b"whole"


def test_robots_txt_is_kept_to(internet):
    internet.page("/robots.txt", b"User-agent: *\nDisallow: /private/\n")
    internet.page("/private/a.jpg")
    internet.page("/a.jpg")
    assert refusal("http://cdn.example/private/a.jpg") == "ADDRESS_ROBOTS"
    assert got("http://cdn.example/a.jpg")[0] == b"bytes"


@pytest.mark.parametrize("line", [
    "Crawl-delay: \u00b2", "Crawl-delay: " + "9" * 5000, "Request-rate: \u00b2/3", "Disallow: //[", "Allow: http://[x",
])  # fmt: skip
def test_a_robots_txt_that_cannot_be_read_allows_it(internet, line):
    internet.page("/robots.txt", f"User-agent: *\n{line}\n".encode())
    internet.page("/a.jpg")
    assert got("http://cdn.example/a.jpg")[0] == b"bytes"


def test_a_robots_txt_without_end_is_not_read_to_it(internet):
    internet.page("/robots.txt", (b"# " + b"x" * 60_000 for _ in range(1_000_000)))
    internet.page("/a.jpg")
    assert got("http://cdn.example/a.jpg")[0] == b"bytes"


def test_a_robots_txt_inside_leads_to_nothing(internet):
    internet.names["inside.example"] = ["10.0.0.1"]
    internet.page("/robots.txt", status=302, Location="http://inside.example/robots.txt")
    internet.page("/a.jpg")
    got("http://cdn.example/a.jpg")
    assert set(internet.reached) == {PUBLIC}


def test_a_certificate_that_does_not_fit_is_refused(internet, monkeypatch):
    def connect(address, *args, **options):
        raise safe_fetch.requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(safe_fetch.requests.Session, "get", connect)
    assert refusal("https://cdn.example/a") == "ADDRESS_UNTRUSTED"


def test_a_plain_server_is_no_tls_server(internet):
    assert refusal("https://cdn.example/a") == "ADDRESS_UNTRUSTED"


def test_the_sandboxs_own_host_and_port_may_be_private(internet, monkeypatch):
    monkeypatch.setattr(connection, "create_connection", real_connect)
    monkeypatch.setattr(socket, "getaddrinfo", real_lookup)
    internet.page("/a.jpg", b"ours")
    here = f"http://127.0.0.1:{internet.port}"
    assert got(f"{here}/a.jpg", trusted=[f"{here}/sandbox/graph"])[0] == b"ours"
    assert refusal(f"{here}/a.jpg") == "ADDRESS_UNUSABLE"


def test_another_port_of_the_sandboxs_host_may_not(internet):
    assert refusal("http://127.0.0.1/a.jpg", trusted=["http://127.0.0.1:8000"]) == "ADDRESS_PRIVATE"
    assert not internet.reached
