"""GitHub requests of whole runs, counted at the stand-in. Time is simulated, so counts are exact.

The baselines are what a comment step does without care: it lists all comments to find its own, and
creates or updates it; once when the review starts and once when it ends, as the action does.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.job import API_TOKEN, Occasion, Services, environ, ready_github
from benchmarks.naive import list_and_create, list_and_update
from qatech_ci.before.clock import SimulatedClock
from qatech_ci.before.main import main as run_action
from qatech_ci.before.sandbox import App, GitHub, QaTech, Request, Response, Scenario, serving
from qatech_ci.before.sandbox.serve import PULL_REQUEST, REPOSITORY

COMMENTS = (10, 5000)
OCCASIONS: Mapping[str, Occasion] = {
    "first run": Occasion(),
    "next commit": Occasion("synchronize", "b" * 40, run=2),
    "run again": Occasion("synchronize", "b" * 40, run=2, attempt=2),
}
"""In this order, on one pull request. The last finds that its commit has been reviewed."""
NAIVE: Mapping[str, Callable[[str], None]] = {
    "list and create": list_and_create,
    "list and update": list_and_update,
}
_MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_PACE = 45.0
"""Simulated seconds that a review takes."""
_HOUR = 3600.0


@dataclass(frozen=True)
class _Entry:
    """A request: whom, and what."""

    name: str
    method: str
    path: str

    @property
    def is_graphql(self) -> bool:
        return self.path.endswith("/graphql")


@dataclass
class _Noted:
    """Passes requests on, and notes in a journal that both stand-ins share who was asked what."""

    name: str
    app: App
    journal: list["_Entry"]

    def handle(self, request: Request) -> Response:
        self.journal.append(_Entry(self.name, request.method, request.path))
        return self.app.handle(request)


@dataclass
class _Bench:
    """Both stand-ins and one pull request, on which one run follows another."""

    github: GitHub
    clock: SimulatedClock
    services: Services
    journal: list[_Entry] = field(default_factory=list)

    def run(self, occasion: Occasion) -> dict[str, int]:
        """Run the action once and count."""
        self._begin()
        self.github.add_pull_request(REPOSITORY, PULL_REQUEST, head_sha=occasion.head_sha)
        with TemporaryDirectory() as name:
            variables = environ(Path(name), self.services, occasion)
            if code := run_action(variables, StringIO(), self.clock):
                raise RuntimeError(f"the run ended with {code}")
        return self._counted()

    def naive(self, step: Callable[[str], None]) -> dict[str, int]:
        """Write at the start and at the end as a naive step does, and count."""
        self._begin()
        step(self.services.github_url)
        start = len(self.journal)
        step(self.services.github_url)
        return _counts(self.journal, self.journal[start:])

    def _begin(self) -> None:
        self.journal.clear()
        self.clock.sleep(_HOUR)  # the rate limit of GitHub's stand-in starts anew

    def _counted(self) -> dict[str, int]:
        names = [entry.name for entry in self.journal]
        last = len(names) - names[::-1].index("qatech") if "qatech" in names else 0
        github = [entry for entry in self.journal if entry.name == "github"]
        return _counts(github, self.journal[last:])


def _counts(entries: list[_Entry], after: list[_Entry]) -> dict[str, int]:
    """Count; a GraphQL query is a POST too, and is not taken for a write of REST."""
    rest = [entry for entry in entries if not entry.is_graphql]
    return {
        "requests": len(entries),
        "REST": len(rest),
        "GraphQL": len(entries) - len(rest),
        "writes": sum(entry.method != "GET" for entry in rest),
        "after the last reply": len(after),
    }


@contextmanager
def _bench(comments: int) -> Iterator[_Bench]:
    clock, journal = SimulatedClock(_MONDAY), list[_Entry]()
    github = ready_github(comments, clock.now)
    qatech = QaTech(API_TOKEN, scenario=Scenario.PASSING, now=clock.now, pace=_PACE)
    with (
        serving(_Noted("qatech", qatech, journal)) as api,
        serving(_Noted("github", github, journal)) as forge,
    ):
        yield _Bench(github, clock, Services(f"{api}/v1", forge), journal)


def measure() -> dict[str, object]:
    """Return the counts for a pull request with few comments and for one with many."""
    return {f"{comments:,} comments": _all(comments) for comments in COMMENTS}


def _all(comments: int) -> dict[str, dict[str, int]]:
    with _bench(comments) as bench:
        ours = {name: bench.run(occasion) for name, occasion in OCCASIONS.items()}
    with _bench(comments) as bench:
        return ours | {name: bench.naive(step) for name, step in NAIVE.items()}
