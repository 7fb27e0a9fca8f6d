"""The status on the head commit, for runs whose own check is not attached to it."""

from dataclasses import dataclass

from .errors import ForgeError
from .gate import Gate
from .model import Target, Verdict
from .ports import Forge, Log, Status, StatusState, Trigger
from .settings import StatusMode

_LONGEST_DESCRIPTION = 140
_BROKEN = (Verdict.ERROR, Verdict.CANCELLED)


@dataclass
class CommitStatus:
    """Follows the run from pending to its end, so that a required status never hangs."""

    forge: Forge
    log: Log
    target: Target
    context: str
    run_url: str

    def pending(self) -> None:
        """Say that the review is under way."""
        self._set(StatusState.PENDING, "The review is under way.")

    def end(self, verdict: Verdict, gate: Gate) -> None:
        """Say how the gate stands.

        A review that nobody waited for leaves no status: a required one would be green for ever.
        """
        if verdict is Verdict.STARTED:
            return
        failed = StatusState.ERROR if verdict in _BROKEN else StatusState.FAILURE
        state = StatusState.SUCCESS if gate.is_open else failed
        self._set(state, f"{verdict}: gate {gate.word}")

    def broken(self) -> None:
        """Say that the run broke off."""
        self._set(StatusState.ERROR, "The run broke off; see its log.")

    def _set(self, state: StatusState, description: str) -> None:
        text = description[:_LONGEST_DESCRIPTION]
        try:
            self.forge.set_status(self.target, Status(self.context, state, text, self.run_url))
        except ForgeError as error:
            self.log.warning(f"The commit status could not be set. {error}")


def is_wanted(mode: StatusMode, trigger: Trigger, target: Target) -> bool:
    """Tell whether the head commit needs a status.

    The result of the run itself is shown on the run's own commit, so one that is required on the
    pull request would be waited for without end where that is another commit.
    """
    if mode is not StatusMode.AUTO:
        return mode is StatusMode.ON
    return not trigger.shows_on(target)
