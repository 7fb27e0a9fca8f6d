"""GitHub: against the strict stand-in, and against a server that answers by script."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fakes import PULL_REQUEST, SHA, clock
from fault_server import (
    Fault,
    answer,
    bomb,
    drip,
    raw,
    refusing,
    reset_after_reading,
    sends,
    stall,
)
from fault_server import serving as serving_faults
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.errors import EventError, ForgeError, NotOnForge, PermissionMissing
from qatech_ci.before.github import GitHub, Rest
from qatech_ci.before.github.pygithub import LARGEST_BODY
from qatech_ci.before.ports import Deadline
from qatech_ci.before.sandbox import GitHub as StandIn
from qatech_ci.before.sandbox import enterprise, serving
from qatech_ci.before.target import Event

TOKEN = "ghs_canary_123456"
EVENT = Event("workflow_dispatch", {}, "https://github.com", "octo-org/shop")
COMMENT = {"id": 5, "html_url": "https://x", "user": {"login": "me"}, "body": "b"}


def forge(url: str, seconds: float = 20, token: str = TOKEN) -> GitHub:
    """Return the adapter for a server at `url`."""
    return GitHub(Rest(url, token, Deadline(clock(), seconds)), EVENT)


@pytest.fixture
def stand_in() -> StandIn:
    """Return a GitHub with the pull request and a token that may write comments."""
    github = StandIn(now=SimulatedClock(clock().now()).now)
    github.add_token(TOKEN, permissions={"pull-requests": "write"})
    github.add_pull_request("octo-org/shop", 7, head_sha=SHA, head_ref="fix-checkout-total")
    return github


@pytest.fixture
def url(stand_in: StandIn) -> Iterator[str]:
    """Yield the stand-in's address."""
    with serving(stand_in) as address:
        yield address


def test_a_pull_request_is_looked_up(url: str) -> None:
    """The head commit comes from the API where the event does not carry it."""
    assert forge(url).pull_request("octo-org/shop", 7) == PULL_REQUEST


def test_a_pull_request_of_another_repository_keeps_its_own_name(
    stand_in: StandIn,
    url: str,
) -> None:
    """A URL may name a repository other than that of the workflow."""
    stand_in.add_pull_request("octo-org/api", 2, head_sha=SHA)
    found = forge(url).pull_request("octo-org/api", 2)
    assert found.url == "https://github.com/octo-org/api/pull/2"
    assert not found.from_fork


def test_a_pull_request_that_is_not_there_says_so(url: str) -> None:
    """The message names the call and says what to check."""
    with pytest.raises(
        NotOnForge, match=r"/repos/octo-org/shop/pulls/8 with 404.*Check the number"
    ):
        forge(url).pull_request("octo-org/shop", 8)


def test_a_comment_is_written_found_and_written_anew(stand_in: StandIn, url: str) -> None:
    """What was written is what is there."""
    github = forge(url)
    created = github.create_comment(PULL_REQUEST, "one")
    edited = github.edit_comment(PULL_REQUEST, created.id, "two")
    (found,) = github.comments(PULL_REQUEST)
    assert found == replace(edited, is_own=True)
    assert found.body == "two"
    assert found.url.startswith("https://github.com/octo-org/shop/pull/7#issuecomment-")
    assert len(stand_in.comments("octo-org/shop", 7)) == 1


def test_a_comment_is_read_again_and_deleted(stand_in: StandIn, url: str) -> None:
    """Another run may have written or deleted it since."""
    github = forge(url)
    created = github.create_comment(PULL_REQUEST, "one")
    assert github.comment(PULL_REQUEST, created.id) == created
    github.delete_comment(PULL_REQUEST, created.id)
    assert not stand_in.comments("octo-org/shop", 7)
    with pytest.raises(NotOnForge):
        github.comment(PULL_REQUEST, created.id)


def test_github_enterprise_server_has_a_path_of_its_own(stand_in: StandIn) -> None:
    """REST under /api/v3, GraphQL under /api/graphql."""
    with serving(enterprise(stand_in)) as address:
        github = forge(f"{address}/api/v3")
        github.create_comment(PULL_REQUEST, "one")
        assert [comment.body for comment in github.comments(PULL_REQUEST)] == ["one"]
        assert github.glance(PULL_REQUEST) is not None


def test_a_missing_permission_is_named(stand_in: StandIn, url: str) -> None:
    """With what to write into the workflow, and what GitHub says it accepts."""
    stand_in.add_token("ghs_poor", permissions={"contents": "read"})
    github = forge(url, token="ghs_poor")
    with pytest.raises(PermissionMissing, match=r"`permissions: pull-requests: write`.*Accepted"):
        github.create_comment(PULL_REQUEST, "one")
    with pytest.raises(PermissionMissing, match="`permissions: pull-requests: read`"):
        github.pull_request("octo-org/shop", 7)


def test_a_permission_that_github_does_not_name_is_named_all_the_same() -> None:
    """The header with the accepted permissions may be absent."""
    with (
        serving_faults(answer({"message": "Resource not accessible"}, 403)) as server,
        pytest.raises(PermissionMissing) as caught,
    ):
        forge(server.url).create_comment(PULL_REQUEST, "one")
    assert caught.value.remedy == "Give the job `permissions: pull-requests: write`."


@pytest.mark.parametrize(
    "fault",
    [
        answer({"message": "x"}, 403, X_RateLimit_Remaining="0"),
        answer({"message": "x"}, 403, Retry_After="600"),
        answer({"message": "You have exceeded a secondary rate limit"}, 403),
        answer({"message": "x"}, 429, Retry_After="soon"),
    ],
)
def test_a_rate_limit_is_no_missing_permission(fault: Fault) -> None:
    """Both are answered with 403; the headers tell them apart."""
    with serving_faults(fault) as server, pytest.raises(ForgeError, match="rate limit") as caught:
        forge(server.url).create_comment(PULL_REQUEST, "one")
    assert not isinstance(caught.value, PermissionMissing)


