"""The whole action in this process, against the stand-ins."""

import io
import json
import os
import signal
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from fakes import NOON
from fault_server import answer
from fault_server import serving as serving_faults
from qatech_ci.before.clock import SimulatedClock, SystemClock
from qatech_ci.before.main import main
from qatech_ci.before.sandbox import Scenario, enterprise, serving
from old_stand_ins import API_TOKEN, GITHUB_TOKEN, REPOSITORY, SHA, Job, Services, services

CANARIES = [
    form
    for token in (API_TOKEN, GITHUB_TOKEN)
    for form in (token, b64encode(token.encode()).decode())
]


@dataclass
class Ran:
    """What a run left behind."""

    exit_code: int
    log: str
    job: Job

    def log_after_masks(self) -> str:
        """Return the log without the commands that tell the runner what to mask."""
        lines = self.log.splitlines()
        return "\n".join(line for line in lines if not line.startswith("::add-mask::"))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Return a job's folder."""
    return Job(tmp_path)


def run(job: Job, environ: dict[str, str], clock: SimulatedClock | None = None) -> Ran:
    """Run the action."""
    stream = io.StringIO()
    code = main(environ, stream, clock or SimulatedClock(NOON))
    return Ran(code, stream.getvalue(), job)


@pytest.mark.parametrize(
    ("scenario", "exit_code", "verdict"),
    [
        (Scenario.PASSING, 0, "passed"),
        (Scenario.FAILING, 1, "failed"),
        (Scenario.UNVERIFIABLE, 0, "unverified"),
        (Scenario.FAILED, 1, "error"),
        (Scenario.CANCELLED, 1, "cancelled"),
        (Scenario.NEVER, 1, "timed-out"),
    ],
)
def test_each_way_in_which_a_review_ends(
    job: Job,
    scenario: Scenario,
    exit_code: int,
    verdict: str,
) -> None:
    """From the event's payload to comment, summary, outputs and exit code."""
    clock = SimulatedClock(NOON)
    with services(scenario, 40, clock.now) as its:
        ran = run(job, job.environ(its), clock)
        (comment,) = its.comments()
        (start,) = its.starts()
    assert ran.exit_code == exit_code
    assert job.outputs["verdict"] == verdict
    assert job.outputs["head-sha"] == SHA
    assert isinstance(start.body, dict)
    assert start.body["prUrl"] == "https://github.com/octo-org/shop/pull/7"
    assert comment.split("\n", 2)[2].strip() == job.summary.strip()


@pytest.mark.parametrize(
    ("scenario", "reuse", "starts"),
    [(Scenario.PASSING, "true", 1), (Scenario.PASSING, "false", 2), (Scenario.FAILING, "true", 2)],
)
def test_a_second_run_on_the_same_commit(
    job: Job,
    scenario: Scenario,
    reuse: str,
    starts: int,
) -> None:
    """One comment; a review that passed is reported again, one that failed is done anew."""
    clock = SimulatedClock(NOON)
    with services(scenario, 5, clock.now) as its:
        codes = {run(job, job.environ(its, reuse=reuse), clock).exit_code for _ in range(2)}
        assert len(its.comments()) == 1
        assert len(its.starts()) == starts
    assert codes == {0 if scenario is Scenario.PASSING else 1}


def test_the_tokens_are_masked_first_and_seen_nowhere(job: Job) -> None:
    """Not in the log, the comment, the summary or the outputs, in any of their forms."""
    with services() as its:
        ran = run(job, job.environ(its))
        comments = "".join(its.comments())
    first = ran.log.splitlines()[0]
    assert first.startswith("::add-mask::")
    everything = (
        ran.log_after_masks() + comments + job.summary + (job.folder / "output").read_text()
    )
    assert not [canary for canary in CANARIES if canary in everything]


def test_the_embedded_stand_in_needs_no_token(job: Job) -> None:
    """A newcomer can try the step on a real pull request."""
    with services() as its:
        ran = run(job, job.environ(its, api_url="sandbox", api_token=""))
        (comment,) = its.comments()
        assert not its.starts()
    assert ran.exit_code == 0
    assert "No review took place." in comment
    assert job.outputs["verdict"] == "passed"


