"""Reviews a pull request with QA.tech's agent and lets the outcome gate the merge."""

__version__ = "0.1.0"
