"""GitHub over PyGithub."""

from .forge import GitHub
from .rest import Rest

__all__ = ["GitHub", "Rest"]
