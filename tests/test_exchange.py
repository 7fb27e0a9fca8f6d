"""One request and its answer, with and without a proxy in between."""

from socket import socket

import pytest

from fault_server import FaultServer, answer, raw, refusing, sends, serving, speak_plainly
from qatech_ci.exchange import Insecure, Lost, Unsent, exchange

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
    with pytest.raises(ValueError, match="`http_proxy` is not the URL of an HTTP proxy"):
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
    """Otherwise a company's own authority would seem to be wrong."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    with serving(answer({})) as server, pytest.raises(Unsent, match="FileNotFoundError"):
        exchange("GET", server.url.replace("http:", "https:"), 5)


def test_a_server_without_a_certificate_is_insecure() -> None:
    """No word of the request is sent in the clear."""
    with serving(speak_plainly) as server, pytest.raises(Insecure, match="SSLError"):
        exchange("GET", server.url.replace("http:", "https:"), 5)
