"""From overrides as they were written to previews that are up."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from ipaddress import ip_address, ip_network
from itertools import count
from typing import Any

from .errors import ForgeError, Ignored, PreviewError, PreviewTimeout, UsageError
from .forge import Deployed, Event, Forge, Job, match_names
from .http.deadline import Deadline
from .http.session import BoundedSession, backoff, host_of, why_unreachable
from .model import Deployment, Override, PullRequest
from .overrides import shown_environment
from .redact import listed, near, quoted, scheme_and_host, secrets_in, shown_url
from .schemas import problems
from .settings import Settings

_OUTPUTS = "(deployment|deploy|preview|details|static-web-app|page)-url|urls?"
"""Outputs in which deploy actions hand over the URL of one deployment, `_` written as `-`."""
_ALIASES = "((pages-)?deployment-)?alias-url|alias"  # whose URL moves with the branch's next push
_EXAMPLE = "Write `deploy-outputs: ${{ toJSON(needs) }}`, or `toJSON(steps)` in the same job."
_FAILED = {"failure": "failed", "error": "failed", "inactive": "was replaced by another"}
_SHORTEST_PAUSE, _LONGEST_PAUSE = 5.0, 20.0
_LONGEST_PROBE = 15.0  # seconds
_LOCAL_NAMES = r"(.*\.)?localhost|metadata|.*\.internal"
_SHORT_ADDRESS = r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}"
"""`127.1` and `0x7f000001` are addresses to resolvers; nobody writes a preview's URL like that."""
_METADATA = ("fd00:ec2::/32", "100.100.100.200", "168.63.129.16")  # beside link-local addresses
_EMBEDDED = {"64:ff9b::/96": 12, "::/96": 12, "::ffff:0:0/96": 12, "2002::/16": 2}
"""At which byte of IPv6 addresses an IPv4 address stands: RFC 6052, RFC 4291, RFC 3056."""
_PROTECTIONS = ("vercel", "netlify", "cloudflare")  # the `Server` where one may have answered


def find_previews(
    settings: Settings, target: PullRequest | None, event: Event, forge: Forge, job: Job
) -> tuple[Override, ...]:
    """Return the overrides with previews that are up, and say how each was found.

    Without a target, as for a message about nothing, there are no deployments. Raises `UsageError`,
    `PreviewError`, `PreviewTimeout` and `ForgeError`.
    """
    seconds = min(settings.preview_timeout_minutes * 60, forge.deadline.left())
    time = Deadline(forge.deadline.clock, seconds)  # never armed: it is only looked at
    overrides = from_outputs(settings.application_overrides, settings.deploy_outputs)
    if target and event.deployed and target.head_sha in event.deployed.shas:
        overrides = tuple(_brought(override, event.deployed) for override in overrides)
    if _patterns(overrides):
        if target is None:
            raise UsageError(
                "An override names a deployment, and the run is about no pull request.",
                "Set the input `pull-request`, or write the preview's URL.",
            )
        overrides = _from_deployments(overrides, target, forge, job, time)
    urls = [it.value for it in overrides if it.kind == "url"]
    allowed = settings.allowed_preview_hosts
    for url in urls:
        job.mask(*secrets_in(url))
        check_url(url, allowed)
    if not settings.is_sandbox and settings.preview_timeout_minutes:
        for url in urls:
            approve = partial(_refuse_local, url, allowed)
            _wait_for(url, BoundedSession(forge.deadline, approve=approve), job, time)
    for it in overrides:
        job.info(f"{it.application} → {shown_environment(it)} ({it.found or 'as written'})")
    return overrides


def check_event(overrides: Sequence[Override], event: Event) -> None:
    """Raise `Ignored` where the event's deployment is to an environment that no override names."""
    patterns, deployed = _patterns(overrides), event.deployed
    names = deployed.environments if deployed and deployed.is_cause else ()
    if names and patterns and not any(match_names(names, pattern) for pattern in patterns):
        raise Ignored(
            f"The deployment is to “{names[0]}”, which no override names: "
            f"{', '.join(quoted(it) for it in patterns)}."
        )


def from_outputs(overrides: Sequence[Override], text: str) -> tuple[Override, ...]:
    """Return the overrides with URLs out of the outputs of deploy jobs or steps.

    https://docs.github.com/en/actions/reference/contexts-reference#needs-context. Raises
    `UsageError` and `PreviewError`. Values of outputs are never shown: one may be a secret.
    """
    if not any(it.kind == "output" for it in overrides):
        return tuple(overrides)
    if not text:
        raise UsageError("`deploy-outputs` is not set, and an override names an output.", _EXAMPLE)
    try:
        jobs = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("`deploy-outputs` is not JSON.", _EXAMPLE) from None
    if not isinstance(jobs, dict) or not all(isinstance(it, dict) for it in jobs.values()):
        raise UsageError("`deploy-outputs` is not what `toJSON(needs)` gives.", _EXAMPLE)
    return tuple(_from_output(it, jobs) if it.kind == "output" else it for it in overrides)


