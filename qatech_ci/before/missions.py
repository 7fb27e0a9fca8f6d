"""Which of the missions the settings ask for."""

from .course import Course
from .model import Verdict
from .review import review
from .settings import Mode
from .skipping import reason_to_skip
from .verdict import Judgement


def pursue(course: Course) -> Judgement:
    """Pursue the mission that the settings ask for, if anything can be done at all."""
    target = course.report.target
    reason = course.located.reason or reason_to_skip(course.settings, course.ports.trigger, target)
    if reason:
        # What an earlier run found stays on the pull request; and a run without secrets has a
        # GitHub token that is read-only, too.
        course.stay_silent()
        return Judgement(Verdict.SKIPPED, reason)
    # First of all: whatever breaks the run off from here on, a merge waits for the thread.
    course.hold()
    course.resolve()
    if course.settings.dry_run:
        from .rehearsal import rehearse  # noqa: PLC0415 - few runs need it

        return rehearse(course, target)
    if target is None or course.settings.mode is Mode.MESSAGE:
        from .talk import talk  # noqa: PLC0415 - few runs need it

        return talk(course)
    return review(course, target)
