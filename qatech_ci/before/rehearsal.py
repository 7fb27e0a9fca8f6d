"""The mission of a dry run: resolve and check everything, show the request, send nothing."""

import json

from . import wire
from .checkup import examine
from .course import Course
from .model import Target, Verdict
from .report import shown_override
from .review import requested, worded
from .settings import Mode
from .verdict import Judgement

_PLACEHOLDER = "the nonce of the run"


def rehearse(course: Course, target: Target | None) -> Judgement:
    """Show the request that would be sent, but for what is secret in a preview's URL.

    What else a review needs is looked at before. Raises `ForgeError`.
    """
    examine(course, target)
    call, body = _request(course, target)
    shown = [shown_override(override) for override in course.overrides]
    shown_body = body | ({"applicationOverrides": shown} if shown else {})
    text = json.dumps(shown_body, indent=2, ensure_ascii=False)
    course.ports.log.group(f"Dry run: {call}", text)
    course.learn(request=f"{call}\n{text}")
    return Judgement(Verdict.SKIPPED, "A dry run: the request was put together and not sent.")


def _request(course: Course, target: Target | None) -> tuple[str, wire.Document]:
    settings = course.settings
    if target and settings.mode is not Mode.MESSAGE:
        review = worded(requested(course, target), _PLACEHOLDER)
        return "POST /chat/change-review", wire.review_body(review)
    project = "" if settings.conversation else settings.project
    body = wire.message_body(settings.message, course.overrides, project)
    return f"POST /chat/{settings.conversation}".rstrip("/"), body
