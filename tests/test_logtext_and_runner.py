"""The runner: what it is told and what it is handed."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import payloads
from qatech_ci.before.errors import EventError, RunnerError
from qatech_ci.before.logtext import LONGEST_ANNOTATION, annotation, command, harmless_log
from qatech_ci.before.ports import Run
from qatech_ci.before.runner import (
    RunnerFiles,
    RunnerLog,
    input_values,
    read_event,
    read_run,
    write_whole,
)
from qatech_ci.before.secrecy import Secrets

HOSTILE = st.lists(
    st.sampled_from(
        [
            "::",
            "##[",
            "#",
            "[",
            ":",
            "set-output name=x",
            "]",
            "\r",
            "\n",
            "\u00a0",
            "\ufeff",
            " ",
            "\u2028",
            "\x85",
            "\x0b",
            "error",
            "add-mask",
            "a",
            "\x1b[2J",
            "stop-commands::t",
        ],
    ),
).map("".join)


def commands(text: str) -> list[str]:
    """Return the lines on which the runner would act.

    A port of the two parsers in the runner's ActionCommand.cs: after trimming, a line that begins
    with `::` and has another `::`, and a line with `##[` followed by `]` anywhere.
    """
    lines = re.split(r"\r\n|\r|\n|\x85|\u2028|\u2029|\x0b|\x0c", text)
    current = [line for line in lines if re.match(r"::.*?::", line.strip(" \t\u00a0\ufeff"))]
    return current + [line for line in lines if re.search(r"##\[[^\]]*\]", line)]


def unescaped(text: str) -> str:
    """Return a command's data as the runner reads it."""
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def log(*, masks: bool = True) -> tuple[RunnerLog, io.StringIO]:
    """Return a log and what it writes to."""
    stream = io.StringIO()
    return RunnerLog(stream, Secrets(), masks=masks), stream


@given(HOSTILE | st.text())
def test_no_line_of_a_strangers_text_is_a_command(text: str) -> None:
    """Whatever separates lines or hides in front of the colons."""
    assert not commands(harmless_log(text))


@given(HOSTILE)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    """What was harmless reads the same afterwards."""
    once = harmless_log(text)
    assert harmless_log(once) == once


def test_the_known_injection_is_dead() -> None:
    """A line of prose with an old-style command at its end would set an output."""
    assert harmless_log("all good ##[set-output name=verdict]pass") == (
        "all good ## [set-output name=verdict]pass"
    )
    assert harmless_log("\u00a0::error::x") == "· \u00a0::error::x"


@given(HOSTILE | st.text(max_size=6000))
def test_an_annotation_is_one_command_whatever_it_says(text: str) -> None:
    """One line, bounded, and the text cannot end it early."""
    line = annotation("error", text)
    assert "\n" not in line
    assert "\r" not in line
    assert len(line) <= LONGEST_ANNOTATION
    assert line.startswith("::error title=QA.tech review::")


@given(st.text(), st.text(alphabet="a:,%\n\r"))
def test_command_data_comes_back_as_it_was(message: str, title: str) -> None:
    """The runner undoes the escapes in reverse order."""
    line = command("notice", message, title=title)
    head, _, data = line.removeprefix("::notice title=").partition("::")
    assert unescaped(data) == message
    assert unescaped(head.replace("%3A", ":").replace("%2C", ",")) == title


def test_a_group_is_folded_and_its_text_harmless() -> None:
    """The title is data of a command, the text is not."""
    runner_log, stream = log()
    runner_log.group("Reply\n::error::x", "one\n::endgroup::\ntwo")
    assert stream.getvalue() == (
        "::group::Reply%0A· ::error::x\none\n· ::endgroup::\ntwo\n::endgroup::\n"
    )


def test_a_secret_is_masked_first_and_hidden_in_all_that_follows() -> None:
    """In lines, groups and annotations."""
    runner_log, stream = log()
    runner_log.conceal("hunter22")
    masks = stream.getvalue()
    assert "::add-mask::hunter22\n" in masks
    for say in (runner_log.info, runner_log.notice, runner_log.warning, runner_log.error):
        say("it is hunter22")
    runner_log.group("hunter22", "hunter22")
    assert "hunter22" not in stream.getvalue().removeprefix(masks)


def test_without_a_runner_no_mask_is_printed() -> None:
    """The command for it would print what it is meant to hide."""
    runner_log, stream = log(masks=False)
    runner_log.conceal("hunter22")
    runner_log.info("it is hunter22")
    assert stream.getvalue() == "it is ***\n"


def test_the_eleventh_annotation_of_a_kind_is_a_line() -> None:
    """The runner drops more than ten of a kind; the log still has them."""
    runner_log, stream = log()
    for number in range(11):
        runner_log.warning(f"number {number}")
    runner_log.error("first error")
    assert stream.getvalue().count("::warning") == 10
    assert "warning: number 10\n" in stream.getvalue()
    assert "::error title=QA.tech review::first error\n" in stream.getvalue()


def read_outputs(text: str) -> dict[str, str]:
    """Read an output file as the runner does: a port of its FileCommandManager.cs."""
    values: dict[str, str] = {}
    lines = text.split("\n")
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        name, _, delimiter = line.partition("<<")
        value: list[str] = []
        while lines[0] != delimiter:
            value.append(lines.pop(0))
        lines.pop(0)
        values[name] = "\n".join(value)
    return values


