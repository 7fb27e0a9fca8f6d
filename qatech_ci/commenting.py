"""The one comment of a pull request and key."""

import re
from dataclasses import dataclass, field
from hashlib import sha256

from .errors import ForgeError
from .model import PullRequest
from .ports import Comment, Forge, Log
from .settings import CommentMode


@dataclass
class CommentThread:
    """Writes the comment when it is first published, and writes it anew after that.

    Trouble with it is told in the log and changes nothing else.
    """

    forge: Forge
    log: Log
    pull_request: PullRequest
    mode: CommentMode
    key: str
    _posted: Comment | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The URL of the comment, or nothing before there is one."""
        return self._posted.url if self._posted else ""

    def publish(self, body: str) -> None:
        """Make `body` the text of the comment."""
        if self.mode is CommentMode.OFF:
            return
        try:
            self._posted = self._write(f"{marker(self.key)}\n{body}")
        except ForgeError as error:
            self.log.warning(f"The comment could not be written. {error}")

    def _write(self, body: str) -> Comment:
        existing = self._posted or self._earlier()
        if existing:
            return self.forge.edit_comment(self.pull_request, existing.id, body)
        return self.forge.create_comment(self.pull_request, body)

    def _earlier(self) -> Comment | None:
        """Return the comment of an earlier run: ours only where author and place say so."""
        if self.mode is CommentMode.NEW:
            return None
        login = self.forge.own_login()
        first_line = re.compile(re.escape(marker(self.key)) + r"\r?\n")
        comments = self.forge.comments(self.pull_request)
        mine = (comment for comment in comments if comment.author == login)
        return next((comment for comment in mine if first_line.match(comment.body)), None)


def marker(key: str) -> str:
    """Return the first line of a comment for `key`; HTML comments are not shown."""
    return f"<!-- qatech-ci key:{sha256(key.encode()).hexdigest()[:32]} -->"
