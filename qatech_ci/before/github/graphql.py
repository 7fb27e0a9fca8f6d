"""GraphQL without PyGithub, whose import takes longer than the request.

A run looks for an earlier review before it starts another, so somebody waits for this.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from qatech_ci.before.calls import LONGEST_CALL, PassingTrouble, bounded
from qatech_ci.before.errors import ForgeError
from qatech_ci.before.exchange import Answer, Lost, Unsent, exchange
from qatech_ci.before.ports import Deadline

_LARGEST_BODY = 32 * 1024 * 1024
_CALL = "POST /graphql"


def ask(
    api_url: str,
    token: str,
    deadline: Deadline,
    query: str,
    variables: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the answer to a query, `data` beside `errors`; raises `ForgeError`."""
    if not token:
        raise ForgeError("GitHub answers no anonymous query.")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"query": query, "variables": variables}).encode()

    def send() -> Answer:
        url = address(api_url)
        return exchange("POST", url, LONGEST_CALL, headers=headers, body=body, limit=_LARGEST_BODY)

    try:
        answer = bounded(f"GitHub did not answer {_CALL}", send, deadline)
    except (Unsent, Lost, ValueError) as error:
        raise PassingTrouble(f"GitHub did not answer {_CALL}: {type(error).__name__}.") from None
    return _document(answer)


def address(api_url: str) -> str:
    """Return where GraphQL is; on GitHub Enterprise Server it lies beside REST.

    https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql
    """
    root = api_url.removesuffix("/v3")
    return f"{root if root.endswith('/api') else api_url}/graphql"


def _document(answer: Answer) -> dict[str, Any]:
    if answer.status != HTTPStatus.OK:
        raise ForgeError(f"GitHub answered {_CALL} with {answer.status}.")
    try:
        document = json.loads(answer.body[: _LARGEST_BODY + 1])
    except (ValueError, RecursionError):
        raise ForgeError(f"GitHub's answer to {_CALL} cannot be read.") from None
    return document if isinstance(document, dict) else {}
