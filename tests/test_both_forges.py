"""The story's tests, on each forge: the whole run in this process, against the stand-ins."""

import io
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import pytest

from fakes import NOON
from gitlab_stand_ins import (
    GITLAB_TOKEN,
    JOB_TOKEN,
    MERGE_REQUEST_URL,
    PROJECT,
    GitLabJob,
    GitLabServices,
    gitlab_services,
    of_branch,
)
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.main import main
from qatech_ci.before.sandbox import Call, QaTech, Scenario, serving
from qatech_ci.before.sandbox.qatech.questions import usual
from old_stand_ins import API_TOKEN, GITHUB_TOKEN, PERMISSIONS, REPOSITORY, SHA, Job, Services, services

URL = "https://shop-7f3a.example.app"
NEWER = "b" * 40
SECTION = r"section_(?:start|end):\d+:([a-zA-Z0-9_.-]+)(?:\[[^\]]*\])?\r\x1b\[0K"


class OnForge(Protocol):
    """What a test does on a forge and sees there, whichever it is."""

    url: str
    """Of the pull request."""
    provider: str
    comment_is_missing: str
    """What the log says where the token may not write."""

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs that reach later jobs."""
        ...

    @property
    def summary(self) -> str:
        """The summary."""
        ...

    def starts(self) -> list[Call]:
        """Return the requests that started a review."""
        ...

    def comments(self) -> list[str]:
        """Return the comments on the pull request."""
        ...

    def statuses(self) -> list[str]:
        """Return the statuses of the head commit as they stood, one after the other."""
        ...

    def environ(self, **inputs: str) -> dict[str, str]:
        """Return the environment of a run for the pull request."""
        ...

    def orders(self) -> list[str]:
        """Return what the forge was ordered to do in a comment, and did."""
        ...

    def commands_in(self, log: str) -> list[str]:
        """Return what the runner would take for a command of the reply's."""
        ...

    def of_fork(self) -> dict[str, str]:
        """Return the environment of a run for a fork's, which has no secrets."""
        ...

    def by_commit(self, **inputs: str) -> dict[str, str]:
        """Return the environment of a run that is told a commit only."""
        ...

    def may_not_write(self) -> None:
        """Let the token read only."""
        ...

    def deploy(self, environment: str, url: str) -> None:
        """Deploy the head commit."""
        ...

    def push(self, sha: str) -> None:
        """Give the pull request another head."""
        ...

    def close(self) -> None:
        """Close the pull request."""
        ...


Its = TypeVar("Its", Services, GitLabServices)
JobOf = TypeVar("JobOf", Job, GitLabJob)


@dataclass
class Seen(Generic[Its, JobOf]):
    """What is seen in the same way on each forge."""

    its: Its
    job: JobOf

    @property
    def outputs(self) -> dict[str, str]:
        return self.job.outputs

    @property
    def summary(self) -> str:
        return self.job.summary

    def starts(self) -> list[Call]:
        return self.its.starts()

    def comments(self) -> list[str]:
        return self.its.comments()


@dataclass
class OnGitHub(Seen[Services, Job]):
    """GitHub Actions."""

    url: str = "https://github.com/octo-org/shop/pull/7"
    provider: str = "github"
    comment_is_missing: str = "permissions: pull-requests: write"

    def statuses(self) -> list[str]:
        names = {"failure": "failed"}
        found = reversed(self.its.github.statuses(REPOSITORY, SHA))
        states = [status.state for status in found]
        return [names.get(state, state) for state in states]

    def environ(self, **inputs: str) -> dict[str, str]:
        return self.job.environ(self.its, **inputs)

    def orders(self) -> list[str]:
        return []

    def commands_in(self, log: str) -> list[str]:
        return re.findall(r"^\s*::\w+::owned|##\[error\]owned", log, re.MULTILINE)

    def of_fork(self) -> dict[str, str]:
        return self.job.environ(self.its, "pull_request_fork", api_token="")

    def by_commit(self, **inputs: str) -> dict[str, str]:
        return self.job.environ(self.its, "push_branch", **inputs)

    def may_not_write(self) -> None:
        permissions = PERMISSIONS | {"pull-requests": "read"}
        self.its.github.add_token(GITHUB_TOKEN, permissions=permissions)

    def deploy(self, environment: str, url: str) -> None:
        github = self.its.github
        number = github.add_deployment(REPOSITORY, SHA, environment)
        github.add_deployment_status(REPOSITORY, number, "success", environment_url=url)

    def push(self, sha: str) -> None:
        self.its.github.add_pull_request(REPOSITORY, 7, head_sha=sha)

    def close(self) -> None:
        self.its.github.add_pull_request(REPOSITORY, 7, head_sha=SHA, state="closed")


