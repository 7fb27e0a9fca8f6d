"""`application-overrides`: from YAML or JSON in any of three spellings to the API's form.

- ours: application → URL, short id, or a mapping in full;
- the API's list: `[{"applicationShortId": …, "environment": {…}, "devicePresetShortId": …}]`;
- QA.tech's own action's: `{"applications": {application: {"environment": {…}, …}}}`.

A value may hold a secret, so a message names the place and quotes at most scheme and host.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import yaml

from .errors import UsageError
from .model import Override
from .redact import listed, near, scheme_and_host, shown_url
from .schemas import problems as schema_problems

_INPUT = "application-overrides"
_LARGEST = 65_536  # characters. No list of applications that a person wrote comes near
_ENVIRONMENTS = ("url", "environment", "build", "output", "deployment")
_FIELDS = (*_ENVIRONMENTS, "name", "query", "device-preset")
_API_KINDS = {"url": "url", "environment": "shortId", "build": "applicationBuildShortId"}
_API_FIELDS = {f"environment.{key}": kind for kind, key in _API_KINDS.items()} | {
    "environment.name": "name",
    "applicationShortId": "application",
    "devicePresetShortId": "device-preset",
}
_EXAMPLE = "Write one application a line, such as `app_web: https://pr-7.example.com`."
_QUOTES = "A value with `: `, `?`, a comma or a brace in it stands in quotes."
Fields = dict[str, Any]


def read_overrides(text: str) -> tuple[Override, ...]:
    """Return the overrides that `text` spells; raises a `UsageError` with all that is wrong."""
    if not text:
        return ()
    entries = list(_entries(_parsed(text)))
    wrong = [problem for path, fields in entries for problem in _problems(path, fields)]
    names = [fields["application"] for _, fields in entries if "application" in fields]
    twice = [it for it in names if names.count(it) > 1]
    wrong += [f"`{_INPUT}` names `{_place(it)}` twice. Keep one of them." for it in twice]
    if wrong:
        raise UsageError("\n".join(dict.fromkeys(wrong)))
    return tuple(_override(fields) for _, fields in entries)


def api_form(override: Override, *, shown: bool = False) -> dict[str, Any]:
    """Return an override in the API's form; `shown` without secrets, also before it is found."""
    kind = override.kind
    preset = {"devicePresetShortId": override.device_preset} if override.device_preset else {}
    key = _API_KINDS.get(kind, kind) if shown else _API_KINDS[kind]
    environment = {key: shown_url(override.value) if shown else override.value}
    if kind == "url" and override.name:
        environment["name"] = override.name
    return {"applicationShortId": override.application, **preset, "environment": environment}


def shown_environment(override: Override) -> str:
    """Return an override's environment in a word or two, without secrets."""
    value = shown_url(override.value)
    return f"{override.kind} “{value}”" if override.kind in {"output", "deployment"} else value


