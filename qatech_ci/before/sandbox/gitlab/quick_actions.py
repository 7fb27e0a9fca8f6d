"""Lines of a note that GitLab carries out instead of showing them.

Sources: https://docs.gitlab.com/user/project/quick_actions/, and for where they are not looked
for GitLab's `lib/gitlab/quick_actions/extractor.rb`
"""

import re

_NAMES = (
    "approve|assign_reviewer|assign|award|cc|close|copy_metadata|done|draft|due|estimate|label|"
    "lock|merge|milestone|react|ready|reassign_reviewer|reassign|rebase|relabel|"
    "remove_milestone|reopen|request_changes|request_review|shrug|spend|submit_review|subscribe|"
    "tableflip|target_branch|title|todo|unapprove|unassign_reviewer|unassign|unlabel|unlock|"
    "unsubscribe|wip"
)
_PARTS = re.compile(
    rf"""
    (?P<code>^```.+?\n```$)
    | (?P<html>^<[^>]+?>\n.+?\n</[^>]+?>$)
    | (?P<quote>^>>>.+?\n>>>$)
    | ^/(?P<command>(?:{_NAMES})(?:[ ][^\n]*)?)(?:\s*\n|$)
    """,
    re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE,
)


def without_quick_actions(body: str) -> tuple[str, list[str]]:
    """Return what of a note is shown, and the commands that it gives."""
    commands = [match["command"] for match in _PARTS.finditer(body) if match["command"]]
    shown = _PARTS.sub(lambda match: "" if match["command"] else match[0], body)
    return (shown.rstrip(), commands) if commands else (body, [])