def bad_inputs() -> Iterator[tuple[Callable[[Job, Services], dict[str, str]], str]]:
    """Yield environments that cannot be used, and what the message has to name."""
    yield lambda job, its: job.environ(its, api_token=""), "`api-token` is not set"
    yield lambda job, its: job.environ(its, api_token="a b"), "`api-token` holds white space"
    yield lambda job, its: job.environ(its, application_overrides="a: ["), "it is not YAML"
    yield lambda job, its: job.environ(its, application_overrides="{"), "it is not JSON"
    yield lambda job, its: job.environ(its, application_overrides="app_a: x"), "http(s) URL"
    yield lambda job, its: job.environ(its, api_url="http://qa.tech"), "`api-url` is"
    yield lambda job, its: job.environ(its, timeout_minutes="soon"), "`timeout-minutes` is"
    yield lambda job, its: job.environ(its, pull_request="seven"), "`pull-request` is"
    yield lambda job, its: job.environ(its, pull_request="8"), "404"
    for url in ("ftp://x", "nonsense", "http://", "https://[::1"):
        yield (
            lambda job, its, url=url: job.environ(its) | {"GITHUB_API_URL": url},  # type: ignore[misc] # as bound
            "`GITHUB_API_URL` is",
        )
    yield lambda job, its: job.environ(its, "schedule"), "carries no pull request"
    yield (
        lambda job, its: (
            job.environ(its)
            | {
                "GITHUB_EVENT_NAME": "pull_request_target",
                "GITHUB_EVENT_PATH": str(job.folder / "nowhere"),
            }
        ),
        "No such file",
    )
    yield (
        lambda job, its: job.environ(its, "push_branch") | {"GITHUB_EVENT_NAME": "pull_request"},
        "`pull_request`",
    )
    yield lambda *_: {}, "`application-overrides` is not set"


@pytest.mark.parametrize(("environ", "told"), list(bad_inputs()))
def test_bad_input_is_told_and_ends_with_2(
    job: Job,
    environ: Callable[[Job, Services], dict[str, str]],
    told: str,
) -> None:
    """No traceback, no review, no comment, and no output file that is half written."""
    with services() as its:
        ran = run(job, environ(job, its))
        assert not its.starts()
        assert not its.comments()
    assert ran.exit_code == 2
    assert told in ran.log
    assert not environ(job, its) or "QA.tech review: not run" in job.summary
    assert "Traceback" not in ran.log
    assert not job.outputs


class Broken(SimulatedClock):
    """A clock with a defect."""

    def sleep(self, seconds: float) -> None:
        """Fail with a message that nobody may see."""
        raise LookupError(f"{API_TOKEN} {seconds}")


def test_a_defect_of_our_own_is_told_without_its_message(job: Job) -> None:
    """Where it is and what it is called; the message could quote anything."""
    with services() as its:
        ran = run(job, job.environ(its), Broken(NOON))
    assert ran.exit_code == 1
    assert job.outputs["verdict"] == "error"
    assert "A defect in qatech-ci: LookupError at test_main.py:" in ran.log
    assert API_TOKEN not in ran.log_after_masks()


