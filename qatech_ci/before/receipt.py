"""The receipt that a comment carries: what was reviewed, in which conversation, with what verdict.

A receipt is signed with a key derived from the API token and bound to its repository, pull request
and comment: nobody without the token can forge or alter one, and a copy elsewhere counts for
nothing.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import Any

from .model import PullRequest
from .signing import Signer

_VERSION = "v1"
_LINE = r"<!-- qatech-ci receipt:([a-z0-9]{1,8})\.([A-Za-z0-9_=-]{1,4000})\.([0-9a-f]{64}) -->"


@dataclass(frozen=True)
class Receipt:
    """What a run leaves for the next one. Times are in ISO 8601, empty where not yet."""

    head_sha: str
    digest: str
    """Of the request, the overrides included."""
    salt: str
    """From which the nonce of the review is made."""
    run: int
    attempt: int
    conversation_id: str = ""
    """Empty where the start is uncertain."""
    verdict: str = ""
    """Empty while the review is under way."""
    is_over: bool = False
    """True where the reviewer has said its last word."""
    taken_up: int = 0
    """How many runs have taken the review up since it was started."""
    started_at: str = ""
    finished_at: str = ""

    @property
    def order(self) -> tuple[int, int]:
        """What sorts runs by age: GitHub numbers them in order, and their attempts too."""
        return (self.run, self.attempt)


def written(receipt: Receipt, pull_request: PullRequest, comment_id: int, signer: Signer) -> str:
    """Return the line that carries a receipt in the comment `comment_id`."""
    payload = urlsafe_b64encode(json.dumps(asdict(receipt)).encode()).decode()
    signature = signer.sign(*_bound(payload, pull_request, comment_id))
    return f"<!-- qatech-ci receipt:{_VERSION}.{payload}.{signature} -->"


def read(line: str, pull_request: PullRequest, comment_id: int, signer: Signer) -> Receipt | None:
    """Return the receipt in a line, or nothing where it is cut, altered, copied or unknown."""
    found = re.fullmatch(_LINE, line.strip())
    if not found or found[1] != _VERSION:
        return None
    if not signer.verifies(found[3], *_bound(found[2], pull_request, comment_id)):
        return None
    fields: dict[str, Any] = json.loads(urlsafe_b64decode(found[2]))
    return Receipt(**fields)


def _bound(payload: str, pull_request: PullRequest, comment_id: int) -> tuple[str, ...]:
    place = (pull_request.repository.lower(), str(pull_request.number), str(comment_id))
    return (_VERSION, *place, payload)


def is_same_review(receipt: Receipt, head_sha: str, digest: str) -> bool:
    """Tell whether a receipt is about this commit and this very request."""
    return compare_digest(f"{receipt.head_sha} {receipt.digest}", f"{head_sha} {digest}")
