"""URLs out of the outputs of deploy jobs and steps: `toJSON(needs)` or `toJSON(steps)`.

https://docs.github.com/en/actions/reference/contexts-reference#needs-context and #steps-context
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import InputError
from .inputs import shown
from .model import DeployOutput

_INPUT = "deploy-outputs"
_LARGEST = 2_000_000
_DEPLOYMENT_NAMES = (
    "deployment-url",
    "deploy-url",
    "preview-url",
    "details-url",
    "static-web-app-url",
    "page-url",
    "url",
    "urls",
)
"""Outputs in which deploy actions hand over the URL of one deployment, `_` written as `-`."""
_ALIAS_NAMES = ("pages-deployment-alias-url", "deployment-alias-url", "alias-url", "alias")
"""Outputs with a URL that follows the branch and moves with the next push."""


@dataclass(frozen=True)
class DeployOutputs:
    """The jobs or steps with their results and outputs."""

    jobs: Mapping[str, Mapping[str, object]]

    @classmethod
    def parse(cls, text: str) -> "DeployOutputs":
        """Return the outputs that the input holds; raises `InputError` where it holds none."""
        try:
            document = json.loads(text[:_LARGEST]) if text else {}
        except (ValueError, RecursionError):
            raise InputError(f"`{_INPUT}` is not JSON.", _EXAMPLE) from None
        if isinstance(document, dict) and all(isinstance(job, dict) for job in document.values()):
            return cls(document)
        raise InputError(
            f"`{_INPUT}` is not what `toJSON(needs)` or `toJSON(steps)` gives.", _EXAMPLE
        )

    def find(self, wanted: DeployOutput) -> tuple[str, str]:
        """Return the URL of a job or step, and how it was found.

        Raises `InputError` where the job is not there, did not succeed, or hands over no URL or
        several; the message lists what is there.
        """
        job = self.jobs.get(wanted.job)
        if job is None:
            raise _problem(wanted, f"no job or step `{wanted.job}`", sorted(self.jobs))
        result = str(job.get("result") or job.get("outcome") or "success")
        if result != "success":
            raise _problem(wanted, f"`{wanted.job}` ended as {shown(result)}", [])
        outputs = {str(name): str(value) for name, value in _mapping(job.get("outputs")).items()}
        name, url = _named(wanted, outputs) if wanted.output else _found(wanted, outputs)
        return url, f"output `{name}` of `{wanted.job}`"


_EXAMPLE = "Write `deploy-outputs: ${{ toJSON(needs) }}`, or `toJSON(steps)` in the same job."


def _named(wanted: DeployOutput, outputs: Mapping[str, str]) -> tuple[str, str]:
    urls = list(dict.fromkeys(_urls(outputs.get(wanted.output, ""))))
    if len(urls) == 1:
        return wanted.output, urls[0]
    what = "several URLs" if urls else "no URL"
    raise _problem(wanted, f"`{wanted.output}` holds {what}", _listed(outputs))


def _found(wanted: DeployOutput, outputs: Mapping[str, str]) -> tuple[str, str]:
    """Return the one URL among the known outputs, an alias only for want of another."""
    for names in (_DEPLOYMENT_NAMES, _ALIAS_NAMES):
        found = {url: name for name, url in _candidates(outputs, names)}
        if len({_normal(url) for url in found}) > 1:
            raise _problem(wanted, "several URLs that differ", _listed(outputs))
        for url, name in found.items():
            return name, url
    raise _problem(wanted, "no URL in an output whose name is known", _listed(outputs))


def _candidates(outputs: Mapping[str, str], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, value in outputs.items():
        if name.lower().replace("_", "-") in names:
            yield from ((name, url) for url in _urls(value))


def _urls(value: str) -> Iterator[str]:
    """Yield the URLs in an output: itself, or the items of a JSON list such as Firebase's."""
    text = value.strip()
    try:
        items = json.loads(text) if text.startswith("[") else [text]
    except (ValueError, RecursionError):
        items = []
    for item in items:
        if isinstance(item, str) and item.lower().startswith(("http://", "https://")):
            yield item


def _normal(url: str) -> str:
    """Return a URL for comparison: a slash at the end of a bare host makes no difference."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _listed(outputs: Mapping[str, str]) -> list[str]:
    """Return names, and values only where they are URLs: another output may be a secret."""
    return [
        f"{name} = {shown(value)}" if any(_urls(value)) else f"{name} (no URL)"
        for name, value in sorted(outputs.items())
    ]


def _problem(wanted: DeployOutput, what: str, there: list[str]) -> InputError:
    name = f"{wanted.job}.{wanted.output}" if wanted.output else wanted.job
    found = f" There is: {', '.join(there[:20]) or 'nothing'}."
    return InputError(
        f"`{_INPUT}` for `{{output: {name}}}`: {what}.{found}",
        "Name a job and its output, such as `{output: deploy-web.page-url}`.",
    )
