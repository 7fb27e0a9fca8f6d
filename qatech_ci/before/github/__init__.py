"""GitHub over PyGithub, and the step of a workflow that runs there."""

from .forge import GitHub
from .platform import GitHubStep
from .rest import Rest
from .trigger import WorkflowEvent

__all__ = ["GitHub", "GitHubStep", "Rest", "WorkflowEvent"]
