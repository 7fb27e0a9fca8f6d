"""The package as it was, until each of its rooms has been built anew."""

from qatech_ci import __version__

__all__ = ["__version__"]
