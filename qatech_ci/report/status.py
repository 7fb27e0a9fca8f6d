"""The status on the head commit, for events whose job is not the thing to require."""

from qatech_ci.forge import Event, Forge
from qatech_ci.model import Verdict

from .report import Report
from .signing import Signer

_LONGEST_KEY = 80


def context_of(report: Report, signer: Signer) -> str:
    """Return the status's name: with the input `key`, else one for the overrides as written."""
    digest, key = signer.digest(report.key)[:6], report.settings.key
    if key and len(key) <= _LONGEST_KEY:
        return f"qatech-ci ({key})"
    written = report.settings.application_overrides
    applications = ", ".join(sorted(it.application for it in written))
    return f"qatech-ci ({(key or applications)[:_LONGEST_KEY]} {digest})"


def publish(report: Report, event: Event, forge: Forge, signer: Signer) -> None:
    """Say on the head commit how the gate stands, where that is wanted; raises `ForgeError`."""
    settings, verdict, target = report.settings, report.verdict, report.pull_request
    is_off = settings.dry_run or settings.mode == "message" or settings.commit_status == "off"
    if is_off or target is None or verdict is Verdict.IGNORED:
        return
    if settings.commit_status == "auto" and not event.wants_status(target):
        return
    if verdict is None:
        state, told = "error", "The run broke off; see its log."
    elif verdict is Verdict.STARTED:
        state, told = "pending", "The review has been started; nobody has waited for it."
    elif report.gate.word == "open":
        state, told = "success", f"{verdict}: the gate is open"
    else:
        state = "error" if verdict in {Verdict.ERROR, Verdict.CANCELLED} else "failure"
        told = f"{verdict}: the gate is closed"
    forge.set_status(target, state, context_of(report, signer), told, report.run.url)
