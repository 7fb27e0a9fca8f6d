"""The story: a pull request is reviewed, and the outcome decides whether it may merge."""

from .gate import decide
from .model import Override, PreviewUrl, PullRequest
from .overrides import read_overrides
from .ports import Ports
from .report import Report
from .review import Review
from .secrecy import url_secrets
from .settings import Settings
from .target import Event, Reference, find


def run(settings: Settings, event: Event, ports: Ports) -> int:
    """Review the pull request of the event and return the exit code.

    Raises `UsageError` where the inputs, the event or the permissions are wrong, and `ForgeError`
    where the pull request has to be looked up and cannot be.
    """
    pull_request = find_pull_request(settings, event, ports)
    overrides = find_overrides(settings, ports)
    review = Review(settings, ports, Report(pull_request, overrides, ports.clock.now()))
    judgement = review.conduct(event)
    gate = decide(judgement.verdict, settings.pass_on)
    return review.finish(judgement, gate)


def find_pull_request(settings: Settings, event: Event, ports: Ports) -> PullRequest:
    """Return the pull request that the input or the event names, looked up where it must be."""
    found = find(event, settings.pull_request)
    if isinstance(found, Reference):
        found = ports.forge.pull_request(found.repository, found.number)
    ports.log.info(f"Pull request {found.url} at {found.head_sha} ({found.head_ref})")
    return found


def find_overrides(settings: Settings, ports: Ports) -> tuple[Override, ...]:
    """Return which application is reviewed where; what is secret in a URL is concealed at once."""
    overrides = read_overrides(settings.application_overrides)
    for override in overrides:
        if isinstance(override.environment, PreviewUrl):
            for secret in url_secrets(override.environment.url):
                ports.log.conceal(secret)
    return overrides
