"""How a test or a demonstration sets the scene, and looks at what has become of it."""

from qatech_ci.before.sandbox.github.stage.checks import Checks
from qatech_ci.before.sandbox.github.stage.deployments import Deployments
from qatech_ci.before.sandbox.github.stage.people import People
from qatech_ci.before.sandbox.github.stage.pulls import PullRequests

__all__ = ["Checks", "Deployments", "People", "PullRequests"]