@given(st.dictionaries(st.sampled_from(["reply", "verdict"]), HOSTILE | st.text()))
def test_outputs_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory,
    values: dict[str, str],
) -> None:
    """Exactly the keys and values written, whatever the values say."""
    path = tmp_path_factory.mktemp("outputs") / "output"
    RunnerFiles({"GITHUB_OUTPUT": str(path)}, Secrets()).outputs(values)
    written = path.read_bytes().decode()
    assert read_outputs(written) == {
        name: value.encode("utf-8", "replace").decode() for name, value in values.items()
    }


def test_each_output_has_a_delimiter_of_its_own() -> None:
    """Nobody can write a value that ends early."""
    delimiters = set()
    for _ in range(20):
        block = RunnerFiles({}, Secrets())._block("x", "y")  # noqa: SLF001 - the format is the point
        delimiters.add(block.partition("<<")[2].partition("\n")[0])
    assert len(delimiters) == 20
    assert all(len(delimiter) >= 32 for delimiter in delimiters)


def test_files_are_added_to_and_free_of_secrets(tmp_path: Path) -> None:
    """Other steps' content stays, and ours holds no secret."""
    environ = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    (tmp_path / "GITHUB_STEP_SUMMARY").write_text("before\n")
    secrets = Secrets()
    secrets.add("hunter22")
    files = RunnerFiles(environ, secrets)
    files.summary("# It is hunter22")
    files.outputs({"reply": "hunter22"})
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text() == "before\n# It is ***\n"
    assert read_outputs((tmp_path / "GITHUB_OUTPUT").read_text()) == {"reply": "***"}


def test_without_files_nothing_is_written() -> None:
    """Outside of a run nobody asks for them."""
    files = RunnerFiles({}, Secrets())
    files.summary("x")
    files.outputs({"a": "b"})


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The message names the variable and the reason."""
    files = RunnerFiles({"GITHUB_OUTPUT": str(tmp_path)}, Secrets())
    with pytest.raises(RunnerError, match=r"GITHUB_OUTPUT.*cannot be written: Is a directory"):
        files.outputs({"a": "b"})


def test_outputs_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Half of an output could be read as another one."""

    class Full(io.FileIO):
        def write(self, data: Any) -> int:  # noqa: ANN401 - as its base has it
            return super().write(bytes(data)[:5])

    path = tmp_path / "output"
    path.write_text("before\n")
    with Full(path, "ab") as file, pytest.raises(OSError, match="no room"):
        write_whole(file, b"reply<<x")
    assert path.read_text() == "before\n"


def test_inputs_are_found_by_name() -> None:
    """The runner upper-cases a name and keeps its hyphens."""
    assert input_values({"INPUT_API-TOKEN": "x", "PATH": "/bin"}) == {"api-token": "x"}


def test_the_event_is_read_from_the_environment() -> None:
    """Name, payload, server, repository and actor."""
    event = read_event(
        {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(payloads.path("pull_request_opened")),
            "GITHUB_SERVER_URL": "https://ghe.example/",
            "GITHUB_REPOSITORY": "octo-org/shop",
            "GITHUB_ACTOR": "octocat",
        },
    )
    assert event.payload["number"] == 7
    assert (event.name, event.server_url) == ("pull_request", "https://ghe.example")
    assert (event.repository, event.actor) == ("octo-org/shop", "octocat")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"not json", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_payload_that_cannot_be_used_says_why(
    tmp_path: Path,
    content: bytes,
    reason: str,
) -> None:
    """The message names the variable, the file and the reason."""
    path = tmp_path / "event.json"
    path.write_bytes(content)
    with pytest.raises(EventError, match=f"`GITHUB_EVENT_PATH`.*{reason}"):
        read_event({"GITHUB_EVENT_PATH": str(path)})


@pytest.mark.parametrize(
    ("path", "reason"),
    [("", "not set"), ("/nowhere/event.json", "No such file"), ("/", "Is a directory")],
)
def test_a_payload_that_is_not_there_says_so(path: str, reason: str) -> None:
    """A missing file is told apart from a missing variable."""
    with pytest.raises(EventError, match=reason):
        read_event({"GITHUB_EVENT_PATH": path})


def test_the_runs_page_is_linked_inside_of_a_run_only() -> None:
    """Without a repository and a number there is no page."""
    environ = {
        "GITHUB_REPOSITORY": "octo-org/shop",
        "GITHUB_RUN_ID": "12",
        "GITHUB_RUN_ATTEMPT": "3",
        "GITHUB_SHA": "abc",
    }
    assert read_run(environ) == Run(
        "https://github.com/octo-org/shop/actions/runs/12", 12, 3, "abc"
    )
    assert read_run({}).url == ""
    assert read_run(environ | {"GITHUB_RUN_ID": "x/../.."}).url == ""


def test_a_result_is_json(tmp_path: Path) -> None:
    """A value of several lines of JSON is one value."""
    path = tmp_path / "output"
    RunnerFiles({"GITHUB_OUTPUT": str(path)}, Secrets()).outputs({"result": '{"a":\n1}'})
    assert json.loads(read_outputs(path.read_text())["result"]) == {"a": 1}