def check_url(url: str, allowed: Sequence[str]) -> None:
    """Raise `PreviewError` where a preview's URL is none, or leads where it may not.

    Without `allowed`, a machine's own addresses and those of cloud metadata are refused: whoever
    decides on a deploy job's outputs could otherwise point the runner at itself.
    """
    host = host_of(url)
    if not host or problems("override", {"application": "app_any", "url": url}):
        seen = scheme_and_host(url)
        raise PreviewError(
            f"The preview{f' {seen}…' if seen else ''} is not an http(s) URL without user info.",
            "Check what the deploy hands over; what is not plain ASCII is to be encoded.",
        )
    if allowed and not any(fnmatchcase(host, pattern) for pattern in allowed):
        raise PreviewError(
            f"The host of the preview {shown_url(url)} is not in `allowed-preview-hosts`.",
            f"Add `{host}`, or a pattern that matches it.",
        )
    _refuse_local(url, allowed, host)


def is_local(host: str) -> bool:
    """Tell whether a host is the machine's own, link-local, or of cloud metadata."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return bool(re.fullmatch(f"{_LOCAL_NAMES}|{_SHORT_ADDRESS}", host))
    for network, start in _EMBEDDED.items():
        if address in ip_network(network) and not address.is_loopback:
            return is_local(str(ip_address(address.packed[start : start + 4])))
    is_own = address.is_loopback or address.is_link_local or address.is_unspecified
    return is_own or any(address in ip_network(it) for it in _METADATA)


def _looks(time: Deadline, pauses: Iterable[float]) -> Iterator[int]:
    """Yield the number of each look, from 0, and pause after it while there is time to."""
    for number, seconds in enumerate(pauses):
        yield number
        if time.left() <= seconds:
            return
        time.clock.sleep(seconds)


def _from_output(override: Override, jobs: Mapping[str, Mapping[str, Any]]) -> Override:
    name, _, output = override.value.partition(".")
    job = jobs.get(name)
    if job is None:
        there = f"There is: {listed(sorted(jobs)[:20]) or 'nothing'}."
        what = f"`deploy-outputs` has no job or step `{name}`. {there}"
        raise UsageError(what, f"{near(name, jobs)}{_EXAMPLE}")
    result = str(job.get("result") or job.get("outcome") or "success")
    if result != "success":
        raise PreviewError(f"The deploy `{name}` ended as `{result}`.", "See its own log.")
    given = job.get("outputs")
    outputs = {str(key): str(it) for key, it in given.items()} if isinstance(given, dict) else {}
    urls = {(key, url) for key, value in outputs.items() for url in _urls(value)}

    def among(names: str) -> set[tuple[str, str]]:
        return {it for it in urls if re.fullmatch(names, it[0].lower().replace("_", "-"))}

    named = {it for it in urls if it[0] == output}
    found = named if output else among(_OUTPUTS) or among(_ALIASES) or urls
    if len({url.rstrip("/") for _, url in found}) == 1:
        key, url = min(found)
        return _at(override, url, f"output `{key}` of `{name}`")
    names = sorted({key for key, _ in urls}) or sorted(outputs)
    raise UsageError(
        f"`deploy-outputs` has {'several URLs that differ' if found else 'no URL'} for "
        f"`{{output: {override.value}}}`. Outputs{' with URLs' if urls else ''}: "
        f"{listed(names[:20]) or 'none'}.",
        f"{near(output, names) if output else ''}Name the job and its output, such as "
        f"`{{output: {name}.{names[0] if names else 'preview-url'}}}`. An output that is empty "
        "there came out empty in the deploy.",
    )


def _urls(value: str) -> list[str]:
    """Return the URLs in an output: itself, or the items of a JSON list such as Firebase's."""
    text = value.strip()
    try:
        items = json.loads(text) if text.startswith("[") else [text]
    except (ValueError, RecursionError):
        return []
    return [it for it in items if isinstance(it, str) and re.match("(?i)https?://", it)]


def _at(override: Override, url: str, found: str) -> Override:
    """Return the override at the URL that was found, with the query that was written for it."""
    address, mark, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    whole = f"{address}{joint}{override.query}" if override.query else address
    return replace(override, kind="url", value=whole + mark + fragment, found=found)


def _patterns(overrides: Sequence[Override]) -> list[str]:
    return [it.value for it in overrides if it.kind == "deployment"]