@dataclass
class OnGitLab(Seen[GitLabServices, GitLabJob]):
    """GitLab CI."""

    url: str = MERGE_REQUEST_URL
    provider: str = "gitlab"
    comment_is_missing: str = "QATECH_GITLAB_TOKEN"

    def statuses(self) -> list[str]:
        return [status.status for status in self.its.gitlab.statuses(PROJECT, SHA)]

    def environ(self, **inputs: str) -> dict[str, str]:
        return self.job.environ(self.its, **inputs)

    def orders(self) -> list[str]:
        return self.its.gitlab.quick_actions(PROJECT, 7)

    def commands_in(self, log: str) -> list[str]:
        # As GitLab's `build_trace_section_regex` has it.
        return [name for name in re.findall(SECTION, log) if not name.startswith("qatech_")]

    def of_fork(self) -> dict[str, str]:
        environ = self.job.environ(self.its, api_token="", gitlab_token="")
        return environ | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "102"}

    def by_commit(self, **inputs: str) -> dict[str, str]:
        return of_branch(self.job.environ(self.its, **inputs))

    def may_not_write(self) -> None:
        self.its.gitlab.add_token(GITLAB_TOKEN, scopes=("read_api",))

    def deploy(self, environment: str, url: str) -> None:
        place = self.its.gitlab.add_environment(PROJECT, environment, external_url=url)
        self.its.gitlab.add_deployment(place, SHA)

    def push(self, sha: str) -> None:
        self.its.gitlab.push(PROJECT, 7, sha)

    def close(self) -> None:
        self.its.gitlab.merge_request(PROJECT, 7).state = "closed"


Serve = Callable[..., OnForge]


@pytest.fixture(params=["github", "gitlab"])
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serve]:
    """Yield what serves QA.tech, playing a scenario, and a forge with an open pull request."""
    with ExitStack() as stack:

        def begin(
            scenario: Scenario = Scenario.PASSING,
            pace: float = 0,
            clock: SimulatedClock | None = None,
        ) -> OnForge:
            now = (clock or SimulatedClock(NOON)).now
            if request.param == "github":
                return OnGitHub(stack.enter_context(services(scenario, pace, now)), Job(tmp_path))
            its = stack.enter_context(gitlab_services(scenario, pace, now))
            return OnGitLab(its, GitLabJob(tmp_path))

        yield begin


def run(environ: dict[str, str], clock: SimulatedClock | None = None) -> tuple[int, str]:
    """Run once, and return exit code and log."""
    stream = io.StringIO()
    code = main(environ, stream, clock or SimulatedClock(NOON))
    return code, stream.getvalue()


@pytest.mark.parametrize(
    ("scenario", "exit_code", "verdict"),
    [
        (Scenario.PASSING, 0, "passed"),
        (Scenario.FAILING, 1, "failed"),
        (Scenario.UNVERIFIABLE, 0, "unverified"),
        (Scenario.MUTE, 1, "unknown"),
        (Scenario.VAGUE, 0, "passed"),
        (Scenario.FAILED, 1, "error"),
        (Scenario.CANCELLED, 1, "cancelled"),
        (Scenario.NEVER, 1, "timed-out"),
    ],
)
def test_each_way_in_which_a_review_ends(
    serve: Serve,
    scenario: Scenario,
    exit_code: int,
    verdict: str,
) -> None:
    """One request that names forge and pull request, one comment, summary, outputs, exit code."""
    clock = SimulatedClock(NOON)
    its = serve(scenario, 40, clock)
    code, log = run(its.environ(), clock)
    (start,) = its.starts()
    (comment,) = its.comments()
    assert isinstance(start.body, dict)
    assert (start.body["vcsProviderId"], start.body["prUrl"]) == (its.provider, its.url)
    assert (code, its.outputs["verdict"]) == (exit_code, verdict), log
    assert its.outputs["gate"] == ("open" if exit_code == 0 else "closed")
    assert its.outputs["head-sha"] == SHA
    assert its.outputs["comment-url"].startswith(f"{its.url}#")
    assert comment.split("\n", 2)[2].strip() == its.summary.strip()


@pytest.mark.parametrize(
    ("scenario", "reuse", "starts"),
    [(Scenario.PASSING, "true", 1), (Scenario.PASSING, "false", 2), (Scenario.FAILING, "true", 2)],
)
def test_a_second_run_on_the_same_commit(
    serve: Serve,
    scenario: Scenario,
    reuse: str,
    starts: int,
) -> None:
    """One comment; a review that passed is reported again, one that failed is done anew."""
    clock = SimulatedClock(NOON)
    its = serve(scenario, 5, clock)
    codes = {run(its.environ(reuse=reuse), clock)[0] for _ in range(2)}
    assert codes == {0 if scenario is Scenario.PASSING else 1}
    assert len(its.comments()) == 1
    assert len(its.starts()) == starts


