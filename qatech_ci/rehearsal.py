"""The mission of a dry run: resolve and check everything, show the request, send nothing."""

import json

from . import wire
from .course import Course
from .model import Target, Verdict
from .review import requested, worded
from .settings import Mode
from .verdict import Judgement

_PLACEHOLDER = "the nonce of the run"


def rehearse(course: Course, target: Target | None) -> Judgement:
    """Show the request that would be sent. Raises `RequestInvalid` and `ForgeError`."""
    call, body = _request(course, target)
    text = json.dumps(body, indent=2, ensure_ascii=False)
    course.ports.log.group(f"Dry run: {call}", text)
    course.learn(request=f"{call}\n{text}")
    return Judgement(Verdict.SKIPPED, "A dry run: the request was put together and not sent.")


def _request(course: Course, target: Target | None) -> tuple[str, wire.Document]:
    settings = course.settings
    if target and settings.mode is not Mode.MESSAGE:
        review = worded(requested(course, target), _PLACEHOLDER)
        return "POST /chat/change-review", wire.review_body(review)
    body = wire.message_body(settings.message, course.overrides, settings.project)
    return f"POST /chat/{settings.conversation}".rstrip("/"), body
