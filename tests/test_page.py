"""What people see on the pull request and in the job summary."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import NOON, PULL_REQUEST, RUN, SHA, conversation, reply
from github_markdown import Element, bot_orders, facts, page
from qatech_ci.before.gate import decide
from qatech_ci.before.markdown.github import GITHUB
from qatech_ci.before.model import (
    CommitRange,
    DeployedEnvironment,
    Failure,
    Findings,
    Override,
    PreviewUrl,
    Verdict,
)
from qatech_ci.before.page import LARGEST_COMMENT, LARGEST_SUMMARY, comment, not_run, summary
from qatech_ci.before.page.inline import Fit
from qatech_ci.before.page.reply import reply as folded
from qatech_ci.before.report import Ending, Report
from qatech_ci.before.secrecy import Secrets
from qatech_ci.before.verdict import Judgement

TOLD = "The verdict block says so."
WEB = Override("app_web", PreviewUrl("https://shop-pr-7.example.com/"))
RUNNING = Report(PULL_REQUEST, (WEB,), NOON, RUN.url, conversation=conversation())
FIT = Fit(Secrets(), GITHUB, GITHUB.host)
EVERY = sorted(Verdict)
HOSTILE = (
    "@octocat #12 octo-org/shop#3 <!-- x --> <img src=x> ![x](https://evil.example/x.png)\n"
    "/merge\n@dependabot merge\nbors r+\n</details>\n| a | b |\n`` ` ``` \n```\n# x\n\u202e\x00"
)


def ended(
    verdict: Verdict,
    report: Report = RUNNING,
    told: str = TOLD,
    findings: Findings | None = None,
    seconds: float = 125,
) -> Report:
    """Return a report of a run that has ended."""
    gate = decide(verdict, {Verdict.PASSED, Verdict.UNVERIFIED}, is_dry_run=bool(report.request))
    judgement = Judgement(verdict, told, findings=findings or Findings())
    return replace(report, ending=Ending(judgement, gate, NOON + timedelta(seconds=seconds)))


def shown(report: Report) -> str:
    """Return the comment."""
    return comment(report, Secrets())


def blocks(report: Report) -> list[str]:
    """Return the comment's blocks."""
    return shown(report).split("\n\n")


@pytest.mark.parametrize("verdict", EVERY)
def test_the_verdict_comes_first_and_the_gate_before_all_else(verdict: Verdict) -> None:
    """A glance at the first lines is enough: what it is, and what it means for the merge."""
    first, *others = blocks(ended(verdict))
    gate = decide(verdict, {Verdict.PASSED, Verdict.UNVERIFIED})
    assert first.startswith("### ")
    assert any(it.startswith(f"**Gate {gate.word}:**") for it in others[:2])


@pytest.mark.parametrize("verdict", EVERY)
def test_a_comment_is_the_same_each_time(verdict: Verdict) -> None:
    """The same report gives the same text, so that an edit which changes nothing is none."""
    assert shown(ended(verdict)) == shown(ended(verdict))


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.FAILED, Verdict.UNVERIFIED])
def test_what_a_clear_verdict_rests_on_stands_at_the_foot(verdict: Verdict) -> None:
    """It matters to whoever doubts it."""
    *before, foot = blocks(ended(verdict))
    assert foot == f"<sub>{TOLD} · [Log of the run]({RUN.url}) · qatech-ci</sub>"
    assert TOLD not in "".join(before)


@pytest.mark.parametrize(
    "verdict", [Verdict.UNKNOWN, Verdict.ERROR, Verdict.TIMED_OUT, Verdict.CANCELLED]
)
def test_what_went_wrong_stands_below_the_title(verdict: Verdict) -> None:
    """The word alone would not tell."""
    assert blocks(ended(verdict))[1] == TOLD


@pytest.mark.parametrize(
    ("report", "step"),
    [
        (ended(Verdict.FAILED), "**Next:** Fix what the review found and push"),
        (ended(Verdict.UNVERIFIED), "**Next:** Test it in another way before you merge."),
        (ended(Verdict.UNKNOWN), "- To get a verdict, run the job again"),
        (ended(Verdict.ERROR), "- Look at the conversation: it shows how far"),
        (ended(Verdict.ERROR, replace(RUNNING, conversation=None)), "**Next:** Run the job again"),
        (ended(Verdict.TIMED_OUT), "- Look at the conversation: the review may be complete"),
        (ended(Verdict.TIMED_OUT), "- Raise `timeout-minutes`"),
        (ended(Verdict.CANCELLED), "- Another run takes up a review"),
        (ended(Verdict.SKIPPED), "**Next:** Add `skipped` to `pass-on`"),
        (
            ended(Verdict.SKIPPED, replace(RUNNING, target=replace(PULL_REQUEST, is_open=False))),
            "- Reopen the pull request",
        ),
        (ended(Verdict.SKIPPED, replace(RUNNING, request="POST /x")), "Set `dry-run` to `false`"),
    ],
)
def test_the_comment_says_what_to_do_next(report: Report, step: str) -> None:
    """One thing in a line, several as a list."""
    assert step in shown(report)


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.STARTED, Verdict.ANSWERED])
def test_where_all_is_well_there_is_nothing_to_do(verdict: Verdict) -> None:
    """No advice that nobody needs."""
    assert "**Next:**" not in shown(ended(verdict))