def _brought(override: Override, deployed: Deployed) -> Override:
    is_meant = override.kind == "deployment" and match_names(deployed.environments, override.value)
    return _at(override, deployed.url, deployed.found) if is_meant and deployed.url else override


def _from_deployments(
    overrides: tuple[Override, ...], target: PullRequest, forge: Forge, job: Job, time: Deadline
) -> tuple[Override, ...]:
    """Return the overrides with their deployments' URLs, all of them waited for together."""
    known: list[Deployment] = []
    for number in _looks(time, (min(_SHORTEST_PAUSE + it, _LONGEST_PAUSE) for it in count())):
        try:
            known = forge.deployments(target, _patterns(overrides))
        except ForgeError as error:
            if error.retry_after is None or time.left() <= _LONGEST_PAUSE:
                raise
            job.info(f"{error} Asking again.")
        overrides = tuple(_deployed(override, known) for override in overrides)
        names = ", ".join(quoted(it) for it in _patterns(overrides))
        if not names:
            return overrides
        if number == 0:
            job.info(f"Waiting for a deployment of the head commit to {names}.")
    there = [f"“{it.environment}” ({it.state or 'no state'})" for it in known[:20]]
    raise PreviewTimeout(
        f"No deployment of the head commit to {names} succeeded in time. "
        f"There is: {', '.join(there) or 'none'}.",
        "Check the environment's name, or raise `preview-timeout-minutes`.",
    )


def _deployed(override: Override, known: Sequence[Deployment]) -> Override:
    if override.kind != "deployment":
        return override
    names = match_names([it.environment for it in known], override.value)
    if len(names) > 1:
        raise PreviewError(
            f"`deployment: {shown_url(override.value)}` means {len(names)} environments: "
            f"{', '.join(quoted(name) for name in names[:20])}.",
            "Write a pattern that means one of them.",
        )
    deployment = next((it for it in known if it.environment in names), None)
    if deployment is None or deployment.state not in {"success", *_FAILED}:
        return override
    if deployment.state in _FAILED:
        told = f": {quoted(deployment.description)}" if deployment.description else ""
        what = f"The deployment to “{names[0]}” {_FAILED[deployment.state]}{told}."
        raise PreviewError(what, "See the deploy's own log.")
    if not deployment.url:
        raise PreviewError(
            f"The deployment to “{names[0]}” has no URL.",
            "Have the deploy set `environment_url` on its deployment status.",
        )
    found = f"deployment {deployment.id} of the head commit to “{names[0]}”"
    return _at(override, deployment.url, found)


def _wait_for(url: str, session: BoundedSession, job: Job, time: Deadline) -> None:
    begun = time.clock.monotonic()
    for _ in _looks(time, (1.0 + backoff(it, time.clock.random()) for it in count())):
        is_up, told = _probe(url, session, min(max(time.left(), 1.0), _LONGEST_PROBE))
        waited = int(time.clock.monotonic() - begun)
        since = f" The wait has taken {waited} s." if waited else ""
        job.info(f"The preview {shown_url(url)} {told}.{since}")
        if is_up:
            return
    raise PreviewTimeout(
        f"The preview {shown_url(url)} did not come up in time: it {told}.",
        "Check the deploy, raise `preview-timeout-minutes`, or set it to 0 if the runner "
        "cannot reach the preview but QA.tech can.",
    )


def _probe(url: str, session: BoundedSession, seconds: float) -> tuple[bool, str]:
    """Return whether a preview is up, and in words what it answers: one request, no redirect.

    A protection in front of it answers 401 or 403: QA.tech may pass it though the runner may not.
    """
    try:
        response, _ = session.exchange("GET", url, seconds, 0)
    except (OSError, ValueError) as error:
        return False, f"cannot be reached: {why_unreachable(error)[0]}"
    status, headers = response.status_code, response.headers
    if "cf-mitigated" in headers or "x-vercel-mitigated" in headers or status == 429:
        return True, f"answers {status} with a bot challenge"
    is_guarded = headers.get("server", "").lower().startswith(_PROTECTIONS)
    if status == 401 or (status == 403 and (is_guarded or "www-authenticate" in headers)):
        return True, f"answers {status}: it is protected"
    return status < 400, f"answers {status}"


def _refuse_local(url: str, allowed: Sequence[str], host: str) -> None:
    """Raise `PreviewError` where a URL's host, or the address that it led to, is local."""
    if not allowed and is_local(host):
        raise PreviewError(
            f"The preview {shown_url(url)} is on a machine's own or a metadata address.",
            f"If that is meant, write `allowed-preview-hosts: {host_of(url)}`.",
        )
