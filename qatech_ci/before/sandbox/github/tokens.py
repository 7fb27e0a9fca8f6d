"""Who calls and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ACTIONS_BOT = "github-actions[bot]"
"""Who acts with a workflow's `GITHUB_TOKEN`."""
RECOMMENDED_PERMISSIONS = MappingProxyType({"contents": "read", "pull-requests": "write"})
ALL_PERMISSIONS = MappingProxyType(
    {
        "checks": "read",
        "contents": "read",
        "deployments": "read",
        "issues": "write",
        "pull-requests": "write",
        "statuses": "write",
    }
)
"""Everything that any of the endpoints asks for."""


@dataclass(frozen=True)
class Token:
    """Who calls and what they may do; permissions in the words of a workflow's `permissions:`."""

    login: str
    permissions: Mapping[str, str]

    @property
    def is_app(self) -> bool:
        """Whether this is the token of an app's installation, as `GITHUB_TOKEN` is."""
        return self.login.endswith("[bot]")
