"""Gathering evidence for a finished reply from every source that there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from .asking import request
from .checks import Check, check_evidence
from .conversation import is_said, reply_to
from .errors import ForgeError, ReviewerError
from .evidence import block_evidence, evidence_in
from .model import Conversation, Evidence, Message, Source, Target
from .polling import next_delay
from .ports import Clock, Deadline, Glance, Log, Ports, Reviewer
from .waiting import LAST_LOOK, MESSAGES, Wait


@dataclass(frozen=True)
class Gatherer:
    """Asks the reply, QA.tech's check, and where both say nothing the reviewer once more."""

    ports: Ports
    target: Target
    conversation_id: str
    nonce: str
    since: datetime
    deadline: Deadline
    has_check: bool
    """False where QA.tech writes no check, because it was not told the pull request."""
    glance: Glance | None
    """How the check stands, where that is known already."""

    def gather(self, reply: Message) -> list[Evidence]:
        """Return what all sources say about a reply that is finished."""
        found = list(evidence_in(reply, self.nonce))
        if any(item.source is Source.LIFE_CYCLE for item in found):
            return found
        found += self.checked()
        return found or list(self._answer_when_asked(reply))

    def checked(self) -> list[Evidence]:
        """Return what QA.tech's check says about the review."""
        if not self.has_check:
            return []
        return list(check_evidence(self._settled_check(), self.since, self.conversation_id))

    def _settled_check(self) -> Check | None:
        """Return the check, waited for while it is pending and there is time."""
        start = self.ports.clock.monotonic()
        check = self._first_look()
        if check and check.is_pending:
            self.ports.log.info("The reply is complete; waiting for QA.tech's check.")
        while check and check.is_pending and self.deadline.left() > LAST_LOOK:
            elapsed = self.ports.clock.monotonic() - start
            pause = next_delay(elapsed, self.ports.clock.random())
            self.ports.clock.sleep(min(pause, self.deadline.left() - LAST_LOOK))
            check = self._check()
        return check

    def _first_look(self) -> Check | None:
        if self.glance is None:
            return self._check()
        if self.glance.refusal:
            self._tell(self.glance.refusal)
        return self.glance.check

    def _check(self) -> Check | None:
        try:
            return self.ports.forge.check(self.target)
        except ForgeError as error:
            self._tell(error)
            return None

    def _tell(self, error: ForgeError) -> None:
        self.ports.log.notice(f"QA.tech's check could not be read. {error}")

    def _answer_when_asked(self, reply: Message) -> Iterator[Evidence]:
        """Ask for the block alone, once, and yield what the answer's block says.

        A run that takes the review up may find the question asked, and maybe answered.
        """
        question = f"Your reply had no verdict block. {request(self.nonce)}"
        find = partial(reply_to, question, after=reply)
        wait = Wait(self.conversation_id, *self._tools, find)
        try:
            seen = self._seen()
            if any(is_said(message, question) for message in seen.messages):
                wait.reply = find(seen)
            else:
                self._ask(question)
            answer = wait.until(self.deadline)
        except ReviewerError as error:
            self.ports.log.warning(f"The reviewer could not be asked for its verdict. {error}")
            return
        if answer and answer.status == "COMPLETED":
            yield from block_evidence(answer.text, self.nonce)

    @property
    def _tools(self) -> tuple[Reviewer, Clock, Log]:
        return self.ports.reviewer, self.ports.clock, self.ports.log

    def _seen(self) -> Conversation:
        reviewer, deadline = self.ports.reviewer, self.deadline
        return reviewer.conversation(self.conversation_id, deadline, limit=MESSAGES)

    def _ask(self, question: str) -> None:
        """Send the question; where it may have arrived, its answer is waited for all the same."""
        self.ports.log.info("The reply has no verdict. Asking the reviewer for it.")
        try:
            self.ports.reviewer.send_message(self.conversation_id, question, self.deadline)
        except ReviewerError as error:
            if not error.may_have_started:
                raise
