"""All that is known about a run, and what later steps get of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .gate import Gate
from .markdown.characters import plain
from .model import (
    Case,
    Conversation,
    DeployedEnvironment,
    DeployOutput,
    Environment,
    Message,
    Outcome,
    Override,
    PreviewUrl,
    SavedEnvironment,
    Target,
    Verdict,
)
from .secrecy import shown_url, without_url_secrets
from .verdict import Judgement

OUTPUTS = (
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
"""The outputs beside `result`, which holds them all."""


@dataclass(frozen=True)
class Ending:
    """How a run ended."""

    judgement: Judgement
    gate: Gate
    at: datetime


@dataclass(frozen=True)
class Report:
    """A run as it stands. While the review runs there is no ending."""

    target: Target | None
    overrides: tuple[Override, ...]
    started_at: datetime
    run_url: str = ""
    is_sandbox: bool = False
    vcs_provider: str = "github"
    """Whose Markdown it is written in, in the words of QA.tech's API."""
    remarks: tuple[str, ...] = ()
    """What a reader has to know beside the verdict."""
    request: str = ""
    """What a dry run would have sent."""
    conversation: Conversation | None = None
    reply: Message | None = None
    ending: Ending | None = None


def outputs(report: Report, comment_url: str) -> dict[str, str]:
    """Return the outputs of the step by name."""
    values = _values(report, comment_url)
    return {name: _text(values[name]) for name in OUTPUTS} | {"result": _text(values)}


def cases(judgement: Judgement) -> list[Case]:
    """Return what was tested and what failed, as a test report lists it.

    The review itself is one of the cases, failed only where no failure says why: so a list of
    failures has each of them once.
    """
    failures = {it.title: it.details for it in judgement.findings.failures}
    failed = [Case(title, Outcome.FAILED, details) for title, details in failures.items()]
    others = [it for it in judgement.findings.tested if it not in failures]
    tested = [Case(it, Outcome.PASSED) for it in others]
    outcome = _OUTCOMES.get(judgement.verdict, Outcome.FAILED)
    if failed and outcome is Outcome.FAILED:
        return [*tested, *failed]
    told = f"{judgement.verdict}: {judgement.explanation}"
    return [Case("The review", outcome, told), *tested, *failed]


_OUTCOMES = {
    Verdict.PASSED: Outcome.PASSED,
    Verdict.ANSWERED: Outcome.PASSED,
    Verdict.UNVERIFIED: Outcome.SKIPPED,
    Verdict.SKIPPED: Outcome.SKIPPED,
    Verdict.STARTED: Outcome.SKIPPED,
}


def _values(report: Report, comment_url: str) -> dict[str, object]:
    ending, conversation, reply = report.ending, report.conversation, report.reply
    target = report.target
    return {
        "verdict": ending.judgement.verdict if ending else "",
        "gate": ending.gate.word if ending else "",
        "verdict-source": ", ".join(ending.judgement.sources) if ending else "",
        "status": reply.status if reply else "",
        "conversation-id": conversation.short_id if conversation else "",
        "conversation-url": conversation.url if conversation else "",
        "reply": reply.text if reply else "",
        "head-sha": target.head_sha if target else "",
        "comment-url": comment_url,
        "overrides": [shown_override(override) for override in report.overrides],
        "explanation": ending.judgement.explanation if ending else "",
        "target": target.url if target else "",
        "remarks": list(report.remarks),
        "started-at": _time(report.started_at),
        "finished-at": _time(ending.at) if ending else "",
    }


def shown_place(override: Override) -> str:
    """Return where an application is reviewed in a word, without what may be secret in a URL."""
    environment = override.environment
    if isinstance(environment, PreviewUrl):
        return shown_url(environment.url)
    if isinstance(environment, DeployOutput):
        return f"output {environment.job}.{environment.output}".rstrip(".")
    if isinstance(environment, DeployedEnvironment):
        return f"deployment {without_url_secrets(environment.pattern)}"
    return environment.short_id


def shown_override(override: Override) -> Mapping[str, object]:
    """Return an override in the API's form, without what may be secret in a URL."""
    preset = {"devicePresetShortId": override.device_preset} if override.device_preset else {}
    return {
        "applicationShortId": override.application,
        **preset,
        "environment": _shown_environment(override.environment),
    }


def _shown_environment(environment: Environment) -> Mapping[str, str]:
    if isinstance(environment, PreviewUrl):
        name = {"name": environment.name} if environment.name else {}
        return {"url": shown_url(environment.url), **name}
    if isinstance(environment, SavedEnvironment):
        return {"shortId": environment.short_id}
    if isinstance(environment, DeployOutput):
        return {"output": f"{environment.job}.{environment.output}".rstrip(".")}
    if isinstance(environment, DeployedEnvironment):
        return {"deployment": without_url_secrets(environment.pattern)}
    return {"applicationBuildShortId": environment.short_id}


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _text(value: object) -> str:
    return plain(value) if isinstance(value, str) else json.dumps(value)