@pytest.mark.parametrize(
    ("number", "exit_code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143)],
)
def test_a_signal_ends_the_run_as_cancelled(job: Job, number: int, exit_code: int) -> None:
    """A real signal, in the middle of a wait; a second one does not break the reporting."""

    class Interrupted(SimulatedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            os.kill(os.getpid(), number)

        def now(self):  # type: ignore[no-untyped-def] # noqa: ANN202 - as its base has it
            if self.monotonic():
                os.kill(os.getpid(), signal.SIGTERM)
            return super().now()

    with services() as its:
        ran = run(job, job.environ(its), Interrupted(NOON))
        (comment,) = its.comments()
    assert ran.exit_code == exit_code
    assert "QA.tech review: cancelled" in comment
    assert "QA.tech review: cancelled" in job.summary
    assert job.outputs["verdict"] == "cancelled"


def test_a_signal_before_there_is_a_review_is_told_in_the_log(job: Job) -> None:
    """There is no pull request yet to report it on."""

    class Interrupted(SimulatedClock):
        def monotonic(self) -> float:
            os.kill(os.getpid(), signal.SIGTERM)
            return super().monotonic()

    with services() as its:
        ran = run(job, job.environ(its), Interrupted(NOON))
    assert ran.exit_code == 143
    assert "cancelled before it began" in ran.log


def test_signal_handlers_are_put_back(job: Job) -> None:
    """Who calls `main` keeps their own."""
    before = signal.getsignal(signal.SIGTERM)
    run(job, {})
    assert signal.getsignal(signal.SIGTERM) is before


def test_real_time_passes() -> None:
    """The clock of the machine implements the port."""
    clock = SystemClock()
    before, then = clock.monotonic(), clock.now()
    clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.now() > then
    assert clock.now().utcoffset() is not None
    assert 0 <= clock.random() <= 1
    assert clock.salt() != clock.salt()


def test_a_protected_previews_secret_goes_to_two_places_only(job: Job) -> None:
    """To QA.tech in the request, and to that host in the probe; nowhere else, even if echoed."""
    secret = "s3cr3t-bypass-value"
    with services() as its, serving_faults(answer({}, 401, Server="Vercel")) as preview:
        url = f"{preview.url}/?x-vercel-protection-bypass={secret}&x-vercel-set-bypass-cookie=true"
        environ = job.environ(
            its,
            application_overrides=f"app_web: '{url}'",
            allowed_preview_hosts="127.0.0.1",
            preview_timeout_minutes="1",
        )
        ran = run(job, environ)
        (start,) = its.starts()
        comments = "".join(its.comments())
        to_github = "".join(str(call.request.body) + call.path for call in its.github.requests)
    assert ran.exit_code == 0
    assert secret in str(start.body)
    assert secret in preview.received[0].path
    written = ran.log_after_masks() + comments + job.summary + (job.folder / "output").read_text()
    assert secret not in written + to_github
    assert "it is protected (Vercel)" in ran.log


def test_ten_minutes_of_waiting_for_a_deployment_are_cheap(job: Job) -> None:
    """From the event to the review, at most ten requests count until the deployment is up."""
    clock = SimulatedClock(NOON)
    with services(now=clock.now) as its:
        number = its.github.add_deployment(REPOSITORY, SHA, "Preview – shop")
        its.github.add_deployment_status(
            REPOSITORY,
            number,
            "success",
            environment_url="https://shop-7f3a.example.app",
            created_at=NOON + timedelta(minutes=9, seconds=30),
        )
        environ = job.environ(
            its,
            application_overrides="app_web: {deployment: Preview*}",
            preview_timeout_minutes="10",
            api_url="sandbox",
        )
        ran = run(job, environ, clock)
        looks = [call for call in its.github.requests if "/deployments" in call.path]
    assert ran.exit_code == 0
    assert json.loads(job.outputs["overrides"])[0]["environment"] == {
        "url": "https://shop-7f3a.example.app",
    }
    assert len(looks) > 20
    assert sum(call.counted for call in looks) <= 10


def test_github_enterprise_server(job: Job) -> None:
    """Its API has a path of its own, and its links a host of their own."""
    with services() as its, serving(enterprise(its.github)) as url:
        environ = job.environ(its) | {
            "GITHUB_API_URL": f"{url}/api/v3",
            "GITHUB_SERVER_URL": "https://ghe.example",
        }
        ran = run(job, environ)
        (start,) = its.starts()
        assert len(its.comments()) == 1
    assert ran.exit_code == 0
    assert isinstance(start.body, dict)
    assert start.body["prUrl"] == "https://ghe.example/octo-org/shop/pull/7"
    assert "https://ghe.example/octo-org/shop/actions/runs/1" in job.summary
