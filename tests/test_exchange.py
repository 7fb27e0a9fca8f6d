"""One request and its answer, with and without a proxy in between."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from socket import socket
from urllib.parse import urlsplit

import pytest

from fault_server import FaultServer, answer, raw, refusing, sends, serving, speak_plainly
from qatech_ci.before.errors import InputError
from qatech_ci.before.exchange import Insecure, Lost, Unsent, exchange
from qatech_ci.before.proxies import proxy_for

NOWHERE = "shop.invalid"
"""A host that only a proxy knows."""


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own proxies have no say in a test."""
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


def test_an_answer_has_status_headers_and_no_more_of_its_body_than_was_asked_for() -> None:
    """A byte more than the limit tells that there is more."""
    with serving(sends(raw(b"abcdef", 201, None, X_Own="1"))) as server:
        found = exchange("GET", f"{server.url}/a?b=c#d", 5, limit=3)
        nothing = exchange("GET", server.url, 5)
    assert (found.status, found.headers["x-own"], found.body) == (201, "1", b"abcd")
    assert (nothing.status, nothing.body) == (201, b"")
    assert [it.path for it in server.received] == ["/a?b=c", "/"]


def test_a_path_is_encoded_once() -> None:
    """Letters outside ASCII are, and what is encoded already stays as it is."""
    with serving(answer({})) as server:
        exchange("GET", f"{server.url}/ä b/%2F?q=ü&x=%20", 5)
        exchange("GET", f"{server.url}//a", 5)
    assert [it.path for it in server.received] == ["/%C3%A4%20b/%2F?q=%C3%BC&x=%20", "//a"]


def test_nothing_goes_along_that_nobody_asked_for() -> None:
    """No credentials of the machine, no cookies; and what is packed would have to be unpacked."""
    with serving(answer({})) as server:
        exchange("GET", server.url, 5)
    sent = server.received[0].headers
    assert set(sent) == {"host", "user-agent", "accept-encoding"}
    assert sent["accept-encoding"] == "identity"


def test_a_request_that_cannot_have_arrived_is_unsent() -> None:
    """Nobody listens, or nobody has the name."""
    with refusing() as url, pytest.raises(Unsent, match="ConnectionRefusedError"):
        exchange("GET", url, 5)
    with pytest.raises(Unsent, match="gaierror"):
        exchange("GET", f"https://{NOWHERE}/", 5)


def test_a_request_whose_answer_breaks_off_is_lost() -> None:
    """Also where the body is shorter than its length says."""
    for fault in (sends(b""), sends(b"HTTP/1.1 2"), sends(raw(b"half", length=9))):
        with serving(fault) as server, pytest.raises(Lost):
            exchange("GET", server.url, 5, limit=100)


def test_a_url_without_a_host_is_none() -> None:
    """It is not for the system to guess."""
    with pytest.raises(ValueError, match="without a host"):
        exchange("GET", "https:///x", 5)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_is_asked_for_the_whole_url(
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And gets what its own URL says of a user; the host's headers stay as they are."""
    with serving(answer({})) as proxy:
        monkeypatch.setenv(variable, proxy.url.replace("http://", "http://me:p%40ss@"))
        exchange("GET", f"http://{NOWHERE}/a?b", 5, headers={"Authorization": "Bearer x"})
    (request,) = proxy.received
    assert request.path == f"http://{NOWHERE}/a?b"
    assert request.headers["proxy-authorization"] == "Basic bWU6cEBzcw=="
    assert request.headers["authorization"] == "Bearer x"


def refused(connection: socket, server: FaultServer) -> None:
    """Answer as a proxy that does not let a connection through."""
    server.take(connection)
    connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")


def test_over_tls_a_proxy_is_asked_for_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees the host and nothing of the request; what it refuses was not sent."""
    with serving(refused) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.removeprefix("http://"))
        with pytest.raises(Unsent, match="OSError"):
            exchange("GET", f"https://{NOWHERE}/secret", 5, headers={"Authorization": "Bearer x"})
    (request,) = proxy.received
    assert (request.method, request.path) == ("CONNECT", f"{NOWHERE}:443")
    assert "authorization" not in request.headers


@pytest.mark.parametrize("excepted", ["", "127.0.0.1", "*"])
def test_a_host_that_is_excepted_is_asked_directly(
    excepted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So is this machine, where the stand-in listens."""
    with refusing() as proxy, serving(answer({})) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", excepted)
        assert exchange("GET", server.url, 5).status == 200
        assert exchange("GET", server.url.replace("127.0.0.1", "localhost"), 5).status == 200


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1", "http://"])
def test_a_proxy_that_speaks_something_else_is_named(
    value: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its variable, not by its value, which may hold a password."""
    monkeypatch.setenv("HTTP_PROXY", value)
    with pytest.raises(InputError, match="`http_proxy` is not the URL of an HTTP proxy"):
        exchange("GET", f"http://{NOWHERE}/", 5)


def test_a_proxy_for_another_scheme_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """`https_proxy` is for https."""
    with serving(answer({})) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(Unsent):
            exchange("GET", f"http://{NOWHERE}/", 5)
    assert not proxy.received


def test_a_bundle_of_certificates_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its variable; otherwise a company's own authority would seem to be wrong."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    with serving(answer({})) as server, pytest.raises(InputError, match="`REQUESTS_CA_BUNDLE`"):
        exchange("GET", server.url.replace("http:", "https:"), 5)
    assert not server.received


def test_certificates_may_lie_in_a_folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As PyGithub takes them; with none in it nobody is trusted."""
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path))
    with serving(speak_plainly) as server, pytest.raises(Insecure):
        exchange("GET", server.url.replace("http:", "https:"), 5)


