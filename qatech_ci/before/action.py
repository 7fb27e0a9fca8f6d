"""The story: changes are reviewed, and the outcome decides whether they may merge."""

from .course import Course
from .locating import locate
from .missions import pursue
from .overrides import read_overrides
from .ports import Ports
from .settings import Settings


def run(settings: Settings, ports: Ports) -> int:
    """Review the changes that the trigger is about and return the exit code.

    Raises `UsageError` where the inputs, the trigger or the permissions are wrong, and `ForgeError`
    where something has to be looked up and cannot be.
    """
    overrides = read_overrides(settings.application_overrides)
    located = locate(settings, ports)
    course = Course(settings, ports, located, overrides)
    judgement = course.follow(pursue)
    return course.finish(judgement)
