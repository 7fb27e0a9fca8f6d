"""From overrides as they were written to previews that are up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .deploy_outputs import DeployOutputs
from .deployments import Deployment, matches, newest_match, not_in_time, ready_url
from .errors import PreviewError, PreviewTimeout
from .hosts import check_host
from .model import DeployedEnvironment, DeployOutput, Override, PreviewUrl, Target
from .ports import Deadline, Deployed, Ports
from .report import shown_place
from .retry import backoff
from .schemas import problems
from .secrecy import shown_url, url_secrets, without_url_secrets
from .settings import Settings

_SHORTEST_PAUSE = 5.0
_LONGEST_PAUSE = 20.0
"""Seconds between looks. A look that finds nothing new costs nothing of the forge's budget."""


@dataclass(frozen=True)
class Resolver:
    """Finds the URLs of previews and waits until they answer."""

    settings: Settings
    ports: Ports
    deadline: Deadline

    def resolve(self, overrides: Sequence[Override], target: Target | None) -> tuple[Override, ...]:
        """Return the overrides with a URL each where one was to be found.

        Raises `InputError` where a deploy's outputs do not lead to one, `PreviewError` where a
        preview failed, is not allowed or did not come up in time, and `ForgeError`.
        """
        outputs = DeployOutputs.parse(self.settings.deploy_outputs)
        found = [self._from_outputs(override, outputs) for override in overrides]
        deployed = self.ports.trigger.deployed(target) if target else None
        found = [_handed_over(override, deployed) for override in found]
        found = self._from_deployments(found, target)
        for override in found:
            self._check(override)
            self.ports.log.info(
                f"{override.application} → {shown_place(override)} ({override.why})",
            )
        if not self.settings.is_sandbox and self.settings.preview_timeout:
            self._wait_until_up(found)
        return tuple(found)

    def _from_outputs(self, override: Override, outputs: DeployOutputs) -> Override:
        if not isinstance(override.environment, DeployOutput):
            return override
        url, why = outputs.find(override.environment)
        return replace(override, environment=PreviewUrl(url), why=why)

    def _check(self, override: Override) -> None:
        if isinstance(override.environment, PreviewUrl):
            for secret in url_secrets(override.environment.url):
                self.ports.log.conceal(secret)
            check_host(override.environment.url, self.settings.allowed_preview_hosts)
            _check_form(override.application, override.environment.url)

    def _from_deployments(self, found: list[Override], target: Target | None) -> list[Override]:
        """Return the overrides with their deployments' URLs, all of them waited for together."""
        attempt = 0
        while _patterns(found):
            known = self._deployments(target)
            found = [_deployed(override, known) for override in found]
            if patterns := _patterns(found):
                self._pause(attempt, patterns, known)
                attempt += 1
        return found

    def _deployments(self, target: Target | None) -> Sequence[Deployment]:
        if target is None:
            raise PreviewError("There is no commit whose deployments could be looked up.")
        return self.ports.forge.deployments(target.repository, target.head_sha)

    def _pause(self, attempt: int, patterns: str, known: Sequence[Deployment]) -> None:
        """Wait before the next look; raise `PreviewError` where there is no time for one."""
        pause = min(_SHORTEST_PAUSE + attempt, _LONGEST_PAUSE)
        if self.deadline.left() <= pause:
            raise not_in_time(patterns, known)
        if attempt == 0:
            self.ports.log.info(f"Waiting for a deployment of the head commit to {patterns}.")
        self.ports.clock.sleep(pause)

    def _wait_until_up(self, found: Sequence[Override]) -> None:
        for override in found:
            if isinstance(override.environment, PreviewUrl):
                self._wait_for(override.environment.url)

    def _wait_for(self, url: str) -> None:
        attempt = 0
        while True:
            result = self.ports.prober.probe(url, self.deadline.left())
            if result.is_up:
                say = self.ports.log.notice if result.is_odd else self.ports.log.info
                say(f"The preview {shown_url(url)} {result.told}.")
                return
            pause = 1.0 + backoff(attempt, self.ports.clock.random())
            if self.deadline.left() <= pause:
                raise _not_up(url, result.told)
            self.ports.log.info(f"The preview {shown_url(url)} {result.told}. Asking again.")
            self.ports.clock.sleep(pause)
            attempt += 1


def _check_form(application: str, url: str) -> None:
    """Raise `PreviewError` where QA.tech would refuse a URL that was found."""
    if any(problems("override", {"application": application, "url": url})):
        raise PreviewError(
            f"The preview {shown_url(url)} is no URL by RFC 3986.",
            "Check what the deploy job hands over: what is not plain ASCII is to be encoded.",
        )


def _not_up(url: str, told: str) -> PreviewTimeout:
    return PreviewTimeout(
        f"The preview {shown_url(url)} did not come up in time: it {told}.",
        "Check the deploy, raise `preview-timeout-minutes`, or set it to 0 if the runner cannot "
        "reach the preview but QA.tech can.",
    )


def _deployed(override: Override, deployments: Sequence[Deployment]) -> Override:
    environment = override.environment
    if not isinstance(environment, DeployedEnvironment):
        return override
    match = newest_match(deployments, environment.pattern)
    url = ready_url(match) if match else ""
    if not (match and url):
        return override
    why = f"deployment {match.id} of the head commit to “{match.environment}”"
    return replace(override, environment=PreviewUrl(url), why=why)


def _patterns(overrides: Sequence[Override]) -> str:
    """Return the environments whose deployments are still to be found, as a message lists them."""
    environments = [override.environment for override in overrides]
    wanted = [it.pattern for it in environments if isinstance(it, DeployedEnvironment)]
    return ", ".join(without_url_secrets(pattern) for pattern in wanted)


def _handed_over(override: Override, deployed: Deployed | None) -> Override:
    """Return the override with the URL that the trigger hands over, if it is the one meant."""
    environment = override.environment
    if not (deployed and isinstance(environment, DeployedEnvironment)):
        return override
    if any(matches(name, environment.pattern) for name in deployed.names):
        return replace(override, environment=PreviewUrl(deployed.url), why=deployed.why)
    return override