def test_the_end_of_an_address_is_no_port() -> None:
    """A preview would be asked at another address than the one that was judged."""
    with listening() as (port, listener):
        with suppress(Unsent):
            exchange("GET", f"http://[::ffff:7f00:1:{port}]/", 0.5)
        with pytest.raises(BlockingIOError):
            listener.accept()


@contextmanager
def listening() -> Iterator[tuple[int, socket]]:
    """Yield a listener on a port whose digits could be the last group of an IPv6 address."""
    with socket() as listener:
        listener.settimeout(0)
        for port in range(2000, 10_000):
            with suppress(OSError):
                listener.bind(("127.0.0.1", port))
                break
        listener.listen()
        yield port, listener


def test_an_address_of_ipv6_is_asked_at_the_usual_port() -> None:
    """Nobody listens there, on this machine itself."""
    with pytest.raises(Unsent):
        exchange("GET", "http://[::1]/", 0.5)


def test_an_answer_that_comes_before_all_was_sent_counts() -> None:
    """A server may refuse a large body and close."""

    def refuse(connection: socket, _: FaultServer) -> None:
        connection.recv(1000)
        connection.sendall(raw(b"{}", 413))
        connection.close()

    with serving(refuse) as server:
        assert exchange("POST", server.url, 5, body=b"x" * 5_000_000).status == 413


def test_a_connection_that_nobody_takes_is_unsent() -> None:
    """Its time is up before the request's own, so that a start may be repeated."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with ExitStack() as stack:
            for _ in range(4):
                waiting = stack.enter_context(socket())
                waiting.settimeout(0)
                waiting.connect_ex(address)
            with pytest.raises(Unsent, match="TimeoutError"):
                exchange("GET", f"http://127.0.0.1:{address[1]}/", 0.6)


@pytest.mark.parametrize("excepted", ["10.0.0.0/8", "10.1.2.3:8080", "example.org, 10.1.2.3"])
def test_exceptions_may_be_networks_and_have_ports(
    excepted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As other tools read them, and as GitHub's documentation writes them."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", excepted)
    assert proxy_for(urlsplit("http://10.1.2.3:8080/")) is None
    assert proxy_for(urlsplit("http://192.0.2.7:8080/")) is not None


def test_one_proxy_may_be_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the scheme has its own."""
    monkeypatch.setenv("ALL_PROXY", "http://all.example:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://tls.example:2")
    plain, secure = (proxy_for(urlsplit(f"{it}://{NOWHERE}/")) for it in ("http", "https"))
    assert plain
    assert secure
    assert (plain.host, secure.host) == ("all.example", "tls.example")


def test_a_server_without_a_certificate_is_insecure() -> None:
    """No word of the request is sent in the clear."""
    with serving(speak_plainly) as server, pytest.raises(Insecure, match="SSLError"):
        exchange("GET", server.url.replace("http:", "https:"), 5)
