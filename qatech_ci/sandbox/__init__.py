"""Embedded stand-ins for QA.tech and GitHub, for demonstrations and tests.

They answer as the services document it, keep everything in memory, test nothing, and say so
wherever a person can see it. `qatech_ci.sandbox.serve` serves both of them.
"""

from qatech_ci.sandbox.github import Comment, GitHub, PullRequest, enterprise
from qatech_ci.sandbox.journal import Call
from qatech_ci.sandbox.qatech import QaTech, Scenario
from qatech_ci.sandbox.web import App, Headers, Request, Response
from qatech_ci.sandbox.wire import Mounted, serving

__all__ = [
    "App",
    "Call",
    "Comment",
    "GitHub",
    "Headers",
    "Mounted",
    "PullRequest",
    "QaTech",
    "Request",
    "Response",
    "Scenario",
    "enterprise",
    "serving",
]
