"""What goes over the wire: bodies of requests, and conversations out of answers.

Source: QA.tech's API pages "Start chat conversation", "Start change review", "Send chat message"
and "Get chat conversation".
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from qatech_ci.before.errors import AnswerUnreadable
from qatech_ci.before.model import (
    ChangeReview,
    Conversation,
    Environment,
    Message,
    Override,
    PreviewUrl,
    PullRequestChanges,
    SavedEnvironment,
    UploadedBuild,
    is_conversation_id,
)
from qatech_ci.before.schemas import Problem, problems

Document = dict[str, Any]


def review_body(review: ChangeReview) -> Document:
    """Return the body of `POST /chat/change-review`."""
    body: Document = {"applicationOverrides": [_override(item) for item in review.overrides]}
    if isinstance(review.changes, PullRequestChanges):
        body |= {
            "mode": "pr",
            "prUrl": review.changes.url,
            "vcsProviderId": review.changes.vcs_provider,
        }
    else:
        body |= {
            "mode": "rawChanges",
            "changes": {
                "changeDescription": review.changes.description,
                "diff": review.changes.diff,
            },
        }
    return body | _given(review.context, review.project)


def message_body(text: str, overrides: Iterable[Override], project: str) -> Document:
    """Return the body of `POST /chat` and `POST /chat/{id}`."""
    body: Document = {"message": text} | _given("", project)
    items = [_override(item) for item in overrides]
    return body | ({"applicationOverrides": items} if items else {})


def conversation(document: object, call: str) -> Conversation:
    """Return the conversation in an answer to `call`.

    Raises `AnswerUnreadable` where the answer breaks the documented schema, has a time that is not
    one, or an id that is not safe in a path.
    """
    for problem in problems("conversation", document):
        raise AnswerUnreadable(f"QA.tech's answer to {call} is not as documented: {_told(problem)}")
    try:
        return _conversation(document, call)  # type: ignore[arg-type] # the schema says object
    except ValueError as error:
        raise AnswerUnreadable(
            f"QA.tech's answer to {call} is not as documented: {error}"
        ) from None


def _conversation(document: Mapping[str, Any], call: str) -> Conversation:
    if not is_conversation_id(document["shortId"]):
        raise AnswerUnreadable(f"QA.tech's answer to {call} has an id that no path may hold.")
    return Conversation(
        short_id=document["shortId"],
        url=_link(document["url"]),
        messages=tuple(_message(item) for item in document.get("messages") or ()),
    )


def _message(item: Mapping[str, Any]) -> Message:
    return Message(
        id=item["id"],
        role=item["role"],
        created_at=_time(item["createdAt"]),
        text=item["text"],
        status=item.get("status") or "",
        is_streaming=item.get("isStreaming") or False,
    )


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _link(url: str) -> str:
    """Return a URL that may be linked, or nothing: https, and no sign that Markdown reads."""
    pattern = r"https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~%/=&?#+-]{0,2000})?"
    return url if re.fullmatch(pattern, url) else ""


def _override(override: Override) -> Document:
    preset = {"devicePresetShortId": override.device_preset} if override.device_preset else {}
    return {
        "applicationShortId": override.application,
        **preset,
        "environment": _environment(override.environment),
    }


def _environment(environment: Environment) -> Document:
    if isinstance(environment, PreviewUrl):
        return {"url": environment.url} | ({"name": environment.name} if environment.name else {})
    if isinstance(environment, SavedEnvironment):
        return {"shortId": environment.short_id}
    if isinstance(environment, UploadedBuild):
        return {"applicationBuildShortId": environment.short_id}
    raise TypeError(environment)  # an override that was not resolved; nothing of it is sent


def _given(context: str, project: str) -> Document:
    optional = {"context": context, "projectShortId": project}
    return {key: value for key, value in optional.items() if value}


def _told(problem: Problem) -> str:
    where = ".".join(str(part) for part in problem.path) or "the body"
    return f"{where}: {problem.message[:200]}."
