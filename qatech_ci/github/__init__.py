"""GitHub over PyGithub."""

from .forge import GitHub
from .rest import Rest
from .trigger import WorkflowEvent

__all__ = ["GitHub", "Rest", "WorkflowEvent"]