def test_a_skipped_run_says_that_nothing_was_tested() -> None:
    """Even where `pass-on` lets it through."""
    assert blocks(ended(Verdict.SKIPPED))[1] == f"{TOLD} Nothing was tested."


def test_a_running_review_can_be_followed() -> None:
    """What is going on, where to watch, since when; no verdict and no gate yet."""
    text = shown(RUNNING)
    assert text.startswith("### ⏳ QA.tech review: running\n\nThe reviewer is at work.")
    assert "**[Follow it live in QA.tech](https://app.qa.tech/p/shop/chat/chat_abc)**" in text
    assert "Since 12:00 UTC" in text
    assert "Gate" not in text


def test_one_line_tells_where_on_which_commit_and_how_long() -> None:
    """With a link to the conversation, the preview and the commit."""
    line = (
        "**[Open the conversation in QA.tech](https://app.qa.tech/p/shop/chat/chat_abc)** · "
        "`app_web` on [`shop-pr-7.example.com`](<https://shop-pr-7.example.com/>) · "
        f"Commit [`6dcb09b`](https://github.com/octo-org/shop/commit/{SHA}) · 2 min 5 s"
    )
    assert line in blocks(ended(Verdict.PASSED))
    assert "| Application |" not in shown(ended(Verdict.PASSED))


def test_what_is_not_known_is_left_out() -> None:
    """A run without target, conversation or environment still has a time."""
    bare = Report(None, (), NOON)
    assert blocks(ended(Verdict.ERROR, bare, seconds=9))[-2:] == ["9 s", "<sub>qatech-ci</sub>"]


def test_commits_that_were_pushed_are_linked_too() -> None:
    """They have a page like those of a pull request."""
    url = f"https://github.com/octo-org/shop/compare/main...{SHA}"
    target = CommitRange("octo-org/shop", "main", SHA, "Changes pushed", url)
    text = shown(ended(Verdict.PASSED, replace(RUNNING, target=target)))
    assert f"(https://github.com/octo-org/shop/commit/{SHA})" in text


def test_a_commit_whose_page_is_not_known_is_no_link() -> None:
    """Neither where the repository's URL is not told, nor where the SHA is none."""
    for target in (
        replace(PULL_REQUEST, url="https://elsewhere.example/7"),
        replace(PULL_REQUEST, head_sha="not-a-sha"),
    ):
        text = shown(ended(Verdict.PASSED, replace(RUNNING, target=target)))
        assert f"Commit `{target.head_sha[:7]}` ·" in text


def test_several_environments_come_as_a_table() -> None:
    """With how each was found only where one had to be looked for."""
    found = replace(WEB, why="output `url` of `deploy`")
    other = Override("app_b", DeployedEnvironment("Pre*"), device_preset="preset_a")
    plain = shown(ended(Verdict.PASSED, replace(RUNNING, overrides=(WEB, other))))
    assert "| Application | Environment |\n" in plain
    assert "| `app_b` | `deployment Pre*` on `preset_a` |" in plain
    with_found = shown(ended(Verdict.PASSED, replace(RUNNING, overrides=(found,))))
    assert "| Application | Environment | Found |\n" in with_found
    assert "| output `url` of `deploy` |" in with_found


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example", "https://[::1]/", "https://github.example/octo-org/shop/issues/3"],
)
def test_a_preview_that_may_not_be_linked_is_code(url: str) -> None:
    """A reader still sees where the review looked; GitHub follows no such link."""
    target = replace(PULL_REQUEST, url="https://github.example/octo-org/shop/pull/7")
    override = Override("app_web", PreviewUrl(url))
    text = shown(ended(Verdict.PASSED, replace(RUNNING, target=target, overrides=(override,))))
    assert f"`app_web` on `{url.removeprefix('https://').removesuffix('/')}` ·" in text


def test_failures_stand_before_all_facts() -> None:
    """Title and details; details of several lines keep their form below the title."""
    steps = "1. Open the basket\n2. Pay\n\nFound: `TypeError`"
    findings = Findings(failures=(Failure("No `pay`", "It stays."), Failure("Stale", steps)))
    text = shown(ended(Verdict.FAILED, findings=findings))
    assert "#### 2 failures\n\n- **No `pay`**: It stays.\n- **Stale**\n\n  1. Open" in text
    assert "\n\n  Found: `TypeError`\n" in text
    assert text.index("2 failures") < text.index("Open the conversation")