def _parsed(text: str) -> object:
    if len(text) > _LARGEST:
        raise _wrong(f"is {len(text):,} characters long; at most {_LARGEST:,} are read.")
    try:
        # Not all JSON is YAML: it may be indented by tabs. And `{app_web: env_staging}` is YAML.
        with suppress(ValueError):
            return json.loads(text, object_pairs_hook=_without_repeats)
        return _Strings(text).get_single_data()
    except RecursionError:
        raise _wrong("is nested too deeply.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        # PyYAML quotes tags and aliases, which may be a secret.
        problem = re.sub(r"'[^']*'|\"[^\"]*\"", "…", error.problem or "")
        why = " ".join(problem.split())[:150] or "it cannot be read"
        raise _wrong(f"is neither YAML nor JSON{place}: {why}.", _QUOTES) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise _wrong("is neither YAML nor JSON: it holds a character that neither has.") from None


class _Strings(yaml.BaseLoader):
    """Strings, lists and mappings, so that no `yes` turns into a truth; no aliases or repeats."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse an alias, which could multiply what it stands for."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # not in the stubs
            raise yaml.MarkedYAMLError(problem="aliases are not accepted", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as PyYAML has it
        """Refuse a repeated key, of which YAML would drop the first."""
        return _without_repeats(self.construct_pairs(node, deep=deep))


def _without_repeats(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise _wrong(f"repeats the key `{_place(key)}`.", "Keep one of them.")
    return {str(key): value for key, value in pairs}


def _entries(document: object) -> Iterator[tuple[str, Fields]]:
    """Yield where each entry stands and its fields; what no form has keeps its own name."""
    if isinstance(document, list) and document:
        for number, item in enumerate(document):
            yield f"[{number}]", _from_api(item, {})
    elif isinstance(document, dict) and document.keys() == {"applications"}:
        applications = document["applications"]
        if not isinstance(applications, dict) or not applications:
            raise _wrong("names no application below `applications`.")
        for name, item in applications.items():
            yield f"applications.{_place(name)}", _from_api(item, {"application": name})
    elif isinstance(document, dict) and document:
        for name, item in document.items():
            yield _place(name), _from_ours(name, item)
    elif isinstance(document, str) and re.match(r"app[\w.~-]*:\S", document):
        raise _wrong("lacks a space after the colon.", _EXAMPLE)
    else:
        raise _wrong("names no application.", _EXAMPLE)


def _from_ours(application: str, item: object) -> Fields:
    if isinstance(item, dict):
        return {"application": application} | _given(item)
    text = "" if item is None else str(item)
    ids = {"env": "environment", "build": "build"}
    kind = next((ids[it] for it in ids if text.startswith(it) and "://" not in text), "url")
    return {"application": application, kind: text}


def _from_api(item: object, fields: Fields) -> Fields:
    if not isinstance(item, dict):
        return fields | {"": item}
    flat = dict(item)
    if isinstance(item.get("environment"), dict):
        flat |= {f"environment.{key}": it for key, it in flat.pop("environment").items()}
    return fields | _given({_API_FIELDS.get(key, key): it for key, it in flat.items()})


def _given(fields: Fields) -> Fields:
    """Return the fields that are set; an unknown one is kept, so that it is told."""
    return {key: it for key, it in fields.items() if it not in (None, "") or key not in _FIELDS}


def _problems(path: str, fields: Fields) -> Iterator[str]:
    known = {key: value for key, value in fields.items() if key in {*_FIELDS, "application"}}
    for key in fields.keys() - known.keys():
        remedy = _QUOTES if fields[key] in (None, "") else f"Write one of {listed(_FIELDS)}."
        hint = near(key.rpartition(".")[2], _FIELDS) or remedy
        place = f" has `{_place(key)}`, which is no key here" if key else " is no mapping"
        yield f"`{_INPUT}` at `{path}`{place}. {hint.strip()}"
    given = [key for key in _ENVIRONMENTS if key in known]
    if len(given) > 1:
        yield f"`{_INPUT}` at `{path}` has {listed(given)}. Keep one of them."
    elif not given and len(known) == len(fields):
        yield f"`{_INPUT}` at `{path}` names no environment. Write one of {listed(_ENVIRONMENTS)}."
    for key in {"query", "name"} & known.keys():
        if {"environment", "build"} & known.keys() or (key == "query" and "url" in known):
            yield f"`{_INPUT}` at `{path}`: `{key}` goes with a URL that is found. Leave it out."
    if known.get("url") == "":
        yield (
            f"`{_INPUT}` at `{path}` is empty: its expression came out empty. One such as "
            "`${{ steps.deploy.outputs.url }}` does where the step has no such output: check its "
            "id and the output's name."
        )
        return
    for problem in schema_problems("override", known):
        key = str((*problem.path, "application")[0])
        seen = scheme_and_host(str(problem.instance))
        remedy = problem.schema["description"] if isinstance(problem.schema, dict) else ""
        where = path if key in {"url", "application"} else f"{path}.{key}"
        what = f"is “{seen}…”, which is not right" if seen else "is not right"
        yield f"`{_INPUT}` at `{where}` {what}. {remedy}"


def _place(name: object) -> str:
    """Return a key as a message may show it: a mistake in the YAML could make a key of a secret."""
    is_plain = re.fullmatch(r"app[-_][\w.~-]{1,60}|[A-Za-z][A-Za-z._-]{0,30}", str(name))
    return str(name) if is_plain else "…"


def _wrong(what: str, remedy: str = "") -> UsageError:
    return UsageError(f"`{_INPUT}` {what}", remedy)


def _override(fields: Fields) -> Override:
    kind = next(it for it in _ENVIRONMENTS if it in fields)
    others = [fields.get(it, "") for it in ("name", "query", "device-preset")]
    return Override(fields["application"], kind, fields[kind], *others)
