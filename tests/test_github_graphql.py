"""What GraphQL tells in one request: by the stand-in, by GitHub's schema, and in broken answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, graphql_sync, parse, validate

import node_tools
from fakes import PULL_REQUEST, SHA, clock
from fault_server import Fault, answer
from fault_server import serving as serving_faults
from qatech_ci.before.checks import NAME
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.errors import ForgeError
from qatech_ci.before.github.graphql import address
from qatech_ci.before.github.queries import COMMENTS, GLANCE, VIEWER
from qatech_ci.before.ports import Glance
from qatech_ci.before.sandbox import GitHub as StandIn
from qatech_ci.before.sandbox import serving
from test_github import TOKEN, forge

REPOSITORY = PULL_REQUEST.repository
READS = {"pull-requests": "read", "checks": "read", "statuses": "read"}
URL = "https://app.qa.tech/p/shop/chat/chat_abc123"


@pytest.fixture
def time() -> SimulatedClock:
    """Return the stand-in's clock."""
    return SimulatedClock(clock().now())


@pytest.fixture
def stand_in(time: SimulatedClock) -> StandIn:
    """Return a GitHub with the pull request and a token that may read."""
    github = StandIn(now=time.now)
    github.add_token(TOKEN, permissions=READS)
    github.add_pull_request(REPOSITORY, 7, head_sha=SHA)
    return github


@pytest.fixture
def url(stand_in: StandIn) -> Iterator[str]:
    """Yield the stand-in's address."""
    with serving(stand_in) as address:
        yield address


def asked(stand_in: StandIn) -> list[str]:
    """Return which calls were made."""
    return [f"{call.request.method} {call.request.path}" for call in stand_in.requests]


def glance(url: str) -> Glance:
    """Return what a glance tells, which is something."""
    seen = forge(url).glance(PULL_REQUEST)
    assert seen
    return seen


def test_head_and_check_are_had_in_one_request(stand_in: StandIn, url: str) -> None:
    """Whichever of the two kinds the check is; here a check run."""
    run = stand_in.add_check_run(REPOSITORY, SHA, NAME, conclusion="failure", details_url=URL)
    seen = glance(url)
    assert seen.head_sha == SHA
    assert seen.check
    assert (seen.check.is_pending, seen.check.conclusion, seen.check.url) == (False, "failure", URL)
    assert seen.check.changed_at == run.completed_at
    assert asked(stand_in) == ["POST /graphql"]


@pytest.mark.parametrize(
    ("state", "is_pending", "conclusion"),
    [("success", False, "success"), ("error", False, "error"), ("pending", True, "")],
)
def test_a_status_is_a_check_as_well(
    stand_in: StandIn,
    url: str,
    state: str,
    is_pending: bool,  # noqa: FBT001 - a table
    conclusion: str,
) -> None:
    """By QA.tech's bot."""
    stand_in.add_status(REPOSITORY, SHA, "ci", "success", login="octocat", kind="User")
    status = stand_in.add_status(REPOSITORY, SHA, NAME, state, login="qa-tech[bot]", target_url=URL)
    seen = glance(url).check
    assert seen
    assert (seen.is_pending, seen.conclusion, seen.url) == (is_pending, conclusion, URL)
    assert seen.changed_at == status.created_at


def test_a_check_that_is_pending_wins(stand_in: StandIn, url: str, time: SimulatedClock) -> None:
    """Its word is still to come, also where another check is newer."""
    stand_in.add_check_run(REPOSITORY, SHA, NAME, status="in_progress")
    time.sleep(5)
    stand_in.add_check_run(REPOSITORY, SHA, NAME, app="qatech-staging")
    stand_in.add_status(REPOSITORY, SHA, NAME, "success", login="qa-tech[bot]")
    seen = glance(url).check
    assert seen
    assert seen.is_pending


def test_without_a_check_there_is_the_head(stand_in: StandIn, url: str) -> None:
    """What others say under other names does not count."""
    stand_in.add_check_run(REPOSITORY, SHA, "unit tests", app="github-actions")
    stand_in.add_status(REPOSITORY, SHA, "ci", "success", login="octocat", kind="User")
    assert glance(url) == Glance(SHA, None)


def test_what_somebody_else_says_under_the_name_is_left_to_rest(
    stand_in: StandIn, url: str
) -> None:
    """REST tells an App's owner, and the statuses before the newest."""
    stand_in.add_check_run(REPOSITORY, SHA, NAME, app="mallory")
    assert forge(url).glance(PULL_REQUEST) is None


def test_a_status_of_somebody_else_is_left_to_rest(stand_in: StandIn, url: str) -> None:
    """Anybody who may push can write one, with QA.tech's name for a login, too."""
    stand_in.add_status(REPOSITORY, SHA, NAME, "success", login="qatech", kind="User")
    assert forge(url).glance(PULL_REQUEST) is None


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (("checks",), "`permissions: checks: read`"),
        (("statuses",), "`permissions: statuses: read`"),
        (("checks", "statuses"), "`permissions: checks: read` and `statuses: read`"),
    ],
)
def test_a_missing_permission_is_named_beside_the_head(
    stand_in: StandIn,
    url: str,
    missing: tuple[str, ...],
    named: str,
) -> None:
    """And it takes no further request to know it."""
    left = {name: level for name, level in READS.items() if name not in missing}
    stand_in.add_token(TOKEN, permissions=left)
    seen = glance(url)
    assert (seen.head_sha, seen.check) == (SHA, None)
    assert named in str(seen.refusal)


