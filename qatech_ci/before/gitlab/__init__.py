"""GitLab over python-gitlab, and the job that runs there.

platform ─► trigger ─► context
 ├──► forge ─► notes, deployments, changes ─► rest ─► python_gitlab
 ├──► log
 └──► files ─► junit, dotenv
"""

from .platform import GitLabJob

__all__ = ["GitLabJob"]
