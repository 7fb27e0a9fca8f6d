"""Embedded stand-ins for QA.tech and GitHub, for demonstrations and tests.

They answer as the services document it, keep everything in memory, test nothing, and say so
wherever a person can see it. `qatech_ci.sandbox.serve` serves both of them.
"""

from qatech_ci.sandbox.github import (
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
from qatech_ci.sandbox.journal import Call
from qatech_ci.sandbox.qatech import Kind, QaTech, Question, Scenario
from qatech_ci.sandbox.web import App, Headers, Request, Response
from qatech_ci.sandbox.wire import Mounted, serving

__all__ = [
    "ALL_PERMISSIONS",
    "App",
    "Call",
    "ChangedFile",
    "CheckRun",
    "Comment",
    "Commit",
    "CommitStatus",
    "GitHub",
    "Headers",
    "Kind",
    "Mounted",
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