def test_what_may_be_read_counts_beside_what_may_not(stand_in: StandIn, url: str) -> None:
    """A failing check is not forgotten because statuses are closed to the token, or the reverse."""
    stand_in.add_check_run(REPOSITORY, SHA, NAME, conclusion="failure")
    stand_in.add_token(TOKEN, permissions={"pull-requests": "read", "checks": "read"})
    seen = glance(url)
    assert seen.check
    assert (seen.check.conclusion, "statuses: read" in str(seen.refusal)) == ("failure", True)
    assert forge(url).check(PULL_REQUEST) == seen.check
    stand_in.add_status(REPOSITORY, SHA, NAME, "error", login="qa-tech[bot]")
    stand_in.add_token(TOKEN, permissions={"pull-requests": "read", "statuses": "read"})
    seen = glance(url)
    assert seen.check
    assert (seen.check.conclusion, "checks: read" in str(seen.refusal)) == ("error", True)
    assert forge(url).check(PULL_REQUEST) == seen.check


def test_without_a_look_at_pull_requests_it_is_left_to_rest(stand_in: StandIn, url: str) -> None:
    """REST names the permission."""
    stand_in.add_token(TOKEN, permissions={"checks": "read", "statuses": "read"})
    assert forge(url).glance(PULL_REQUEST) is None


REPOSITORY_WITH = {"pullRequest": {"headRefOid": SHA}, "object": {}}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"data": None},
        {"data": {"repository": {"pullRequest": None, "object": {}}}},
        {"data": {"repository": REPOSITORY_WITH | {"object": None}}},
        {"data": {"repository": REPOSITORY_WITH}},
        {"data": {"repository": REPOSITORY_WITH}, "errors": [{"message": "Timeout"}]},
        {"data": {"repository": REPOSITORY_WITH}, "errors": [{"type": "FORBIDDEN", "path": ["x"]}]},
        {"data": {"repository": REPOSITORY_WITH}, "errors": "many"},
    ],
)
def test_an_answer_that_tells_too_little_is_left_to_rest(document: object) -> None:
    """Whatever a proxy or another server makes of the query."""
    with serving_faults(answer(document)) as server:
        assert forge(server.url).glance(PULL_REQUEST) is None


