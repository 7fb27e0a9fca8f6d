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


def decide(verdict: Verdict, pass_on: Collection[Verdict], *, is_dry_run: bool = False) -> Gate:
    """Open the gate for a verdict that `pass_on` lists, and for no other.

    Where there is nothing to judge, the gate is open by definition: a dry run, a review that was
    started without waiting, and the answer to a message.
    """
    if is_dry_run:
        return Gate(is_open=True, reason="`dry-run` is `true`: nothing has been judged.")
    if verdict in _NOT_JUDGED:
        return Gate(is_open=True, reason=_NOT_JUDGED[verdict])
    if verdict in pass_on:
        return Gate(is_open=True, reason=f"`pass-on` lists `{verdict}`.")
    return Gate(is_open=False, reason=f"`pass-on` does not list `{verdict}`. {_WAY_OUT[verdict]}")


_NOT_JUDGED = {
    Verdict.STARTED: "`wait` is `false`: nothing has been judged.",
    Verdict.ANSWERED: "`mode` is `message`: nothing has been judged.",
}
_AGAIN = "Run the job again; to let such runs pass, add `{0}` to `pass-on`."
_WAY_OUT = {
    Verdict.PASSED: "Add `passed` to `pass-on`.",
    Verdict.FAILED: "Fix what the review found and push; the next run reviews the new commit.",
    Verdict.UNVERIFIED: "Add `unverified` to `pass-on` if such changes may merge unreviewed.",
    Verdict.UNKNOWN: "Read the reply; to let such replies pass, add `unknown` to `pass-on`.",
    Verdict.ERROR: _AGAIN.format("error"),
    Verdict.TIMED_OUT: (
        "Raise `timeout-minutes`, or `preview-timeout-minutes` where a preview was not up; or add "
        "`timed-out` to `pass-on`."
    ),
    Verdict.CANCELLED: _AGAIN.format("cancelled"),
    Verdict.SKIPPED: "Add `skipped` to `pass-on` if such runs may pass unreviewed.",
}
