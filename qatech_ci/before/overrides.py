"""From the input `application-overrides` to overrides, whichever form it was written in."""

from collections.abc import Iterator, Mapping

from .errors import InputError
from .inputs import shown
from .model import (
    DeployedEnvironment,
    DeployOutput,
    Environment,
    Override,
    PreviewUrl,
    SavedEnvironment,
    UploadedBuild,
)
from .notation import NotationError, parse
from .override_forms import ENVIRONMENTS, Entry, entries
from .schemas import problems
from .secrecy import without_url_secrets

_INPUT = "application-overrides"


def read_overrides(text: str) -> tuple[Override, ...]:
    """Return the overrides that `text` spells as YAML or JSON; none where it is empty.

    Raises `InputError` with every problem at once: where it stands, what stands there, and what
    would be right.
    """
    if not text:
        return ()
    try:
        found = list(entries(parse(text)))
    except NotationError as error:
        raise InputError(f"`{_INPUT}`: {error}") from None
    wrong = dict.fromkeys([*_form_problems(found), *_duplicates(found)])
    if wrong:
        raise InputError("\n".join(wrong))
    return tuple(_override(entry.fields) for entry in found)


def _form_problems(found: list[Entry]) -> Iterator[str]:
    for entry in found:
        for problem in problems("override", entry.fields):
            where = entry.where(str(problem.path[0]) if problem.path else "")
            yield _problem(where, problem.value, problem.expected)
        for name, value in entry.unknown.items():
            yield _problem(name, value, "No such key here. " + _KEYS)
        yield from _not_one_environment(entry)


_KEYS = (
    "Write one of `url` (with or without `name`), `environment`, `build`, `output` and "
    "`deployment`, and `device-preset` if a preset is wanted."
)


def _not_one_environment(entry: Entry) -> Iterator[str]:
    given = [key for key in ENVIRONMENTS if key in entry.fields]
    if len(given) > 1:
        yield _problem(entry.path, ", ".join(given), "Keep one of them.")
    elif not given and not entry.unknown:
        yield _problem(entry.path, entry.written, "It names no environment. " + _KEYS)


def _duplicates(found: list[Entry]) -> Iterator[str]:
    first: dict[object, str] = {}
    for entry in found:
        application = str(entry.fields.get("application"))
        if application in first:
            remedy = f"It stands at `{first[application]}` already. Keep one of them."
            yield _problem(entry.path, application, remedy)
        first.setdefault(application, entry.path)


def _problem(where: str, value: object, remedy: str) -> str:
    place = without_url_secrets(where)
    return f"`{_INPUT}` at `{place}` is {shown(value)}. {remedy}"


def _override(fields: Mapping[str, object]) -> Override:
    preset = fields.get("device-preset")
    return Override(
        application=str(fields["application"]),
        environment=_environment({key: str(value) for key, value in fields.items()}),
        device_preset=None if preset is None else str(preset),
    )


def _environment(fields: Mapping[str, str]) -> Environment:
    if "url" in fields:
        return PreviewUrl(fields["url"], fields.get("name"))
    if "environment" in fields:
        return SavedEnvironment(fields["environment"])
    if "output" in fields:
        job, _, output = fields["output"].partition(".")
        return DeployOutput(job, output)
    if "deployment" in fields:
        return DeployedEnvironment(fields["deployment"])
    return UploadedBuild(fields["build"])
