"""What a job on GitLab reads, and leaves behind: variables, log, files, note and thread."""

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import NOON
from gitlab_stand_ins import (
    GITLAB_TOKEN,
    JOB_TOKEN,
    PROJECT,
    GitLabJob,
    GitLabServices,
    gitlab_services,
    of_branch,
)
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.errors import RunnerError
from qatech_ci.before.gitlab.dotenv import NAMES, dotenv
from qatech_ci.before.gitlab.files import JobFiles
from qatech_ci.before.gitlab.junit import junit
from qatech_ci.before.gitlab.log import JobLog
from qatech_ci.before.gitlab.variables import input_values
from qatech_ci.before.main import main
from qatech_ci.before.model import Case, Outcome
from qatech_ci.before.sandbox import Scenario
from qatech_ci.before.sandbox.gitlab import REPORTER
from qatech_ci.before.secrecy import Secrets
from old_stand_ins import SHA

SECTION = re.compile(r"section_(start|end):\d+:([a-zA-Z0-9_.-]+)(?:\[[^\]]*\])?\r\x1b\[0K")
"""As GitLab's `build_trace_section_regex` has it."""
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n\x1b[section_:start1e"))


def log() -> tuple[JobLog, io.StringIO]:
    """Return a log and what is written to it."""
    stream = io.StringIO()
    return JobLog(stream, Secrets(), SimulatedClock(NOON)), stream


def run(environ: dict[str, str], clock: SimulatedClock | None = None) -> tuple[int, str]:
    """Run once, and return exit code and log."""
    stream = io.StringIO()
    return main(environ, stream, clock or SimulatedClock(NOON)), stream.getvalue()


def test_inputs_are_variables() -> None:
    """In capitals, with underscores for hyphens; other variables are no inputs."""
    values = input_values({"QATECH_PASS_ON": "any", "PASS_ON": "x", "QATECH_KEY": ""})
    assert (values["pass-on"], values["key"]) == ("any", "")
    assert set(values) == {"pass-on", "key", "deploy-outputs"}


def test_urls_in_variables_are_deploy_outputs() -> None:
    """Those that an earlier job handed over; GitLab's own are none, but for the environment's."""
    url = "https://7.example.app"
    environ = {
        "PREVIEW_URL": f" {url}\n",
        "CI_ENVIRONMENT_URL": url,
        "CI_PROJECT_URL": url,
        "GITLAB_FEATURES": url,
        "QATECH_API_URL": url,
        "LONG": f"{url}/{'x' * 2000}",
        "WORDS": f"see {url}",
    }
    found = json.loads(input_values(environ)["deploy-outputs"])
    assert found == {
        name: {"outputs": {"url": url}} for name in ("PREVIEW_URL", "CI_ENVIRONMENT_URL")
    }
    assert input_values(environ | {"QATECH_DEPLOY_OUTPUTS": "{}"})["deploy-outputs"] == "{}"


def test_a_group_is_a_section_that_is_folded() -> None:
    """Each with a name of its own, and the title on one line."""
    job_log, stream = log()
    for _ in range(2):
        job_log.group("A\ntitle", "words")
    moment = int(NOON.timestamp())
    assert stream.getvalue().startswith(
        f"\x1b[0Ksection_start:{moment}:qatech_1[collapsed=true]\r\x1b[0KA title\nwords\n"
        f"\x1b[0Ksection_end:{moment}:qatech_1\r\x1b[0K\n"
    )
    assert [found[1] for found in SECTION.findall(stream.getvalue())][2:] == ["qatech_2"] * 2


def test_what_matters_is_coloured() -> None:
    """GitLab has no annotations."""
    job_log, stream = log()
    job_log.notice("a")
    job_log.warning("b")
    job_log.error("c\nd")
    assert stream.getvalue().splitlines() == [
        "\x1b[36;1mNote: a\x1b[0m",
        "\x1b[33;1mWarning: b\x1b[0m",
        "\x1b[31;1mError: c",
        "d\x1b[0m",
    ]


@given(TEXTS)
def test_no_text_is_a_section_or_an_escape_sequence(text: str) -> None:
    """Whatever a reviewer was talked into; our own markers are all that is left."""
    job_log, stream = log()
    job_log.info(f"section_start:1:x\r\x1b[0K{text}")
    assert not {"\r", "\x1b"} & set(stream.getvalue())
    assert not re.search("section_(start|end):", stream.getvalue())
    job_log.group(text, f"{text}section_end:1:qatech_1\r\x1b[0K")
    assert [name for _, name in SECTION.findall(stream.getvalue())] == ["qatech_1"] * 2


def test_secrets_are_in_no_line() -> None:
    """Also where control characters had parted them."""
    job_log, stream = log()
    job_log.conceal("hunter22")
    job_log.info("hunter22 hun\x00ter22")
    job_log.group("hunter22", "hunter22")
    job_log.error("hunter22")
    assert "hunter22" not in stream.getvalue()


def test_the_test_report_lists_what_failed() -> None:
    """As GitLab's parser reads it: the text of `failure` and `skipped` is what is shown."""
    report = junit(
        [
            Case("The total", Outcome.PASSED),
            Case('Pay <b> & "go"\n\x1b[31m', Outcome.FAILED, "It says ]]> \x00\ufffe&amp;."),
            Case("", Outcome.SKIPPED, "No interface."),
        ]
    )
    (suite,) = ET.fromstring(report)  # noqa: S314 - what we have just written
    counts = {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}
    assert suite.attrib == {"name": "QA.tech review"} | counts
    passed, failed, skipped = suite
    assert not list(passed)
    assert failed.attrib["name"] == 'Pay <b> & "go" [31m'
    assert failed.findtext("failure") == "It says ]]> &amp;."
    assert (skipped.attrib["name"], skipped.findtext("skipped")) == ("unnamed", "No interface.")


@given(st.text(), st.text())
def test_any_text_makes_a_test_report_that_can_be_read(name: str, details: str) -> None:
    """A report that cannot be parsed would show nothing at all."""
    (suite,) = ET.fromstring(junit([Case(name, Outcome.FAILED, details)]))  # noqa: S314 - as above
    assert len(suite) == 1


def test_the_variables_for_later_jobs() -> None:
    """All of them, so that none is another review's; what GitLab would expand is left empty."""
    values = {
        "verdict": "passed",
        "verdict-source": "check, verdict-block",
        "conversation-id": "$CI_JOB_TOKEN",
        "status": "a\nb=c",
        "comment-url": "x" * 501,
        "conversation-url": "",
        "head-sha": SHA,
        "reply": "words",
        "result": "{}",
    }
    assert dotenv(values).splitlines() == [
        "QATECH_VERDICT=passed",
        "QATECH_GATE=",
        "QATECH_VERDICT_SOURCE=check, verdict-block",
        "QATECH_STATUS=",
        "QATECH_CONVERSATION_ID=",
        "QATECH_CONVERSATION_URL=",
        f"QATECH_HEAD_SHA={SHA}",
        "QATECH_COMMENT_URL=",
    ]


@given(st.dictionaries(st.sampled_from(["verdict", "status", "comment-url"]), st.text()))
def test_any_outputs_make_variables_that_gitlab_takes(values: dict[str, str]) -> None:
    """Below 5 KB, each line a name and a value; else the upload fails, and the job with it."""
    text = dotenv(values)
    assert len(dotenv(dict.fromkeys(NAMES, "x" * 500))) < 5000
    assert len(text.encode()) < 5120
    assert all(re.fullmatch(r"QATECH_[A-Z_]+=[ -~]*", line) for line in text.splitlines())


def test_files_take_the_place_of_links(tmp_path: Path) -> None:
    """The folder is a checkout of the code under review."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    (tmp_path / "qatech-summary.md").symlink_to(elsewhere)
    files = JobFiles(tmp_path, Secrets())
    files.summary("# One")
    files.summary("# Two")
    assert (tmp_path / "qatech-summary.md").read_text() == "# Two\n"
    assert elsewhere.read_text() == "kept"


def test_files_of_an_earlier_job_are_removed(tmp_path: Path) -> None:
    """Without a checkout they would stay, and be uploaded for a job that wrote none itself."""
    job = GitLabJob(tmp_path)
    with gitlab_services() as its:
        assert run(job.environ(its))[0] == 0
        assert run(job.environ(its, timeout_minutes="soon"))[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["qatech-summary.md"]
    assert "not run" in job.summary


def test_secrets_are_in_no_file(tmp_path: Path) -> None:
    """Whoever may see the pipeline may fetch its artifacts."""
    secrets = Secrets()
    secrets.add("hunter22")
    files = JobFiles(tmp_path, secrets)
    files.summary("hunter22")
    files.outputs({"verdict": "hunter22"})
    files.test_report([Case("hunter22", Outcome.FAILED, "hun\u200bter22")])
    written = [path.read_text() for path in tmp_path.iterdir()]
    assert len(written) == 3
    assert "hunter22" not in "".join(written)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder of that name, say."""
    (tmp_path / "qatech.env").mkdir()
    with pytest.raises(RunnerError, match=r"qatech\.env cannot be written.*`CI_PROJECT_DIR`"):
        JobFiles(tmp_path, Secrets()).outputs({"verdict": "passed"})


def test_the_failures_of_a_review_are_in_the_test_report(tmp_path: Path) -> None:
    """The merge request lists them by itself."""
    job = GitLabJob(tmp_path)
    with gitlab_services(Scenario.FAILING) as its:
        assert run(job.environ(its))[0] == 1
    assert "<failure>" in job.report
    assert "The review" not in job.report


@pytest.mark.parametrize(
    ("scenario", "element"),
    [
        (Scenario.PASSING, '<testcase classname="QA.tech review" name="The review" />'),
        (Scenario.UNVERIFIABLE, "<skipped>unverified:"),
        (Scenario.NEVER, "<failure>timed-out:"),
    ],
)
def test_the_review_itself_is_in_the_test_report(
    tmp_path: Path,
    scenario: Scenario,
    element: str,
) -> None:
    """Passed, skipped or failed, as far as a test can tell verdicts apart."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(scenario, 5, clock.now) as its:
        run(job.environ(its), clock)
    assert element in job.report


def test_a_thread_waits_for_a_review_that_passes(tmp_path: Path) -> None:
    """With “all threads must be resolved”, it gates the merge; a later run reopens it."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(Scenario.FAILING, 5, clock.now) as its:
        its.gitlab.add_token(GITLAB_TOKEN, access_level=REPORTER)
        assert run(job.environ(its, thread="true"), clock)[0] == 1
        (thread,) = its.gitlab.discussions(PROJECT, 7)
        assert (thread.resolvable, thread.resolved) == (True, False)
        assert run(job.environ(its, thread="true", pass_on="any"), clock)[0] == 0
        (thread,) = its.gitlab.discussions(PROJECT, 7)
        assert thread.resolved
        assert run(job.environ(its, thread="true", wait="false"), clock)[0] == 0
        (thread,) = its.gitlab.discussions(PROJECT, 7)
        assert not thread.resolved


def test_an_older_run_leaves_the_thread_of_a_newer_one_alone(tmp_path: Path) -> None:
    """A pipeline that was retried late knows less than the one after it."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(Scenario.FAILING, 5, clock.now) as its:
        newer = job.environ(its, thread="true") | {"CI_PIPELINE_ID": "9"}
        assert run(newer, clock)[0] == 1
        code, told = run(job.environ(its, thread="true", pass_on="any"), clock)
        (thread,) = its.gitlab.discussions(PROJECT, 7)
    assert code == 0
    assert "A newer run has written the comment" in told
    assert not thread.resolved


def test_a_thread_that_cannot_be_resolved_costs_a_warning(tmp_path: Path) -> None:
    """A note from before threads were asked for is none."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(now=clock.now) as its:
        run(job.environ(its), clock)
        code, told = run(job.environ(its, thread="true"), clock)
    assert code == 0
    assert "The thread could not be resolved." in told


def resolved(its: GitLabServices) -> list[bool]:
    """Return of each thread whether it is resolved."""
    return [thread.resolved for thread in its.gitlab.discussions(PROJECT, 7)]


@pytest.mark.parametrize(
    ("inputs", "exit_code"),
    [
        ({"application_overrides": "app_web: {output: NOT_THERE}"}, 2),
        ({"application_overrides": "app_web: {deployment: review/*}"}, 1),
        ({"api_token": ""}, 2),
        ({"api_url": "http://127.0.0.1:9/v1"}, 1),
    ],
)
def test_a_run_that_breaks_off_reopens_the_thread(
    tmp_path: Path,
    inputs: dict[str, str],
    exit_code: int,
) -> None:
    """Else the merge would be free by the review of an earlier commit."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(now=clock.now) as its:
        assert run(job.environ(its, thread="true"), clock)[0] == 0
        assert resolved(its) == [True]
        its.gitlab.push(PROJECT, 7, "b" * 40)
        environ = job.environ(its, thread="true", preview_timeout_minutes="1", **inputs)
        code, told = run(environ | {"CI_COMMIT_SHA": "b" * 40}, clock)
        assert (code, resolved(its)) == (exit_code, [False]), told


@pytest.mark.parametrize("pass_on", ["passed", "passed, skipped"])
def test_a_run_that_is_skipped_reopens_the_thread_where_the_gate_is_closed(
    tmp_path: Path,
    pass_on: str,
) -> None:
    """And leaves it alone where the gate is open; it writes no note in either case."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(now=clock.now) as its:
        assert run(job.environ(its, thread="true"), clock)[0] == 0
        before = its.comments()
        its.gitlab.merge_request(PROJECT, 7).state = "closed"
        environ = job.environ(its, thread="true", pull_request="7", pass_on=pass_on)
        code, told = run(environ, clock)
        is_open = "skipped" in pass_on
        assert (code, resolved(its)) == (0 if is_open else 1, [is_open]), told
        assert its.comments() == before


@pytest.mark.parametrize("inputs", [{"gitlab_token": ""}, {"wait": "false", "gitlab_token": ""}])
def test_a_merge_that_no_thread_holds_fails_the_job_for_good(
    tmp_path: Path,
    inputs: dict[str, str],
) -> None:
    """With 2, as the job is one that is let pass with 1; a gate that is open needs no thread."""
    job = GitLabJob(tmp_path)
    with gitlab_services(Scenario.FAILING) as its:
        code, told = run(job.environ(its, thread="true", **inputs))
        assert code == 2
        assert "`allow_failure: {exit_codes: [1]}` does not let pass" in told
        assert run(job.environ(its, thread="true", pass_on="any", gitlab_token=""))[0] == 0


def test_a_note_that_is_no_thread_holds_no_merge(tmp_path: Path) -> None:
    """One from before threads were asked for."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(Scenario.FAILING, now=clock.now) as its:
        assert run(job.environ(its), clock)[0] == 1
        code, told = run(job.environ(its, thread="true"), clock)
    assert code == 2
    assert "The thread could not be reopened." in told


def test_a_fork_that_is_skipped_is_held_by_its_job(tmp_path: Path) -> None:
    """It has no token to write a thread with."""
    with gitlab_services() as its:
        environ = GitLabJob(tmp_path).environ(its, api_token="", gitlab_token="", thread="true")
        code, told = run(environ | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "102"})
    assert code == 2
    assert "skipped" in told


@pytest.mark.parametrize("comment", ["new", "off"])
def test_a_thread_is_one_for_all_runs(tmp_path: Path, comment: str) -> None:
    """Of several, nobody would resolve those before."""
    with gitlab_services() as its:
        code, told = run(GitLabJob(tmp_path).environ(its, thread="true", comment=comment))
    assert code == 2
    assert f"`comment` is “{comment}”. With `thread: true` write `comment: update`" in told


def test_a_thread_is_wanted_or_not(tmp_path: Path) -> None:
    """Like every flag."""
    with gitlab_services() as its:
        code, told = run(GitLabJob(tmp_path).environ(its, thread="yes"))
    assert code == 2
    assert "`thread` is “yes”. Write `true` or `false`." in told


def test_without_a_token_of_its_own_a_job_reviews_all_the_same(tmp_path: Path) -> None:
    """The note is missing, and the log says which token would write it."""
    job = GitLabJob(tmp_path)
    with gitlab_services() as its:
        code, told = run(job.environ(its, gitlab_token=""))
        assert not its.comments()
    assert (code, job.outputs["verdict"]) == (0, "passed")
    assert "`CI_JOB_TOKEN`" in told
    assert "the role Reporter and the scope `api`" in told


def test_a_merge_train_repeats_the_review_of_its_merge_request(tmp_path: Path) -> None:
    """One start request for the pipeline before the train and the one in it."""
    job, clock = GitLabJob(tmp_path), SimulatedClock(NOON)
    with gitlab_services(now=clock.now) as its:
        train = {
            "CI_COMMIT_SHA": "c" * 40,
            "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": SHA,
            "CI_PIPELINE_ID": "5",
        }
        assert run(job.environ(its), clock)[0] == 0
        assert run(job.environ(its) | train, clock)[0] == 0
        assert len(its.starts()) == 1
        assert len(its.comments()) == 1


def test_a_branch_pipeline_finds_its_merge_request(tmp_path: Path) -> None:
    """Where GitLab tells it, and where it has to be looked up, by the job's own token even."""
    job = GitLabJob(tmp_path)
    with gitlab_services() as its:
        environ = of_branch(job.environ(its, gitlab_token="", reuse="false"))
        for variables in ({}, {"CI_OPEN_MERGE_REQUESTS": f"{PROJECT}!7"}):
            assert run(environ | variables)[0] == 0
        assert len(its.starts()) == 2


def test_a_preview_out_of_an_earlier_jobs_variables(tmp_path: Path) -> None:
    """`{output: NAME}` names the variable that the deploy job handed over."""
    job = GitLabJob(tmp_path)
    with gitlab_services() as its:
        environ = job.environ(its, application_overrides="app_web: {output: PREVIEW_URL}")
        code, told = run(environ | {"PREVIEW_URL": "https://7.example.app"})
        (start,) = its.starts()
        assert (code, "PREVIEW_URL" in told) == (0, True)
        assert isinstance(start.body, dict)
        environment = start.body["applicationOverrides"][0]["environment"]
        assert environment == {"url": "https://7.example.app"}
        code, told = run(environ)
    assert code == 2
    assert "no job or step `PREVIEW_URL`" in told


def test_the_jobs_own_token_is_seen_nowhere(tmp_path: Path) -> None:
    """It is no input, and a secret all the same."""
    job = GitLabJob(tmp_path)
    with gitlab_services() as its:
        _, told = run(job.environ(its, context=f"Use {JOB_TOKEN}", dry_run="true"))
    assert "Dry run" in told
    assert JOB_TOKEN not in told + job.summary


def test_a_certificate_of_the_servers_own(tmp_path: Path) -> None:
    """The runner hands it over; a file that is not there is told, and nothing more is lost."""
    job = GitLabJob(tmp_path)
    with gitlab_services() as its:
        environ = job.environ(its) | {"CI_SERVER_TLS_CA_FILE": str(tmp_path / "ca.crt")}
        assert run(environ)[0] == 0
        assert len(its.comments()) == 1, "over http nobody needs it"
