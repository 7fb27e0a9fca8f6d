"""The story: changes are reviewed, and the outcome decides whether they may merge."""

from .course import Course
from .errors import EventError
from .missions import pursue
from .model import Override, PreviewUrl, Target
from .overrides import read_overrides
from .ports import Ports
from .report import shown_place
from .secrecy import url_secrets
from .settings import Mode, Settings
from .target import Event, Reference, find


def run(settings: Settings, event: Event, ports: Ports) -> int:
    """Review the changes that the event is about and return the exit code.

    Raises `UsageError` where the inputs, the event or the permissions are wrong, and `ForgeError`
    where something has to be looked up and cannot be.
    """
    target = find_target(settings, event, ports)
    overrides = find_overrides(settings, ports)
    course = Course(settings, event, ports, target, overrides)
    judgement = course.follow(pursue)
    return course.finish(judgement)


def find_target(settings: Settings, event: Event, ports: Ports) -> Target | None:
    """Return what the input or the event names, looked up where it must be.

    A message is about no pull request where the event has none.
    """
    try:
        found = find(
            event,
            settings.pull_request,
            accepts_range=settings.mode is Mode.RAW_CHANGES,
        )
    except EventError:
        if settings.mode is Mode.MESSAGE:
            return None
        raise
    if isinstance(found, Reference):
        found = ports.forge.pull_request(found.repository, found.number)
    ports.log.info(f"Under review: {found.url} at {found.head_sha}")
    return found


def find_overrides(settings: Settings, ports: Ports) -> tuple[Override, ...]:
    """Return which application is reviewed where; what is secret in a URL is concealed at once."""
    text = settings.application_overrides
    overrides = read_overrides(text) if text else ()
    for override in overrides:
        environment = override.environment
        for secret in url_secrets(environment.url) if isinstance(environment, PreviewUrl) else ():
            ports.log.conceal(secret)
        ports.log.info(f"{override.application} → {shown_place(override)}")
    return overrides