def test_details_leave_no_reference_on_another_forge() -> None:
    """A link to the forge's own host is text there, as it is in the reply."""
    target = replace(PULL_REQUEST, url="https://github.example/octo-org/shop/pull/7")
    details = "As in\nhttps://github.example/octo-org/shop/issues/3"
    it = replace(RUNNING, target=target, run_url="")
    body = shown(ended(Verdict.FAILED, it, findings=Findings(failures=(Failure("No", details),))))
    (commit,) = facts(body, "github.example").references
    assert commit.endswith(f"/commit/{SHA}")


def test_one_failure_is_not_called_failures() -> None:
    """Nor does a failure need details."""
    text = shown(ended(Verdict.FAILED, findings=Findings(failures=(Failure("No"),))))
    assert "#### 1 failure\n\n- **No**\n" in text


def test_what_was_tested_is_seen_where_it_is_the_news() -> None:
    """Folded beside failures, and where it is long."""
    few, many = Findings(tested=("a", "b")), Findings(tested=tuple("abcdefgh"))
    assert "#### Tested\n\n- a\n- b" in shown(ended(Verdict.PASSED, findings=few))
    folded = "<details><summary>Tested</summary>\n\n- a\n- b"
    assert folded in shown(ended(Verdict.FAILED, findings=few))
    assert folded in shown(ended(Verdict.PASSED, findings=many))


@pytest.mark.parametrize(
    ("verdict", "text", "is_open"),
    [
        (Verdict.PASSED, "Short.", True),
        (Verdict.PASSED, "Long. " * 200, False),
        (Verdict.FAILED, "Long. " * 200, True),
        (Verdict.FAILED, "Long. " * 2000, False),
    ],
)
def test_long_replies_are_folded(verdict: Verdict, text: str, *, is_open: bool) -> None:
    """Later where the reply alone tells what failed."""
    body = shown(ended(verdict, replace(RUNNING, reply=reply(text))))
    assert ("<details open><summary>Full reply</summary>" in body) is is_open
    assert ("<details><summary>Full reply</summary>" in body) is not is_open


def test_a_reply_beside_named_failures_is_folded_early() -> None:
    """The failures stand above it already."""
    it = replace(RUNNING, reply=reply("Long. " * 200))
    findings = Findings(failures=(Failure("No"),))
    assert "<details open>" not in shown(ended(Verdict.FAILED, it, findings=findings))


def test_half_a_reply_is_called_so() -> None:
    """A run that timed out shows how far the review came."""
    it = replace(RUNNING, reply=reply("I am looking", status="RUNNING"))
    assert "<summary>Reply so far</summary>" in shown(ended(Verdict.TIMED_OUT, it))


def test_a_reply_of_nothing_visible_has_no_place() -> None:
    """An empty fold would be a riddle."""
    it = replace(RUNNING, reply=reply("\u202e"))
    assert "<details" not in shown(ended(Verdict.UNKNOWN, it))


def test_remarks_and_the_stand_in_cannot_be_overlooked() -> None:
    """In boxes above all details."""
    it = replace(RUNNING, remarks=("Newer `commits`.", "And @more."), is_sandbox=True)
    body = shown(ended(Verdict.PASSED, it))
    assert body.split("\n\n")[1].startswith("> [!WARNING]\n> `api-url` is `sandbox`")
    assert "> [!IMPORTANT]\n> Newer `commits`.\n>\n> And `@more`." in body
    assert body.index("[!IMPORTANT]") < body.index("Open the conversation")


def hostile(verdict: Verdict, text: str) -> Report:
    """Return a report in which a stranger wrote whatever a stranger can write."""
    findings = Findings((text,), (text,), (Failure(text, text), Failure("x", f"1. y\n{text}")))
    override = Override(text, PreviewUrl(f"https://x.example/{text}", text), text, text)
    it = replace(RUNNING, overrides=(override, WEB), remarks=(text,), reply=reply(text))
    return ended(verdict, it, text, findings)


def ours(tag: str) -> bool:
    """Tell whether raw HTML opens one of the few elements that the page uses itself.

    A closing tag is only reported where nothing is open that it closes.
    """
    return tag in {"details", "summary", "sub", "code", "br"}


@pytest.mark.parametrize("text", [HOSTILE, "`", "`a` `", "x\n" * 9 + HOSTILE, "* " * 50, "|`|`|"])
@pytest.mark.parametrize("verdict", EVERY)
def test_nothing_that_a_stranger_wrote_is_live(verdict: Verdict, text: str) -> None:
    """No mention, reference, image, comment, HTML or order to a bot, wherever it stands."""
    assert_harmless(shown(hostile(verdict, text)))


