"""From the event to the pull request."""

from typing import Any

import pytest

import payloads
from qatech_ci.before.errors import EventError, InputError
from qatech_ci.before.model import CommitRange, HeadCommit, Nothing, PullRequest, Reference
from qatech_ci.before.target import Event, find, is_dependabot

SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"


def event(fixture: str, /, **changes: Any) -> Event:  # noqa: ANN401 - changes of any field
    """Return the event of a whole payload."""
    values: dict[str, Any] = {
        "name": payloads.EVENTS[fixture],
        "payload": payloads.load(fixture),
        "server_url": "https://github.com",
        "repository": "octo-org/shop",
    }
    return Event(**(values | changes))


def found(fixture: str, /, **changes: Any) -> PullRequest:  # noqa: ANN401 - changes of any field
    """Return the pull request of a whole payload."""
    pull_request = find(event(fixture, **changes), "")
    assert isinstance(pull_request, PullRequest)
    return pull_request


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_the_payload_carries_the_pull_request(name: str) -> None:
    """The head commit is that of the pull request, not the merge commit of `GITHUB_SHA`."""
    assert found("pull_request_opened", name=name) == PullRequest(
        repository="octo-org/shop",
        number=7,
        url="https://github.com/octo-org/shop/pull/7",
        head_sha="6dcb09b5b57875f334f61aebed695e2e4193db5e",
    )


def test_the_url_is_built_from_server_repository_and_number() -> None:
    """GitHub Enterprise Server has its own address; a payload's link is not trusted for it."""
    url = found("pull_request_opened", server_url="https://ghe.example").url
    assert url == "https://ghe.example/octo-org/shop/pull/7"


def test_a_draft_is_a_pull_request_like_any_other() -> None:
    """Whoever does not want drafts reviewed says so in the workflow."""
    assert found("pull_request_draft") == found("pull_request_opened")


def test_a_closed_pull_request_says_so() -> None:
    """Merged or not, it is not open."""
    assert not found("pull_request_closed").is_open


@pytest.mark.parametrize("name", ["pull_request_fork", "pull_request_deleted_fork"])
def test_a_fork_is_a_fork_even_when_it_has_been_deleted(name: str) -> None:
    """`head.repo` is null where the fork is gone."""
    assert found(name).from_fork


def test_the_same_repository_in_other_letters_is_no_fork() -> None:
    """GitHub's names do not tell upper from lower case."""
    assert not found("pull_request_opened", repository="Octo-Org/Shop").from_fork


def test_dependabot_is_known_by_the_actor() -> None:
    """Its runs get no Actions secrets though its branches are in the repository."""
    assert is_dependabot(event("pull_request_dependabot", actor="dependabot[bot]"))
    assert not is_dependabot(event("pull_request_opened", actor="octocat"))


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch", "repository_dispatch_custom"])
def test_an_event_without_a_pull_request_says_what_to_do(name: str) -> None:
    """The message names the event and the input."""
    with pytest.raises(
        EventError, match=f"{payloads.EVENTS[name]}.*no pull request.*`pull-request`"
    ):
        find(event(name, payload={"action": "x", "client_payload": {}}), "")


@pytest.mark.parametrize(
    ("fixture", "found"),
    [
        ("issue_comment_created_on_pull_request", Reference("octo-org/shop", 7)),
        ("deployment_status_success", HeadCommit("octo-org/shop", SHA)),
        ("workflow_run_completed", Reference("octo-org/shop", 7, SHA)),
        ("workflow_run_fork", HeadCommit("octo-org/shop", SHA, "mona:fix-checkout-total")),
        ("check_run_completed", Reference("octo-org/shop", 7, SHA)),
        ("check_run_fork", HeadCommit("octo-org/shop", SHA)),
        ("check_suite_completed", Reference("octo-org/shop", 7, SHA)),
        ("push_branch", HeadCommit("octo-org/shop", SHA)),
        ("repository_dispatch_vercel_success", HeadCommit("octo-org/shop", SHA)),
        ("repository_dispatch_custom", Reference("octo-org/shop", 7)),
    ],
)
def test_each_event_names_its_pull_request(fixture: str, found: object) -> None:
    """By number or by the commit; a fork's by its branch."""
    assert find(event(fixture), "") == found


def test_a_review_of_people_carries_the_pull_request() -> None:
    """With fewer parts than elsewhere, but those that are needed."""
    assert found("pull_request_review_submitted").head_sha == SHA


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [
        ("issue_comment_created_on_issue", "on an issue"),
        ("deployment_status_failure", "its state is `failure`"),
        ("deployment_status_inactive", "its state is `inactive`"),
    ],
)
def test_events_that_ask_for_no_review(fixture: str, reason: str) -> None:
    """A clear outcome, not an error."""
    nothing = find(event(fixture), "")
    assert isinstance(nothing, Nothing)
    assert reason in nothing.reason


@pytest.mark.parametrize("kind", ["error", "canceled", "ignored", "skipped"])
def test_a_vercel_deployment_that_is_not_ready_asks_for_no_review(kind: str) -> None:
    """Vercel tells every end of a deployment."""
    payload = payloads.load("repository_dispatch_vercel_success")
    payload["action"] = f"vercel.deployment.{kind}"
    nothing = find(event("repository_dispatch_vercel_success", payload=payload), "")
    assert isinstance(nothing, Nothing)
    assert kind in nothing.reason


