"""The story: changes are reviewed, and the outcome decides whether they may merge."""

from .course import Course
from .locating import locate
from .missions import pursue
from .overrides import read_overrides
from .ports import Ports
from .settings import Settings
from .target import Event


def run(settings: Settings, event: Event, ports: Ports) -> int:
    """Review the changes that the event is about and return the exit code.

    Raises `UsageError` where the inputs, the event or the permissions are wrong, and `ForgeError`
    where something has to be looked up and cannot be.
    """
    overrides = read_overrides(settings.application_overrides)
    located = locate(settings, event, ports)
    course = Course(settings, event, ports, located, overrides)
    judgement = course.follow(pursue)
    return course.finish(judgement)
