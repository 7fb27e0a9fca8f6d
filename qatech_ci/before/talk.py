"""The mission: say something and wait for the answer to it."""

from functools import partial

from .conversation import newest, reply_to
from .course import Course
from .evidence import evidence_in
from .model import Conversation, Message, Source, Verdict
from .verdict import Judgement, judge
from .waiting import MESSAGES


def talk(course: Course) -> Judgement:
    """Send the message and return what became of it. Raises `ReviewerError`."""
    conversation, after = _said(course)
    if not course.settings.wait:
        return Judgement(Verdict.STARTED, "The message has been sent.")
    find = partial(reply_to, course.settings.message, after=after)
    reply = course.wait_for_reply(conversation, find)
    if reply is None:
        return Judgement(Verdict.TIMED_OUT, course.out_of_time)
    broken = [item for item in evidence_in(reply, "") if item.source is Source.LIFE_CYCLE]
    return judge(broken) if broken else Judgement(Verdict.ANSWERED, "The reviewer has answered.")


def _said(course: Course) -> tuple[Conversation, Message | None]:
    """Say it, and return the conversation with the newest message before ours."""
    settings, ports = course.settings, course.ports
    course.sets_out()
    if not settings.conversation:
        conversation = ports.reviewer.start_conversation(
            settings.message,
            ports.deadline,
            overrides=course.overrides,
            project=settings.project,
        )
        course.begin(conversation, "Conversation started")
        return conversation, None
    before = ports.reviewer.conversation(settings.conversation, ports.deadline, limit=MESSAGES)
    conversation = ports.reviewer.send_message(
        settings.conversation,
        settings.message,
        ports.deadline,
        overrides=course.overrides,
    )
    course.begin(conversation, "Message sent")
    return conversation, newest(before)
