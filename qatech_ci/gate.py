"""From a verdict and the user's policy to an open or a closed gate."""

from collections.abc import Collection
from dataclasses import dataclass

from .model import Verdict


@dataclass(frozen=True)
class Gate:
    """Whether the step is green, why, and what would change it."""

    is_open: bool
    reason: str

    @property
    def word(self) -> str:
        """The output `gate`."""
        return "open" if self.is_open else "closed"

    @property
    def exit_code(self) -> int:
        """0 where the gate is open, 1 where it is closed."""
        return 0 if self.is_open else 1


def decide(verdict: Verdict, pass_on: Collection[Verdict]) -> Gate:
    """Open the gate for a verdict that `pass_on` lists, and for no other.

    A review that was started without waiting has no verdict to judge: the gate is open by
    definition.
    """
    if verdict is Verdict.STARTED:
        return Gate(is_open=True, reason="`wait` is `false`: nothing has been judged.")
    if verdict in pass_on:
        return Gate(is_open=True, reason=f"`pass-on` lists `{verdict}`.")
    return Gate(is_open=False, reason=f"`pass-on` does not list `{verdict}`. {_WAY_OUT[verdict]}")


_AGAIN = "Run the job again; to let such runs pass, add `{0}` to `pass-on`."
_WAY_OUT = {
    Verdict.PASSED: "Add `passed` to `pass-on`.",
    Verdict.FAILED: "Fix what the review found and push; the next run reviews the new commit.",
    Verdict.UNVERIFIED: "Add `unverified` to `pass-on` if such changes may merge unreviewed.",
    Verdict.UNKNOWN: "Read the reply; to let such replies pass, add `unknown` to `pass-on`.",
    Verdict.ERROR: _AGAIN.format("error"),
    Verdict.TIMED_OUT: "Raise `timeout-minutes`, or add `timed-out` to `pass-on`.",
    Verdict.CANCELLED: _AGAIN.format("cancelled"),
    Verdict.SKIPPED: "Add `skipped` to `pass-on` if such runs may pass unreviewed.",
}
