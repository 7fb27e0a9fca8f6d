"""How a test or a demonstration sets the scene, and looks at what has become of it."""

from qatech_ci.before.sandbox.gitlab.stage.delivery import Delivery
from qatech_ci.before.sandbox.gitlab.stage.merge_requests import MergeRequests
from qatech_ci.before.sandbox.gitlab.stage.people import People
from qatech_ci.before.sandbox.gitlab.stage.talk import Talk

__all__ = ["Delivery", "MergeRequests", "People", "Talk"]
