"""A stand-in for the part of GitHub's REST API that the action uses."""

from qatech_ci.before.sandbox.github.app import GitHub, enterprise
from qatech_ci.before.sandbox.github.records import ChangedFile, CheckRun, Commit, CommitStatus, Reaction
from qatech_ci.before.sandbox.github.state import Comment, PullRequest
from qatech_ci.before.sandbox.github.tokens import ALL_PERMISSIONS

__all__ = [
    "ALL_PERMISSIONS",
    "ChangedFile",
    "CheckRun",
    "Comment",
    "Commit",
    "CommitStatus",
    "GitHub",
    "PullRequest",
    "Reaction",
    "enterprise",
]