@pytest.mark.parametrize("count", [0, 99, 100, 101, 250])
def test_every_comment_is_read_whatever_their_number(
    stand_in: StandIn,
    url: str,
    count: int,
) -> None:
    """A hundred a page, those that were changed last first."""
    for number in range(count):
        stand_in.add_comment(REPOSITORY, 7, "octocat", str(number))
    found = [comment.body for comment in forge(url).comments(PULL_REQUEST)]
    assert found == [str(number) for number in reversed(range(count))]
    assert asked(stand_in) == ["POST /graphql"] * max(-(-count // 100), 1)


def test_a_comment_that_was_changed_comes_before_newer_ones(
    stand_in: StandIn,
    url: str,
    time: SimulatedClock,
) -> None:
    """So that the comment of the last run is on the first page, whatever people have written."""
    stand_in.add_token("ghs_writes", permissions={"pull-requests": "write"})
    github = forge(url, token="ghs_writes")
    ours = github.create_comment(PULL_REQUEST, "ours")
    for number in range(500):
        stand_in.add_comment(REPOSITORY, 7, "octocat", str(number))
    time.sleep(60)
    github.edit_comment(PULL_REQUEST, ours.id, "ours, again")
    before = len(asked(stand_in))
    first = next(github.comments(PULL_REQUEST))
    assert (first.id, first.body, first.is_own) == (ours.id, "ours, again", True)
    assert len(asked(stand_in)) == before + 1


def test_a_comments_number_may_be_greater_than_32_bits() -> None:
    """As those of github.com are; it comes as text, because JSON's numbers are not exact."""
    node = {
        "fullDatabaseId": "3456789012",
        "url": "https://x",
        "body": "b",
        "viewerDidAuthor": True,
    }
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [node]}
    document = {"data": {"repository": {"pullRequest": {"comments": page}}}}
    with serving_faults(answer(document)) as server:
        (comment,) = forge(server.url).comments(PULL_REQUEST)
    assert comment.id == 3_456_789_012


FALLEN: tuple[Fault, ...] = (
    answer({"message": "no"}, 404),
    answer([]),
    answer({"data": {"repository": None}}),
    answer({"data": {}, "errors": [{"message": "no"}]}),
    answer({"data": {"repository": {"pullRequest": {"comments": {"nodes": [{"url": "x"}]}}}}}),
)
WRITTEN = [
    {"id": 5, "html_url": "https://x", "user": {"login": "github-actions[bot]"}, "body": "b"},
    {"id": 6, "html_url": "https://y", "user": {"login": "octocat"}, "body": None},
]


@pytest.mark.parametrize("fault", FALLEN)
def test_without_graphql_the_comments_come_from_rest(fault: Fault) -> None:
    """The newest first; whoever cannot say who we are, the job's own token is assumed."""
    with serving_faults(fault, fault, answer(WRITTEN)) as server:
        newest, oldest = forge(server.url).comments(PULL_REQUEST)
    assert (newest.id, newest.is_own, newest.body) == (6, False, "")
    assert (oldest.id, oldest.is_own, oldest.url) == (5, True, "https://x")


def test_rest_lists_the_comments_of_whoever_calls() -> None:
    """A personal token writes in its owner's name."""
    viewer = answer({"data": {"viewer": {"login": "octocat"}}})
    with serving_faults(FALLEN[0], viewer, answer(WRITTEN)) as server:
        found = forge(server.url).comments(PULL_REQUEST)
        assert [comment.is_own for comment in found] == [True, False]


def test_rest_is_read_to_the_last_page() -> None:
    """Nothing tells in advance how many there are."""
    pages = [answer([WRITTEN[1]] * 100), answer([WRITTEN[0]])]
    with serving_faults(FALLEN[0], FALLEN[0], *pages) as server:
        assert len(list(forge(server.url).comments(PULL_REQUEST))) == 101


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> GraphQLSchema:
    """Return GitHub's own schema, as Octokit publishes it."""
    packages = node_tools.installed(tmp_path_factory.mktemp("npm")) / "node_modules"
    path = packages / "@octokit" / "graphql-schema" / "schema.graphql"
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


VARIABLES = {"owner": "octo-org", "name": "shop", "number": 7}
QUERIES: dict[str, tuple[str, dict[str, object]]] = {
    "viewer": (VIEWER, {}),
    "comments": (COMMENTS, VARIABLES | {"after": None}),
    "glance": (GLANCE, VARIABLES | {"sha": SHA, "check": NAME}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUERIES)
def test_queries_and_the_stand_ins_answers_fit_githubs_schema(
    schema: GraphQLSchema,
    stand_in: StandIn,
    url: str,
    name: str,
) -> None:
    """An engine that executes a query over what the stand-in tells yields that very answer."""
    stand_in.add_comment(REPOSITORY, 7, "octocat", "Looks good")
    stand_in.add_check_run(REPOSITORY, SHA, NAME, details_url=URL)
    stand_in.add_check_run(REPOSITORY, SHA, NAME, app="qatech", status="queued")
    stand_in.add_status(REPOSITORY, SHA, NAME, "success", login="qa-tech[bot]", target_url=URL)
    query, variables = QUERIES[name]
    assert validate(schema, parse(query)) == []
    told = told_by(url, query, variables)
    done = graphql_sync(schema, query, root_value=typed(told), variable_values=variables)
    assert (done.errors, done.data) == (None, told)


def told_by(url: str, query: str, variables: dict[str, object]) -> dict[str, Any]:
    """Return the data of the stand-in's answer."""
    document = forge(url)._rest.graphql(query, **variables)  # noqa: SLF001 - what is on the wire
    assert "errors" not in document
    data: dict[str, Any] = document["data"]
    return data


def typed(data: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the data with the types that an engine wants to be told of interfaces."""
    text = json.dumps(data).replace('"object": {', '"object": {"__typename": "Commit", ')
    text = text.replace('"author": {', '"author": {"__typename": "User", ')
    return json.loads(text)


def test_errors_of_rest_are_told() -> None:
    """Where neither answers, the comments cannot be had."""
    with serving_faults(answer({"message": "no"}, 404)) as server, pytest.raises(ForgeError):
        list(forge(server.url).comments(PULL_REQUEST))


@pytest.mark.parametrize(
    ("rest", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://git.example/api/v3", "https://git.example/api/graphql"),
        ("https://git.example/v3", "https://git.example/v3/graphql"),
    ],
)
def test_graphql_has_a_place_of_its_own(rest: str, graphql: str) -> None:
    """Beside REST on GitHub Enterprise Server, below it elsewhere."""
    assert address(rest) == graphql


def test_a_bot_is_known_by_its_name_too() -> None:
    """What is not known as our own would be written a second time."""
    node = {"fullDatabaseId": "5", "body": "b", "viewerDidAuthor": False, "author": None}
    own = node | {"author": {"login": "github-actions"}}
    page = {"pageInfo": {}, "nodes": [own, node, node | {"author": {"login": "octocat"}}]}
    data = {
        "viewer": {"login": "github-actions[bot]"},
        "repository": {"pullRequest": {"comments": page}},
    }
    with serving_faults(answer({"data": data})) as server:
        found = list(forge(server.url).comments(PULL_REQUEST))
    assert [comment.is_own for comment in found] == [True, False, False]
