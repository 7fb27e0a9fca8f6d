"""Which of the missions the settings ask for."""

from .course import Course
from .model import Verdict
from .rehearsal import rehearse
from .review import review
from .settings import Mode
from .skipping import NO_SECRETS, reason_to_skip
from .talk import talk
from .verdict import Judgement


def pursue(course: Course) -> Judgement:
    """Pursue the mission that the settings ask for, if anything can be done at all."""
    target = course.report.target
    if course.settings.dry_run:
        return rehearse(course, target)
    if reason := reason_to_skip(course.settings, course.event, target):
        if reason == NO_SECRETS:
            # The run's GitHub token is read-only then, too.
            course.drop_comment()
        return Judgement(Verdict.SKIPPED, reason)
    if target is None or course.settings.mode is Mode.MESSAGE:
        return talk(course)
    return review(course, target)
