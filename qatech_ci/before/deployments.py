"""Which deployment of the head commit an override means, and how it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from .errors import PreviewError, PreviewTimeout
from .inputs import shown
from .secrecy import without_url_secrets

_DASHES = "[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_ENDED = {"failure": "failed", "error": "failed", "inactive": "turned inactive"}


@dataclass(frozen=True)
class Deployment:
    """A deployment of a commit with its newest status."""

    id: int
    environment: str
    created_at: datetime
    state: str
    url: str
    description: str = ""


def newest_match(deployments: Sequence[Deployment], pattern: str) -> Deployment | None:
    """Return the newest deployment in the environment that the pattern names, if there is one.

    A name that is meant literally wins over one that only matches. Raises `PreviewError` where the
    pattern matches several environments: any choice among them could be the wrong application.
    """
    literal = [it for it in deployments if folded(it.environment) == folded(pattern)]
    matching = literal or [it for it in deployments if matches(it.environment, pattern)]
    names = sorted({it.environment for it in matching})
    if len({folded(name) for name in names}) > 1:
        raise PreviewError(
            f"`deployment: {without_url_secrets(pattern)}` matches {len(names)} environments: "
            f"{_listed(names)}.",
            "Write a pattern that matches one of them.",
        )
    return max(matching, key=lambda it: (it.created_at, it.id), default=None)


def ready_url(deployment: Deployment) -> str:
    """Return the URL of a deployment that succeeded, or nothing while it is under way.

    Raises `PreviewError` where it failed, turned inactive, or succeeded without a URL.
    """
    if deployment.state in _ENDED:
        told = f": {shown(deployment.description)}" if deployment.description else ""
        raise PreviewError(
            f"The deployment to “{deployment.environment}” {_ENDED[deployment.state]}{told}.",
            "See the deploy's own log.",
        )
    if deployment.state == "success" and not deployment.url:
        raise PreviewError(
            f"The deployment to “{deployment.environment}” has no URL.",
            "Have the deploy set `environment_url` on its deployment status.",
        )
    return deployment.url if deployment.state == "success" else ""


def not_in_time(pattern: str, deployments: Sequence[Deployment]) -> PreviewTimeout:
    """Return the error for a deployment that was waited for in vain."""
    names = sorted({f"{it.environment} ({it.state or 'no state'})" for it in deployments})
    return PreviewTimeout(
        f"No deployment of the head commit to `{pattern}` succeeded in time. "
        f"There is: {_listed(names)}.",
        "Check the name of the environment, or raise `preview-timeout-minutes`.",
    )


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name matches a glob, typographic dashes, case and white space aside."""
    return fnmatchcase(folded(name), folded(pattern))


def folded(text: str) -> str:
    """Return a name as it is compared."""
    return " ".join(re.sub(_DASHES, "-", text).casefold().split())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names[:20]) or "none"