def test_each_run_may_have_a_comment_of_its_own(serve: Serve) -> None:
    """And none, where none is wanted."""
    its = serve()
    for comment, count in (("new", 1), ("new", 2), ("off", 2)):
        assert run(its.environ(comment=comment))[0] == 0
        assert len(its.comments()) == count


def test_a_token_that_may_not_write_costs_the_comment_only(serve: Serve) -> None:
    """The verdict stands; the log names what to give the run."""
    its = serve()
    its.may_not_write()
    code, log = run(its.environ())
    assert (code, its.outputs["verdict"]) == (0, "passed")
    assert not its.comments()
    assert its.comment_is_missing in log
    assert "comment-url" not in its.outputs or not its.outputs["comment-url"]


def test_a_preview_comes_from_a_deployment_of_the_commit(serve: Serve) -> None:
    """Found by a glob of the environment's name."""
    its = serve()
    its.deploy("review/guest-checkout", URL)
    code, log = run(its.environ(application_overrides="app_web: {deployment: review/*}"))
    assert code == 0, log
    (start,) = its.starts()
    assert isinstance(start.body, dict)
    assert start.body["applicationOverrides"][0]["environment"] == {"url": URL}


def test_a_preview_that_never_comes_is_told(serve: Serve) -> None:
    """The verdict is that time ran out, and nothing has been started."""
    its = serve()
    overrides = "app_web: {deployment: review/*}"
    code, log = run(its.environ(application_overrides=overrides, preview_timeout_minutes="1"))
    assert (code, its.outputs["verdict"]) == (1, "timed-out"), log
    assert not its.starts()


@pytest.mark.parametrize(("pass_on", "exit_code"), [("", 1), ("passed, skipped", 0)])
def test_a_fork_has_no_token_and_is_skipped(serve: Serve, pass_on: str, exit_code: int) -> None:
    """With the reason, and without a comment."""
    its = serve()
    prefix = "INPUT_PASS-ON" if its.provider == "github" else "QATECH_PASS_ON"
    code, log = run(its.of_fork() | {prefix: pass_on})
    assert (code, its.outputs["verdict"]) == (exit_code, "skipped"), log
    assert "fork" in log
    assert not its.starts()
    assert not its.comments()


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"api_token": ""}, "`api-token` is not set"),
        ({"api_token": "a b"}, "`api-token` holds white space"),
        ({"application_overrides": "a: ["}, "it is not YAML"),
        ({"timeout_minutes": "soon"}, "`timeout-minutes` is"),
        ({"pull_request": "seven"}, "`pull-request` is"),
        ({"pull_request": "8"}, "404"),
        ({"wait": "maybe", "pass_on": "well"}, "`pass-on` is"),
    ],
)
def test_bad_input_is_told_and_ends_with_2(
    serve: Serve,
    inputs: dict[str, str],
    told: str,
) -> None:
    """No traceback, no review, no comment, and no outputs."""
    its = serve()
    code, log = run(its.environ(**inputs))
    assert code == 2
    assert told in log
    assert "Traceback" not in log
    assert "QA.tech review: not run" in its.summary
    assert not its.outputs
    assert not its.starts()
    assert not its.comments()


@pytest.mark.parametrize("named", ["7", "url"])
def test_a_run_by_hand_is_told_the_pull_request(serve: Serve, named: str) -> None:
    """By its number or its page."""
    its = serve()
    environ = its.by_commit(pull_request=its.url if named == "url" else named)
    assert run(environ)[0] == 0
    assert len(its.comments()) == 1


def test_the_pull_request_of_a_commit_is_looked_up(serve: Serve) -> None:
    """A push tells the commit; where no open pull request has it as its head, nothing is done."""
    its = serve()
    environ = its.by_commit()
    its.push(NEWER)
    code, log = run(environ)
    assert (code, its.outputs["verdict"]) == (1, "skipped"), log
    assert "No open pull request has" in log


def test_a_dry_run_speaks_of_what_the_forge_has(serve: Serve) -> None:
    """Of its own rights, and of QA.tech's check where there is one."""
    its = serve()
    code, log = run(its.environ(dry_run="true"))
    is_github = its.provider == "github"
    assert code == 0
    assert ("pull-requests: write" in log) is is_github
    assert ("QA.tech's check" in log) is is_github
    assert ("the role Reporter" in log) is not is_github


