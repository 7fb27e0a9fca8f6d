"""The three forms of `application-overrides`, brought into one.

- this action's: application → URL, short id, or a mapping in full;
- the API's list: `[{"applicationShortId": …, "environment": {…}, "devicePresetShortId": …}]`;
- the object of QA.tech's own action: `{"applications": {application: {"environment": {…}, …}}}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .notation import NotationError

ENVIRONMENTS = ("url", "environment", "build", "output", "deployment")
_OWN = {key: key for key in (*ENVIRONMENTS, "name", "device-preset")}
_API = {
    "applicationShortId": "application",
    "devicePresetShortId": "device-preset",
    "environment.url": "url",
    "environment.name": "name",
    "environment.shortId": "environment",
    "environment.applicationBuildShortId": "build",
}


@dataclass(frozen=True)
class Entry:
    """One application as it was written, its fields under the names of this action's form."""

    path: str
    """Where the entry stands."""
    written: object
    fields: dict[str, object] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    """Where each field stands."""
    unknown: dict[str, object] = field(default_factory=dict)
    """What no form has, by the path where it stands."""

    def where(self, name: str) -> str:
        """Return where the field `name` stands, or the entry if the field is missing."""
        return self.paths.get(name, self.path)


def entries(document: object) -> Iterator[Entry]:
    """Yield the entries of a document in any of the forms.

    Raises `NotationError` where the document as a whole is in none of them.
    """
    if isinstance(document, list) and document:
        yield from (_api_entry(f"[{place}]", item) for place, item in enumerate(document))
        return
    if not isinstance(document, Mapping) or not document:
        raise NotationError(
            "it names no application. Write one a line, such as `app_web: https://pr-7.example.com`.",
        )
    if set(document) == {"applications"} and isinstance(document["applications"], Mapping):
        yield from _action_entries(document["applications"])
        return
    yield from (_own_entry(str(name), value) for name, value in document.items())


def _own_entry(application: str, value: object) -> Entry:
    named: dict[str, object] = {"application": application}
    if isinstance(value, Mapping):
        return _collect(application, value, _OWN, named)
    kind = _kind(value)
    return Entry(application, value, named | {kind: value}, {kind: application})


def _kind(value: object) -> str:
    text = str(value)
    if "://" not in text and text.startswith("env"):
        return "environment"
    return "build" if "://" not in text and text.startswith("build") else "url"


def _api_entry(path: str, item: object) -> Entry:
    if isinstance(item, Mapping):
        return _collect(path, _flat(item), _API, {})
    return Entry(path, item, unknown={path: item})


def _action_entries(applications: Mapping[object, object]) -> Iterator[Entry]:
    for name, item in applications.items():
        path = f"applications.{name}"
        if isinstance(item, Mapping):
            yield _collect(path, _flat(item), _API, {"application": str(name)})
        else:
            yield Entry(path, item, {"application": str(name)}, unknown={path: item})


def _flat(item: Mapping[object, object]) -> dict[str, object]:
    """Return the item with the keys of `environment` beside its own, as `environment.url`."""
    environment = item.get("environment")
    if not isinstance(environment, Mapping):
        return {str(key): value for key, value in item.items()}
    inner = {f"environment.{key}": value for key, value in environment.items()}
    return {str(key): value for key, value in item.items() if key != "environment"} | inner


def _collect(
    path: str,
    item: Mapping[str, object],
    names: Mapping[str, str],
    fields: dict[str, object],
) -> Entry:
    entry = Entry(path, dict(item), fields)
    for key, value in item.items():
        place = f"{path}.{key}"
        if key in names and value not in (None, ""):
            entry.fields[names[key]] = value
            entry.paths[names[key]] = place
        elif key not in names:
            entry.unknown[place] = value
    return entry
