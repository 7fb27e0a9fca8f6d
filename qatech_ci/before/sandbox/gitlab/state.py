"""What the stand-in knows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from qatech_ci.before.sandbox.gitlab.delivery import CommitStatus, Deployment, Environment, Pipeline
from qatech_ci.before.sandbox.gitlab.records import Comparison, MergeRequest, Project
from qatech_ci.before.sandbox.gitlab.talk import Discussion, Note
from qatech_ci.before.sandbox.gitlab.tokens import Token


@dataclass
class State:
    """Everything the stand-in remembers. `tokens[None]` is what any other token may do."""

    tokens: dict[str | None, Token] = field(default_factory=dict)
    projects: dict[int, Project] = field(default_factory=dict)
    merge_requests: dict[tuple[int, int], MergeRequest] = field(default_factory=dict)
    """By the id of the project and the iid."""
    notes: dict[int, Note] = field(default_factory=dict)
    quick_actions: list[tuple[int, int, str]] = field(default_factory=list)
    """The project, the merge request and the command."""
    pipelines: list[Pipeline] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)
    environments: dict[int, Environment] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    comparisons: dict[tuple[int, str, str], Comparison] = field(default_factory=dict)
    members: dict[tuple[int, str], int] = field(default_factory=dict)
    """The access level of a login in a project."""
    ids: Iterator[int] = field(default_factory=lambda: count(1001))

    def project(self, name: str) -> Project | None:
        """Return the project with this id or path; GitLab compares paths without regard to case."""
        if name.isdecimal():
            return self.projects.get(int(name))
        paths = {project.path.casefold(): project for project in self.projects.values()}
        return paths.get(name.casefold())

    def named(self, name: str) -> Project:
        """Return the project of this name. Raises `KeyError`."""
        if found := self.project(name):
            return found
        raise KeyError(name)

    def level(self, project: Project, login: str) -> int:
        """Return the access level of `login` in a project; 0 for a stranger."""
        by_token = (
            token.access_level
            for token in self.tokens.values()
            if token.login == login and token.project in (None, project.id)
        )
        return self.members.get((project.id, login), max(by_token, default=0))

    def merge_requests_of(self, project: Project) -> list[MergeRequest]:
        """Return the merge requests into a project, newest first."""
        found = [mr for mr in self.merge_requests.values() if mr.project is project]
        return sorted(found, key=lambda mr: (mr.created_at, mr.id), reverse=True)

    def notes_of(self, merge_request: MergeRequest) -> list[Note]:
        """Return the notes of a merge request, oldest first."""
        place = merge_request.project.id, merge_request.iid
        found = [note for note in self.notes.values() if (note.project_id, note.iid) == place]
        return sorted(found, key=lambda note: (note.created_at, note.id))

    def discussions_of(self, merge_request: MergeRequest) -> list[Discussion]:
        """Return the discussions of a merge request, in the order in which they began."""
        notes: dict[str, list[Note]] = {}
        for note in self.notes_of(merge_request):
            notes.setdefault(note.discussion_id, []).append(note)
        return [Discussion(name, tuple(members)) for name, members in notes.items()]

    def statuses_of(self, project: Project, sha: str) -> list[CommitStatus]:
        """Return the statuses of a commit, those retried included, oldest first."""
        place = project.id, sha
        return [s for s in self.statuses if (s.project_id, s.pipeline.sha) == place]

    def add_status(self, made: CommitStatus) -> None:
        """Add a status; earlier ones of that name in the pipeline give way to it."""
        for status in self.statuses:
            if (status.pipeline.id, status.name) == (made.pipeline.id, made.name):
                status.retried = True
        self.statuses.append(made)

    def pipelines_of(self, project: Project, sha: str) -> list[Pipeline]:
        """Return the pipelines of a commit, newest first."""
        place = project.id, sha
        return [p for p in reversed(self.pipelines) if (p.project_id, p.sha) == place]

    def head_pipeline(self, merge_request: MergeRequest) -> Pipeline | None:
        """Return the newest pipeline of a merge request's head, be it of the fork or not."""
        places = merge_request.project, merge_request.source or merge_request.project
        found = [p for place in places for p in self.pipelines_of(place, merge_request.sha)]
        return max(found, key=lambda pipeline: pipeline.id, default=None)

    def result_of(self, pipeline: Pipeline) -> str:
        """Return the status of a pipeline: that of the status in it that matters most."""
        there = {s.status for s in self.statuses if s.pipeline == pipeline and not s.retried}
        order = ("running", "pending", "failed", "canceled", "success", "skipped")
        return next((status for status in order if status in there), "created")

    def deployments_of(self, project: Project, at: datetime) -> list[Deployment]:
        """Return the deployments that a project has at that moment, oldest first."""
        return [
            deployment
            for deployment in self.deployments
            if deployment.environment.project_id == project.id and deployment.created_at <= at
        ]
