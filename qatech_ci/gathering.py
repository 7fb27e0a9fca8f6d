"""Gathering evidence for a finished reply from every source that there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from .checks import Check, check_evidence
from .conversation import reply_to
from .errors import ForgeError, ReviewerError
from .evidence import Evidence, Source, evidence_in, request
from .model import Message, Target
from .polling import next_delay
from .ports import Deadline, Ports
from .waiting import LAST_LOOK, Wait


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

    def gather(self, reply: Message) -> list[Evidence]:
        """Return what all sources say about a reply that is finished."""
        found = list(evidence_in(reply, self.nonce))
        if any(item.source is Source.LIFE_CYCLE for item in found):
            return found
        if self.has_check:
            found += check_evidence(self._settled_check(), self.since, self.conversation_id)
        return found or list(self._answer_when_asked(reply))

    def _settled_check(self) -> Check | None:
        """Return the check, waited for while it is pending and there is time."""
        start = self.ports.clock.monotonic()
        check = self._check()
        while check and check.is_pending and self.deadline.left() > LAST_LOOK:
            elapsed = self.ports.clock.monotonic() - start
            pause = next_delay(elapsed, self.ports.clock.random())
            self.ports.log.info("The reply is complete, QA.tech's check is still pending.")
            self.ports.clock.sleep(min(pause, self.deadline.left() - LAST_LOOK))
            check = self._check()
        return check

    def _check(self) -> Check | None:
        try:
            return self.ports.forge.check(self.target)
        except ForgeError as error:
            self.ports.log.notice(f"QA.tech's check could not be read. {error}")
            return None

    def _answer_when_asked(self, reply: Message) -> Iterator[Evidence]:
        """Ask for the block alone, once, and yield what the answer says."""
        question = f"Your reply had no verdict block. {request(self.nonce)}"
        self.ports.log.info("The reply has no verdict. Asking the reviewer for it.")
        find = partial(reply_to, question, after=reply.created_at)
        wait = Wait(
            self.conversation_id, self.ports.reviewer, self.ports.clock, self.ports.log, find
        )
        try:
            self._ask(question)
            answer = wait.until(self.deadline)
        except ReviewerError as error:
            self.ports.log.warning(f"The reviewer could not be asked for its verdict. {error}")
            return
        said = evidence_in(answer, self.nonce) if answer else ()
        yield from (item for item in said if item.source is not Source.LIFE_CYCLE)

    def _ask(self, question: str) -> None:
        """Send the question; where it may have arrived, its answer is waited for all the same."""
        try:
            self.ports.reviewer.send_message(self.conversation_id, question, self.deadline)
        except ReviewerError as error:
            if not error.may_have_started:
                raise
