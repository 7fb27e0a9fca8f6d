"""The one comment of a review, and the signed state that it carries from run to run.

The state is the comment's last line, signed with a key derived from the API token and bound to
repository and pull request: nobody without the token can write one, and a copy elsewhere counts for
nothing. A comment is ours if it begins with our heading, its signature holds, and its author is a
bot or may write.
"""

import re
from contextlib import suppress
from dataclasses import asdict, dataclass

from qatech_ci.errors import ForgeError, NotFound, PermissionMissing
from qatech_ci.forge import STATE_MARK, Forge, Job
from qatech_ci.http.session import retried
from qatech_ci.model import Comment, PullRequest

from .page import HEADING, LARGEST_COMMENT
from .report import Report
from .signing import Signer

_STATE = re.compile(rf"(?m)^[ \t]*{STATE_MARK}([A-Za-z0-9_-]+\.[0-9a-f]{{64}}) -->\s*\Z")
_ATTEMPTS = 4  # of the last write, within the time for reporting


@dataclass(frozen=True)
class State:
    """What a run leaves for the next one. Times are in ISO 8601."""

    key: str  # a digest of what tells this review from others of the pull request
    applications: str  # a digest of the applications, which stay where a preview's URL changes
    head: str
    request: str  # a digest of what QA.tech was asked, and of the base
    salt: str  # from which the nonce of the review is made
    run: int
    attempt: int
    conversation: str
    started_at: str  # when the review was started, by the forge's clock
    verdict: str = ""  # empty until the reviewer has had the last word on the commit

    @property
    def order(self) -> tuple[int, int]:
        """What sorts runs by age: the forge numbers them in order, and their attempts too."""
        return (self.run, self.attempt)


@dataclass
class ReviewComment:
    """Finds, writes and rewrites the comment."""

    forge: Forge
    job: Job
    signer: Signer
    report: Report
    target: PullRequest
    _known: Comment | None = None  # the one that is written
    _seen: list[tuple[Comment, State]] | None = None
    _is_refused: bool = False  # a permission that is missing is said once, and not tried again

    def earlier(self) -> State | None:
        """Return what the newest run has left, where it is about the same commit and request."""
        now = self._state()
        try:
            states = [state for _, state in self._ours() if state.key == now.key]
        except ForgeError as error:
            self._is_refused = isinstance(error, PermissionMissing)
            self.job.warning(f"Earlier reviews could not be looked up. {error}")
            return None
        left = max(states, key=lambda state: state.order, default=None)
        is_same = left and (left.head, left.request) == (now.head, now.request)
        return left if is_same else None

    def publish(self, page: str, *, is_last: bool) -> None:
        """Make `page` the text of the comment, unless a newer run has; raises a `ForgeError`."""
        if not self._is_refused:
            try:
                retried(lambda: self._write(page), self.forge.deadline, _ATTEMPTS if is_last else 1)
            except PermissionMissing:
                self._is_refused = True
                raise

    def _state(self) -> State:
        signer, report, target = self.signer, self.report, self.target
        written, started = report.settings.application_overrides, report.review_started_at
        parts = sorted((it.application, it.device_preset) for it in written)
        return State(
            key=signer.digest("key", report.key)[:32],
            applications=signer.digest("applications", report.settings.key, parts)[:32],
            head=target.head_sha,
            request=signer.digest("request", report.request, target.base_branch),
            salt=report.salt,
            run=report.run.number,
            attempt=report.run.attempt,
            conversation=report.conversation.short_id,
            started_at=started.isoformat() if started else "",
            verdict=str(report.verdict) if report.is_final else "",
        )

    def _write(self, page: str) -> None:
        state = self._state()
        text = f"{page}\n{STATE_MARK}{self.signer.signed(asdict(state), *self._place)} -->"
        comment = self._existing(state)
        if comment is None and self._create(text, state):
            comment = self._existing(state)
        if comment is None:
            return
        written = self._read(comment)
        self._known, self.report.comment_url = comment, comment.url
        if written and written.key == state.key and written.order > state.order:
            self.job.info("A newer run has written the comment, so it stays as it is.")
        else:
            self.forge.edit_comment(self.target, comment.id, text)

    def _existing(self, state: State) -> Comment | None:
        """Return the comment to write as it stands; another run may have taken or deleted it."""
        known = self._known or self._found(state)
        with suppress(NotFound):
            comment = known and self.forge.comment(self.target, known.id)
            written = comment and self._read(comment)
            if not written or written.key == state.key or written.head != state.head:
                return comment
        # Taken as an older commit's by a run beside this one, or deleted, which the list confirms.
        self._known = self._seen = None
        return self._found(state)

    def _found(self, state: State) -> Comment | None:
        """Return the first comment with this review's key, or else one about an older commit."""
        ours = self._ours()
        if self.report.settings.comment == "new":
            own = (it for it, seen in ours if (seen.key, seen.order) == (state.key, state.order))
            return next(own, None)
        same = [it for it, seen in ours if seen.key == state.key]
        # Where an older commit's preview had another URL, its comment has another key.
        older = [
            it
            for it, seen in ours
            if seen.applications == state.applications and seen.head != state.head
        ]
        return min(same or older[:1], key=lambda it: it.id, default=None)

    def _create(self, text: str, state: State) -> bool:
        """Write a comment, and tell whether it gave way to that of a run beside this one.

        Each looks again after it has written, so whoever wrote later sees the other's: one stays.
        """
        # Whatever becomes of it, what was seen before is out of date.
        self._seen = None
        created = self.forge.create_comment(self.target, text)
        self._known, self.report.comment_url = created, created.url
        first = None if self.report.settings.comment == "new" else self._found(state)
        if first is None or first.id >= created.id:
            return False
        self.forge.delete_comment(self.target, created.id)
        self._known = first
        return True

    def _ours(self) -> list[tuple[Comment, State]]:
        if self._seen is None:
            trusted = [it for it in self.forge.comments(self.target) if it.is_trusted]
            read = [(it, self._read(it)) for it in trusted if HEADING.match(it.body)]
            self._seen = [(it, state) for it, state in read if state]
        return self._seen

    def _read(self, comment: Comment) -> State | None:
        found = _STATE.search(comment.body[-LARGEST_COMMENT:])
        fields = found and self.signer.opened(found[1], *self._place)
        try:
            return State(**fields) if fields else None
        except TypeError:
            # Another version's, which this one cannot read.
            return None

    @property
    def _place(self) -> tuple[str, int]:
        return self.target.repository.lower(), self.target.number