@given(st.text(st.sampled_from("`|*_[]()<>!#@-1. \n\tax/:&\\~=+"), max_size=60))
def test_no_text_gets_out_of_its_place(text: str) -> None:
    """The elements of the page open and close as they would without it."""
    assert_harmless(shown(hostile(Verdict.FAILED, text)))


def assert_harmless(body: str) -> None:
    """Assert that a page does nothing but be read, and ends in its foot."""
    found = facts(body.removeprefix("### \N{INFORMATION SOURCE}\ufe0f"))
    own = f"https://github.com/octo-org/shop/commit/{SHA}"
    assert (found.mentions, found.images, found.comments, found.invisible) == ([], [], [], [])
    assert [it for it in found.references if not it.startswith((own, RUN.url))] == []
    assert [tag for tag in found.raw_html if not ours(tag)] == []
    assert bot_orders(body) == []
    assert last_text(page(body)).endswith("qatech-ci")


def last_text(element: Element) -> str:
    """Return the text of the last block of a page."""
    last = [it for it in element.children if isinstance(it, Element)][-1]
    return last.text().strip()


@pytest.mark.slow
@pytest.mark.parametrize("char", ["x", "\U0001f600", "`@a ", "\\|", "/:&<", "\n@a\n"])
def test_no_report_is_too_large(char: str) -> None:
    """Every part is bounded by itself, and the reply takes what is left."""
    text = char * 5000
    findings = Findings((text,) * 100, (text,) * 100, (Failure(text, text),) * 100)
    overrides = (Override(text, PreviewUrl(f"https://x.example/{text}"), text, text),) * 500
    it = replace(RUNNING, overrides=overrides, remarks=(text,) * 3, reply=reply(text), request=text)
    it = ended(Verdict.FAILED, it, text, findings)
    assert len(shown(it).encode()) <= LARGEST_COMMENT - 2500
    assert len(summary(it, Secrets()).encode()) <= LARGEST_SUMMARY
    assert "The reply" in shown(it) or "Full reply" in shown(it)


def test_secrets_are_hidden_wherever_they_stand() -> None:
    """Also where a text is cut or its form changes."""
    secrets = Secrets()
    secrets.add("tok_123456")
    secrets.add("s3cr3t|*value")
    for secret in ("tok_123456", "s3cr3t|*value"):
        for size in (0, 55, 395, 995, 1495):
            body = comment(hostile(Verdict.FAILED, "x" * size + secret), secrets)
            assert "tok_1234" not in body
            assert "s3cr3t" not in body


def test_a_run_that_could_not_begin_says_what_to_mend() -> None:
    """In the job summary; a line for each problem, inputs as code."""
    text = not_run("`wait` is `maybe`.\n\nWrite `true`. @octocat", Secrets())
    assert text == (
        "### ⚠️ QA.tech review: not run\n\n**Gate closed:** nothing was reviewed.\n\n"
        "`wait` is `maybe`.\n\nWrite `true`. `@octocat`"
    )
    assert len(not_run("\U0001f600\n" * 400_000, Secrets()).encode()) <= LARGEST_SUMMARY


def test_a_dry_run_shows_the_request_in_a_fence_of_its_own() -> None:
    """Nothing in it can close the fence."""
    it = ended(Verdict.SKIPPED, replace(RUNNING, request="POST /x\n```\n/merge"))
    assert "````\nPOST /x\n```\n /merge\n````" in shown(it)
    assert re.search(r"Gate open:\*\* .* `dry-run` is `true`: nothing has been judged\.", shown(it))


def test_where_there_is_no_room_the_reply_is_left_out() -> None:
    """Not even the note that it was cut would fit."""
    assert folded(ended(Verdict.FAILED, replace(RUNNING, reply=reply("x" * 500))), FIT, 90) == []


def test_on_gitlab_the_page_is_harmless_there() -> None:
    """References of GitLab's own are code, and the commit's page is where GitLab has it."""
    url = "https://gitlab.example/acme/shop/-/merge_requests/7"
    merge_request = replace(PULL_REQUEST, repository="acme/shop", url=url)
    told = Findings(failures=(Failure("!7 and ~bug", "%milestone\n\n/merge"),))
    report = replace(RUNNING, target=merge_request, vcs_provider="gitlab", reply=reply("See !8"))
    text = comment(ended(Verdict.FAILED, report, findings=told), Secrets())
    for word in ("!7", "~bug", "%milestone", "!8"):
        assert f"`{word}`" in text
    assert not re.search(r"^/merge", text, re.MULTILINE)
    assert f"(https://gitlab.example/acme/shop/-/commit/{SHA})" in text