def test_a_closed_pull_request_is_skipped(serve: Serve) -> None:
    """There is nothing to merge."""
    its = serve()
    its.close()
    run(its.environ(pull_request="7"))
    assert its.outputs["verdict"] == "skipped"
    assert not its.starts()


@pytest.mark.parametrize(
    ("scenario", "state"),
    [(Scenario.PASSING, "success"), (Scenario.FAILING, "failed")],
)
def test_a_status_on_the_head_commit(serve: Serve, scenario: Scenario, state: str) -> None:
    """From pending to the gate; a second run may say the same again."""
    its = serve(scenario)
    for _ in range(2):
        _, log = run(its.environ(commit_status="on", reuse="false"))
        assert its.statuses()[-1] == state
        assert "could not be set" not in log


def test_newer_commits_are_told(serve: Serve) -> None:
    """The verdict is about another commit than the head."""
    its = serve()
    its.push(NEWER)
    _, log = run(its.environ())
    assert "has newer commits" in log


def test_raw_changes_are_handed_over(serve: Serve) -> None:
    """Title, description and diff instead of the pull request's address."""
    its = serve()
    code, log = run(its.environ(mode="raw-changes"))
    assert code == 0, log
    (start,) = its.starts()
    assert isinstance(start.body, dict)
    assert "diff --git" in start.body["changes"]["diff"]


def test_a_dry_run_sends_nothing(serve: Serve) -> None:
    """The log shows what would be sent."""
    its = serve()
    code, log = run(its.environ(dry_run="true"))
    assert code == 0
    assert f'"vcsProviderId": "{its.provider}"' in log
    assert not its.starts()
    assert not its.comments()


def test_nobody_waits_for_a_review_that_is_only_started(serve: Serve) -> None:
    """The link is told, and the gate is open by definition."""
    its = serve(Scenario.NEVER)
    assert run(its.environ(wait="false"))[0] == 0
    assert its.outputs["verdict"] == "started"
    assert its.outputs["conversation-url"]


def test_the_embedded_stand_in_needs_no_token(serve: Serve) -> None:
    """A newcomer can try the job on a real pull request."""
    its = serve()
    code, log = run(its.environ(api_url="sandbox", api_token=""))
    assert code == 0, log
    (comment,) = its.comments()
    assert "No review took place." in comment
    assert not its.starts()


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_as_cancelled(serve: Serve, number: int, exit_code: int) -> None:
    """A real signal, in the middle of a wait."""

    class Interrupted(SimulatedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            os.kill(os.getpid(), number)

    its = serve()
    assert run(its.environ(), Interrupted(NOON))[0] == exit_code
    (comment,) = its.comments()
    assert "QA.tech review: cancelled" in comment
    assert its.outputs["verdict"] == "cancelled"


def test_the_tokens_are_seen_nowhere(serve: Serve) -> None:
    """Not in the log, the comment, the summary or the outputs."""
    its = serve()
    code, log = run(its.environ())
    assert code == 0
    lines = [line for line in log.splitlines() if not line.startswith("::add-mask::")]
    everything = "\n".join([*lines, *its.comments(), its.summary, *its.outputs.values()])
    tokens = (API_TOKEN, GITHUB_TOKEN, GITLAB_TOKEN, JOB_TOKEN)
    assert not [token for token in tokens if token in everything]


HOSTILE = """\
@octocat #12 !7 <!-- x --> <img src=x> ![x](https://evil.example/x.png)
/merge
/approve
/label ~bug
::error::owned
##[error]owned
\x1b[0Ksection_start:1:x\r\x1b[0Kowned
section_end:1:qatech_1\r\x1b[0K
</details>
"""


@pytest.mark.parametrize("scenario", [Scenario.PASSING, Scenario.FAILING])
def test_a_hostile_reply_orders_nobody_about(serve: Serve, scenario: Scenario) -> None:
    """Neither the forge, nor its runner, whatever the model was talked into."""
    its = serve()
    words = QaTech(
        API_TOKEN,
        scenario=scenario,
        now=SimulatedClock(NOON).now,
        pace=0,
        reply=lambda question: f"{HOSTILE}\n{usual(question)}",
    )
    with serving(words) as url:
        code, log = run(its.environ(api_url=f"{url}/v1"))
    (comment,) = its.comments()
    assert code == (0 if scenario is Scenario.PASSING else 1), log
    assert not its.orders()
    for text in (comment, its.summary):
        assert not [line for line in text.splitlines() if line.startswith("/")]
        assert "<img" not in text.replace(r"\<", "")
        assert "\x1b" not in text
    assert not its.commands_in(log)