@pytest.mark.parametrize("listed", [[], [{"number": 7}, {"number": 8}], "x", [7]])
def test_a_run_that_names_not_exactly_one_pull_request_is_looked_up(listed: object) -> None:
    """By its commit, which tells which of them is meant."""
    payload = payloads.load("check_suite_completed")
    payload["check_suite"]["pull_requests"] = listed
    assert isinstance(find(event("check_suite_completed", payload=payload), ""), HeadCommit)


@pytest.mark.parametrize(
    ("requested", "reference"),
    [
        ("7", Reference("octo-org/shop", 7)),
        ("#7", Reference("octo-org/shop", 7)),
        ("https://github.com/octo-org/shop/pull/7", Reference("octo-org/shop", 7)),
        ("https://github.com/octo-org/api/pull/12/files", Reference("octo-org/api", 12)),
    ],
)
@pytest.mark.parametrize("name", ["workflow_dispatch", "schedule", "pull_request_opened"])
def test_a_number_or_url_names_the_pull_request(
    name: str,
    requested: str,
    reference: Reference,
) -> None:
    """The input wins over the event, and the rest is looked up."""
    assert find(event(name), requested) == reference


@pytest.mark.parametrize(
    "requested",
    [
        *("0", "-1", "seven", "1.5", "٧", "7\n8", "9" * 11),
        "https://evil.example/octo-org/shop/pull/7",
        "https://github.com/octo-org/shop/issues/7",
        "https://github.com/a/b/c/pull/7",
    ],
)
def test_anything_else_is_refused_with_an_example(requested: str) -> None:
    """Another host is not this forge, and an issue is not a pull request."""
    with pytest.raises(InputError, match="Write a number such as `7`, or a URL"):
        find(event("workflow_dispatch"), requested)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["pull_request"], None),
        (["pull_request"], []),
        (["pull_request", "head"], "x"),
        (["pull_request", "head", "sha"], "main"),
        (["pull_request", "head", "sha"], "6dcb09b5b57875f334f61aebed695e2e4193db5e\n"),
        (["pull_request", "number"], "7"),
        (["pull_request", "number"], 0),
    ],
)
def test_a_payload_that_is_not_whole_is_refused(path: list[str], value: object) -> None:
    """The message shows the part at fault."""
    payload = payloads.load("pull_request_opened")
    inner = payload
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(EventError, match=f"`{path[-1]}`"):
        found("pull_request_opened", payload=payload)


def test_a_repository_that_is_none_is_refused() -> None:
    """The name goes into a path, so it is checked before."""
    with pytest.raises(EventError, match="GITHUB_REPOSITORY"):
        find(event("workflow_dispatch", repository="octo-org/shop/../x"), "7")


def test_a_merge_group_tells_its_pull_request_by_the_branch() -> None:
    """The queue's branch is named after the base and the pull request."""
    assert find(event("merge_group_checks_requested"), "") == Reference("octo-org/shop", 7)


def test_a_merge_group_is_a_range_of_commits_too() -> None:
    """For a review of the combined diff."""
    found = find(event("merge_group_checks_requested"), "", accepts_range=True)
    group = payloads.load("merge_group_checks_requested")["merge_group"]
    assert isinstance(found, CommitRange)
    assert (found.base, found.head_sha) == (group["base_sha"], group["head_sha"])
    assert found.url.endswith(f"/octo-org/shop/compare/{found.base}...{found.head_sha}")


def test_a_push_is_a_range_of_commits() -> None:
    """From what was there before to what is there now."""
    payload = payloads.load("push_branch")
    found = find(
        event("push_branch", payload=payload | {"before": "a" * 40}), "", accepts_range=True
    )
    assert isinstance(found, CommitRange)
    assert (found.base, found.head_sha) == ("a" * 40, payload["after"])
    assert found.title == "Changes pushed to refs/heads/fix-checkout-total"


def test_a_new_branch_is_compared_with_the_default_branch() -> None:
    """Before it there was nothing."""
    payload = payloads.load("push_branch") | {"before": "0" * 40}
    found = find(event("push_branch", payload=payload), "", accepts_range=True)
    assert isinstance(found, CommitRange)
    assert found.base == "main"


def test_a_deleted_branch_has_nothing_to_review() -> None:
    """There is no commit after it."""
    with pytest.raises(EventError, match="`after`"):
        find(event("push_deleted"), "", accepts_range=True)


@pytest.mark.parametrize("head_ref", ["refs/heads/main", "refs/heads/gh-readonly-queue/main/x", 7])
def test_a_merge_group_without_a_pull_request_in_its_name_is_refused(head_ref: object) -> None:
    """The message shows the name."""
    payload = payloads.load("merge_group_checks_requested")
    payload["merge_group"]["head_ref"] = head_ref
    with pytest.raises(EventError, match="`head_ref`"):
        find(event("merge_group_checks_requested", payload=payload), "")
