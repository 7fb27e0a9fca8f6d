"""A stand-in for the part of GitLab's REST API that the integration uses."""

from qatech_ci.before.sandbox.gitlab.app import GitLab
from qatech_ci.before.sandbox.gitlab.delivery import CommitStatus, Deployment, Environment
from qatech_ci.before.sandbox.gitlab.records import Commit, FileDiff, MergeRequest, Project
from qatech_ci.before.sandbox.gitlab.talk import Award, Discussion, Note
from qatech_ci.before.sandbox.gitlab.tokens import DEVELOPER, GUEST, MAINTAINER, REPORTER

__all__ = [
    "DEVELOPER",
    "GUEST",
    "MAINTAINER",
    "REPORTER",
    "Award",
    "Commit",
    "CommitStatus",
    "Deployment",
    "Discussion",
    "Environment",
    "FileDiff",
    "GitLab",
    "MergeRequest",
    "Note",
    "Project",
]
