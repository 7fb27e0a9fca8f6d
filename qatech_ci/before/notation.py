"""YAML or JSON in, plain data out; anything that hides, repeats or multiplies data is refused."""

import json
from collections.abc import Hashable
from typing import Any

import yaml

_LARGEST = 65_536
"""Characters. No list of applications that a person wrote comes near."""


class NotationError(ValueError):
    """The text is not YAML or JSON that can be used. Its message says where and why."""


def parse(text: str) -> object:
    """Return what `text` spells. In YAML every scalar is a string: no `yes` turns into a truth.

    Raises `NotationError` where the text is not well-formed, repeats a key, nests deeper than the
    parser goes, uses aliases (which could multiply it), or is longer than 65,536 characters.
    """
    if len(text) > _LARGEST:
        raise NotationError(f"it is {len(text):,} characters long; the limit is {_LARGEST:,}.")
    try:
        return _json(text) if text.lstrip().startswith(("{", "[")) else _yaml(text)
    except RecursionError:
        raise NotationError("it is nested too deeply.") from None


def _json(text: str) -> object:
    """Parse as JSON, or else as YAML, which has such brackets too (`{app_web: env_staging}`)."""
    try:
        return json.loads(text, object_pairs_hook=without_repeats)
    except json.JSONDecodeError as error:
        try:
            return _yaml(text)
        except NotationError:
            place = f"line {error.lineno}, column {error.colno}"
            raise NotationError(f"it is not JSON: {error.msg} at {place}.") from None


def _yaml(text: str) -> object:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a BaseLoader, which makes strings only
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise NotationError(f"it is not YAML: {error.problem or error.context}{place}.") from None
    except yaml.YAMLError as error:
        raise NotationError(f"it is not YAML: {' '.join(str(error).split())}.") from None


class _Loader(yaml.BaseLoader):
    """Strings, lists and mappings; no aliases, no repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # not in the stubs
            raise yaml.MarkedYAMLError(problem="aliases are not accepted", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"the key {key.value!r} is repeated"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object; raises `NotationError` where it repeats a key. A hook of `json`."""
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise NotationError(f"the key {repeated!r} is repeated.")
    return mapping
