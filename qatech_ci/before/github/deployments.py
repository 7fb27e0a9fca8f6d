"""The deployments of a commit.

https://docs.github.com/en/rest/deployments/deployments and /statuses
"""

from typing import Any

from qatech_ci.before.deployments import Deployment

from .documents import listed, moment, naming
from .rest import Rest

_PAGE = 100


def deployments_of(rest: Rest, repository: str, sha: str) -> list[Deployment]:
    """Return the deployments of a commit, each with its newest status; raises `ForgeError`."""
    path = f"/repos/{repository}/deployments"
    with naming("deployments: read"):
        documents = listed(rest.read_unless_same(path, {"sha": sha, "per_page": _PAGE}))
        return [_deployment(rest, path, it) for it in documents if it.get("sha") == sha]


def _deployment(rest: Rest, path: str, document: dict[str, Any]) -> Deployment:
    number = int(document.get("id") or 0)
    # Newest first, so the first one tells how the deployment stands.
    statuses = listed(rest.read_unless_same(f"{path}/{number}/statuses", {"per_page": 1}))
    status = statuses[0] if statuses else {}
    return Deployment(
        id=number,
        environment=str(document.get("environment") or ""),
        created_at=moment(document.get("created_at")),
        state=str(status.get("state") or ""),
        url=str(status.get("environment_url") or ""),
        description=str(status.get("description") or ""),
    )
