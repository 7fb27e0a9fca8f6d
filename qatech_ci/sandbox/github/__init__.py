"""A stand-in for the part of GitHub's REST API that the action uses."""

from qatech_ci.sandbox.github.app import GitHub, enterprise
from qatech_ci.sandbox.github.state import Comment, PullRequest

__all__ = ["Comment", "GitHub", "PullRequest", "enterprise"]
