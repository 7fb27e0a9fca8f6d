"""All that is known about a run, and what later steps get of it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from qatech_ci.model import Conversation, Message, Override, PullRequest, Run, Verdict
from qatech_ci.overrides import api_form
from qatech_ci.settings import Settings
from qatech_ci.verdict import Block, Gate, Judgement, without_blocks

OUTPUTS = (  # beside `result`, which holds them all
    "verdict",
    "gate",
    "verdict-source",
    "status",
    "conversation-id",
    "conversation-url",
    "reply",
    "head-sha",
    "comment-url",
    "overrides",
)


@dataclass
class Report:
    """A run as it stands; `judgement` is set once, by whatever ends the review first."""

    settings: Settings
    started_at: datetime
    run: Run
    pull_request: PullRequest | None = None
    overrides: tuple[Override, ...] = ()
    preview_seconds: float = 0.0
    request: dict[str, object] = field(default_factory=dict)  # what QA.tech is asked; has secrets
    salt: str = ""
    nonce: str = ""
    conversation: Conversation = field(default=Conversation("", ""))  # empty while there is none
    review_started_at: datetime | None = None  # by the forge's clock, by this or an earlier run
    messages: list[Message] = field(
        default_factory=list
    )  # of the assistant, oldest first; a `Wait` fills it
    remarks: list[str] = field(default_factory=list)  # what a reader has to know beside the verdict
    is_outdated: bool = False  # whether the pull request has newer commits
    is_repeated: bool = False  # whether the passed review of an earlier run is reported again
    is_final: bool = False  # whether nothing is left for a later run to continue
    judgement: Judgement | None = None
    gate: Gate = field(default=Gate("", ""))  # decided when the run ends
    finished_at: datetime | None = None
    comment_url: str = ""
    findings: list[str] = field(default_factory=list)  # what would keep a review from running

    @property
    def verdict(self) -> Verdict | None:
        """The verdict; None while the review runs, and for a dry run."""
        return self.judgement.verdict if self.judgement else None

    @property
    def block(self) -> Block:
        """The verdict block that is shown; empty where there is none."""
        return self.judgement.block if self.judgement else Block("")

    @property
    def reply(self) -> str:
        """All that the assistant has said, without the blocks that are for us."""
        parts = (without_blocks(it.text, self.nonce) for it in self.messages)
        return "\n\n".join(filter(None, parts))

    @property
    def key(self) -> str:
        """What tells this review from others: by default all overrides as they were written."""
        kind = "message " if self.settings.mode == "message" else ""
        written = [asdict(it) for it in self.settings.application_overrides]
        return kind + (self.settings.key or json.dumps(written, sort_keys=True))


def outputs(report: Report, plain: Callable[[str], str]) -> dict[str, str]:
    """Return the outputs of the step by name."""
    values = result(report, plain)
    documents = {"overrides": json.dumps(values["overrides"]), "result": json.dumps(values)}
    return {it: str(values[it]) for it in OUTPUTS} | documents


def result(report: Report, plain: Callable[[str], str]) -> dict[str, object]:
    """Return all of the outputs with what is behind them, as schemas/result.json describes it."""
    judgement, block, conversation = report.judgement, report.block, report.conversation
    pull_request, finished = report.pull_request, report.finished_at
    return {
        "verdict": report.verdict or "",
        "gate": report.gate.word,
        "verdict-source": ", ".join(judgement.sources) if judgement else "",
        "status": report.messages[-1].status if report.messages else "",
        "conversation-id": conversation.short_id,
        "conversation-url": "" if report.settings.is_sandbox else conversation.url,
        "reply": plain(report.reply),
        "head-sha": pull_request.head_sha if pull_request else "",
        "comment-url": report.comment_url,
        "overrides": [api_form(it, shown=True) for it in report.overrides],
        "reason": plain(judgement.reason) if judgement else "",
        "remarks": [plain(it) for it in report.remarks],
        "url": pull_request.url if pull_request else "",
        "pull-request": pull_request
        and {
            "number": pull_request.number,
            "title": plain(pull_request.title),
            "head-branch": plain(pull_request.head_branch),
            "base-branch": plain(pull_request.base_branch),
            "author": plain(pull_request.author),
            "labels": [plain(it) for it in pull_request.labels],
            "draft": pull_request.is_draft,
        },
        "tested": [plain(it) for it in block.tested],
        "failures": [
            {"title": plain(it.title), "details": plain(it.details)} for it in block.failures
        ],
        "counts": {"tested": len(results(block)), "failed": len(block.failures)},
        "started-at": report.started_at.isoformat(timespec="seconds"),
        "finished-at": finished.isoformat(timespec="seconds") if finished else "",
    }


def results(block: Block) -> list[tuple[str, bool | None]]:
    """Return what was tested with whether it works; None where the block does not tell."""
    failed = {it.title.strip().casefold() for it in block.failures}
    tested = {it.strip().casefold() for it in block.tested}
    works = True if failed <= tested and block.verdict in {"passed", "failed"} else None
    rows = [(it, False if it.strip().casefold() in failed else works) for it in block.tested]
    others = [it.title for it in block.failures if it.title.strip().casefold() not in tested]
    return rows + [(title, False) for title in others]
