"""The one comment of a pull request and key."""

import re
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice

from . import receipt as receipts
from .errors import ForgeError, NotOnForge
from .model import PullRequest
from .ports import Comment, Forge, Log
from .receipt import Receipt
from .settings import CommentMode
from .signing import Signer

_WINDOW = 100
"""Comments. More than are written between two looks of a run, and as many as a page has."""


@dataclass
class CommentThread:
    """Finds, writes and rewrites the comment. Trouble is told in the log and goes no further.

    A comment is ours only where author and place say so: the marker as its first line, written
    under our login or with a receipt for this very comment, which nobody else can sign. Its second
    line is the receipt.
    """

    forge: Forge
    log: Log
    pull_request: PullRequest
    mode: CommentMode
    key: str
    signer: Signer
    _comment: Comment | None = field(default=None, init=False)
    _uncertain: str = field(default="", init=False)
    """The text of a comment that was to be created, until it is known that it was."""
    _has_looked: bool = field(default=False, init=False)
    _is_contested: bool = field(default=False, init=False)
    """True where another run has been seen to write the same comment."""
    _is_outdated: bool = field(default=False, init=False)
    """True where a newer run has written the comment."""
    _is_doubtful: bool = field(default=False, init=False)
    """True after a write that failed: the comment may have been deleted."""
    _is_open: bool = field(default=False, init=False)
    """True where the thread is known to wait for somebody."""

    @property
    def url(self) -> str:
        """The URL of the comment, or nothing before there is one."""
        return self._comment.url if self._comment else ""

    @property
    def holds(self) -> bool:
        """Whether a merge waits for the thread, or a newer run is the one to say."""
        return self._is_open or self._is_outdated

    def earlier_receipt(self) -> Receipt | None:
        """Return the receipt that the latest comment of ours carries, if there is one."""
        if self.mode is CommentMode.OFF:
            return None
        try:
            ours = self._look()
        except ForgeError as error:
            self.log.warning(f"Earlier reviews could not be looked up. {error}")
            return None
        told = [receipt for receipt in map(self._receipt_in, ours) if receipt and receipt.digest]
        return told[-1] if told else None

    def publish(self, body: str, receipt: Receipt) -> None:
        """Make `body` the text of the comment, unless a newer run has written it."""
        if self.mode is CommentMode.OFF:
            return
        try:
            self._comment = self._publish(body, receipt)
            self._is_doubtful = False
            if receipt.verdict and self._is_contested:
                self._insist(body, receipt)
        except ForgeError as error:
            self.log.warning(f"The comment could not be written. {error}")
            self._distrust()
        except BaseException:
            self._distrust()
            raise

    def reopen(self, receipt: Receipt) -> None:
        """Have a merge wait for the thread, if there is one that no newer run has written."""
        if not self.forge.holds_merges or self.mode is CommentMode.OFF or self.holds:
            return
        try:
            existing = self._existing()
        except ForgeError as error:
            self.log.warning(f"The thread could not be looked up. {error}")
            return
        if existing is None:
            return
        written = self._receipt_in(existing)
        self._is_outdated = written is not None and written.order > receipt.order
        self.settle(is_settled=False)

    def settle(self, *, is_settled: bool) -> None:
        """Mark the comment as dealt with or as still open, unless a newer run has written it."""
        if not self.forge.holds_merges or self._is_outdated:
            return
        self._is_open = False
        if self._comment is None:
            return
        try:
            self._settle(self._comment, is_settled=is_settled)
        except ForgeError as error:
            done = "resolved" if is_settled else "reopened"
            self.log.warning(f"The thread could not be {done}. {error}")

    def _settle(self, comment: Comment, *, is_settled: bool) -> None:
        if self._is_doubtful:
            self.forge.comment(self.pull_request, comment.id)
        self.forge.settle(self.pull_request, comment.id, is_settled=is_settled)
        self._is_open = not is_settled

    def _distrust(self) -> None:
        """A write that was broken off may have arrived: look before it is repeated."""
        self._has_looked = False
        self._is_doubtful = True

    def _publish(self, body: str, receipt: Receipt) -> Comment:
        existing = self._existing() or self._create(body)
        written = self._receipt_in(existing)
        if written and written.order > receipt.order:
            self.log.notice("A newer run has written the comment, so it stays as it is.")
            self._is_outdated = True
            return existing
        if written and not receipt.digest:
            # A run that broke off before it asked for a review leaves the earlier one to be found.
            receipt = replace(written, run=receipt.run, attempt=receipt.attempt)
        line = receipts.written(receipt, self.pull_request, existing.id, self.signer)
        text = f"{marker(self.key)}\n{line}\n{body}"
        return self.forge.edit_comment(self.pull_request, existing.id, text)

    def _insist(self, body: str, receipt: Receipt) -> None:
        """Write the end again where an older run wrote over it.

        GitHub's API has no compare-and-swap: the older run read the comment before we wrote it,
        and wrote after us.
        """
        now = self._existing()
        written = self._receipt_in(now) if now else None
        if written and written.order < receipt.order:
            self._comment = self._publish(body, receipt)

    def _existing(self) -> Comment | None:
        """Return the comment as it stands now; another run may have written or deleted it."""
        if self.mode is CommentMode.NEW and self._uncertain:
            self._comment, self._uncertain = self._created_after_all(), ""
        if self._comment is None:
            if self.mode is CommentMode.UPDATE and not self._has_looked:
                self._look()
            return self._comment
        try:
            now = self.forge.comment(self.pull_request, self._comment.id)
        except NotOnForge:
            # Somebody deleted it. One that was created since, by a write that broke off, is found.
            self._comment = None
            return self._existing()
        self._is_contested |= now.body != self._comment.body
        return now

    def _look(self) -> list[Comment]:
        """Return our comments; the oldest is the one to write, unless each run has its own."""
        is_shared = self.mode is CommentMode.UPDATE
        ours = self._ours(further=is_shared)
        self._has_looked = True
        if ours and is_shared:
            self._comment = ours[0]
            return ours[:1]
        return ours

    def _ours(self, *, further: bool = False) -> list[Comment]:
        """Return our comments among the last hundred that were written, oldest first.

        `further`: or else the one that was written before them, at the cost of reading all. There
        is none but for the first run, as each run writes its comment anew.
        """
        comments = self.forge.comments(self.pull_request)
        ours = [it for it in islice(comments, _WINDOW) if self._is_ours(it)]
        if further and not ours:
            ours = list(islice(filter(self._is_ours, comments), 1))
        return sorted(ours, key=lambda comment: comment.id)

    def _is_ours(self, comment: Comment) -> bool:
        first_line = re.escape(marker(self.key)) + r"\r?\n"
        is_by_us = comment.is_own or self._receipt_in(comment) is not None
        return is_by_us and re.match(first_line, comment.body) is not None

    def _create(self, body: str) -> Comment:
        """Write a comment, then give way if a run beside this one was faster.

        Each looks again after it has written, so whoever wrote later sees the other's: one stays.
        """
        text = f"{marker(self.key)}\n{body}"
        self._uncertain = text
        created = self.forge.create_comment(self.pull_request, text)
        self._uncertain = ""
        if self.mode is CommentMode.NEW:
            self._comment = created
            return created
        # As listed before as created: another run may have written it in between.
        first = min([*self._ours(), created], key=lambda comment: comment.id)
        if first.id == created.id:
            return first
        self._is_contested = True
        self.forge.delete_comment(self.pull_request, created.id)
        return self.forge.comment(self.pull_request, first.id)

    def _created_after_all(self) -> Comment | None:
        return next((it for it in self._ours() if it.body == self._uncertain), None)

    def _receipt_in(self, comment: Comment) -> Receipt | None:
        _, _, rest = comment.body.partition("\n")
        line, _, _ = rest.partition("\n")
        return receipts.read(line, self.pull_request, comment.id, self.signer)


def marker(key: str) -> str:
    """Return the first line of a comment for `key`; HTML comments are not shown."""
    return f"<!-- qatech-ci key:{sha256(key.encode()).hexdigest()[:32]} -->"
