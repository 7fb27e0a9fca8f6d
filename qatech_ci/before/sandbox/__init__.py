"""Embedded stand-ins for QA.tech, GitHub and GitLab, for demonstrations and tests.

They answer as the services document it, keep everything in memory, test nothing, and say so
wherever a person can see it. `qatech_ci.before.sandbox.serve` serves the first two.
"""

from qatech_ci.before.sandbox.github import (
    ALL_PERMISSIONS,
    ChangedFile,
    CheckRun,
    Comment,
    Commit,
    CommitStatus,
    GitHub,
    PullRequest,
    Reaction,
    enterprise,
)
from qatech_ci.before.sandbox.gitlab import FileDiff, GitLab, MergeRequest, Note
from qatech_ci.before.sandbox.journal import Call
from qatech_ci.before.sandbox.qatech import Kind, QaTech, Question, Scenario
from qatech_ci.before.sandbox.web import App, Headers, Request, Response
from qatech_ci.before.sandbox.wire import Mounted, serving

__all__ = [
    "ALL_PERMISSIONS",
    "App",
    "Call",
    "ChangedFile",
    "CheckRun",
    "Comment",
    "Commit",
    "CommitStatus",
    "FileDiff",
    "GitHub",
    "GitLab",
    "Headers",
    "Kind",
    "MergeRequest",
    "Mounted",
    "Note",
    "PullRequest",
    "QaTech",
    "Question",
    "Reaction",
    "Request",
    "Response",
    "Scenario",
    "enterprise",
    "serving",
]