@pytest.mark.parametrize("fault", [reset_after_reading, answer({"message": "x"}, 502)])
def test_a_read_is_repeated(fault: Fault) -> None:
    """A passing failure of a read is over in a moment."""
    with serving_faults(fault, fault, answer(COMMENT)) as server:
        comment = forge(server.url).comment(PULL_REQUEST, 5)
    assert (comment.id, comment.body) == (5, "b")
    assert len(server.received) == 3


def test_a_read_is_repeated_within_bounds() -> None:
    """Three attempts, then it is told."""
    with (
        serving_faults(reset_after_reading) as server,
        pytest.raises(ForgeError, match="did not answer GET"),
    ):
        forge(server.url).comment(PULL_REQUEST, 5)
    assert len(server.received) == 3


@pytest.mark.parametrize("fault", [reset_after_reading, answer({"message": "x"}, 502)])
def test_a_write_is_sent_once(fault: Fault) -> None:
    """PyGithub by itself would send it eleven times: eleven comments in the worst case."""
    with serving_faults(fault) as server, pytest.raises(ForgeError):
        forge(server.url).create_comment(PULL_REQUEST, "one")
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "fault",
    [
        reset_after_reading,
        answer({"message": "x"}, 502),
        answer({"message": "x"}, 403, Retry_After="7"),
    ],
)
def test_writing_a_comment_anew_may_be_repeated(fault: Fault) -> None:
    """It comes to the same, and a verdict is not lost for a moment's trouble."""
    with serving_faults(fault, answer(COMMENT)) as server:
        assert forge(server.url).edit_comment(PULL_REQUEST, 5, "b").id == 5
    assert len(server.received) == 2


def test_a_pause_beyond_the_deadline_is_not_begun() -> None:
    """What GitHub asks for does not fit."""
    with (
        serving_faults(answer({"message": "x"}, 429, Retry_After="30")) as server,
        pytest.raises(ForgeError),
    ):
        forge(server.url).edit_comment(PULL_REQUEST, 5, "b")
    assert len(server.received) == 1


@pytest.mark.parametrize("fault", [stall, drip])
def test_a_server_cannot_hold_a_call_up(fault: Fault) -> None:
    """Neither by silence nor by a byte at a time."""
    with serving_faults(fault) as server, pytest.raises(ForgeError, match="TimeoutError"):
        forge(server.url, seconds=0.3).create_comment(PULL_REQUEST, "one")


@pytest.mark.parametrize(
    "fault",
    [
        sends(raw(b"{")),
        sends(raw(b"[" * 100_000)),
        answer({"id": 1}, 418),
        answer({"message": "x"}, 307, Location="https://evil.example/"),
    ],
)
def test_an_answer_that_is_not_githubs_is_an_error_of_ours(fault: Fault) -> None:
    """Whatever PyGithub makes of it."""
    with serving_faults(fault) as server, pytest.raises(ForgeError):
        forge(server.url).create_comment(PULL_REQUEST, "one")


@pytest.mark.parametrize("document", [None, 5, "", {}])
def test_comments_that_are_no_list_are_an_error_of_ours(document: object) -> None:
    """So is a pull request that is no object."""
    with serving_faults(answer(document)) as server:
        with pytest.raises(ForgeError, match="no list"):
            list(forge(server.url).comments(PULL_REQUEST))
        with pytest.raises((ForgeError, EventError)):
            forge(server.url).pull_request("octo-org/shop", 7)


@pytest.mark.parametrize("document", [{"id": "x"}, {}, {"id": None}, "text", [1]])
def test_a_comment_that_cannot_be_read_is_an_error_of_ours(document: object) -> None:
    """A proxy may answer 200 with anything."""
    with serving_faults(answer(document)) as server, pytest.raises(ForgeError):
        forge(server.url).create_comment(PULL_REQUEST, "one")


def test_a_pull_request_that_is_not_whole_is_refused() -> None:
    """The part at fault is named."""
    with serving_faults(answer({"number": 7})) as server, pytest.raises(EventError, match="`head`"):
        forge(server.url).pull_request("octo-org/shop", 7)


def test_a_github_that_cannot_be_reached_says_so() -> None:
    """The kind of failure is named, without what a message could quote."""
    with refusing() as url, pytest.raises(ForgeError, match="ConnectionError"):
        forge(url).create_comment(PULL_REQUEST, "one")


@pytest.mark.parametrize(
    "fault",
    [bomb(LARGEST_BODY), sends(raw(b'"' + b"x" * LARGEST_BODY + b'"'))],
    ids=["packed", "as it is"],
)
def test_an_answer_of_any_size_takes_no_more_than_its_share_of_memory(fault: Fault) -> None:
    """It is given up, and the message says so by the kind of failure."""
    with serving_faults(fault) as server, pytest.raises(ForgeError, match="ContentDecodingError"):
        forge(server.url).create_comment(PULL_REQUEST, "one")


def test_the_token_is_in_no_error() -> None:
    """Neither in the message nor in what an exception carries."""
    with (
        serving_faults(answer({"message": "no"}, 401)) as server,
        pytest.raises(ForgeError) as caught,
    ):
        forge(server.url).create_comment(PULL_REQUEST, "one")
    error = caught.value
    assert TOKEN not in f"{error!r} {error.__context__!r} {error.__cause__!r}"


def test_without_a_token_calls_are_anonymous() -> None:
    """A public repository can be read."""
    with serving_faults(answer([])) as server:
        assert list(forge(server.url, token="").comments(PULL_REQUEST)) == []
    assert "authorization" not in server.received[0].headers
