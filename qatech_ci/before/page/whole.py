"""The sections in their order, within the size that GitHub takes."""

from urllib.parse import urlsplit

from qatech_ci.before.markdown.characters import plain
from qatech_ci.before.markdown.escaping import fenced
from qatech_ci.before.markdown.github import GITHUB
from qatech_ci.before.markdown.gitlab import GITLAB
from qatech_ci.before.page.facts import environments, facts, foot
from qatech_ci.before.page.findings import findings
from qatech_ci.before.page.inline import Fit
from qatech_ci.before.page.lead import lead
from qatech_ci.before.page.reply import reply
from qatech_ci.before.report import Report
from qatech_ci.before.secrecy import Secrets

LARGEST_COMMENT = 65_000
"""UTF-8 bytes. GitHub names a limit of 65,536 characters; 65,000 bytes is safe either way."""
LARGEST_SUMMARY = 1_000_000
"""UTF-8 bytes. The runner drops a summary of more than 1 MiB whole."""
_MARKER = 2500
"""UTF-8 bytes that marker and receipt in front of a comment may take."""
_LONGEST_REQUEST = 10_000
"""UTF-8 bytes."""
_LONGEST_PROBLEMS = 50_000
"""Characters of what kept a run from beginning."""
_BETWEEN = "\n\n"


def comment(report: Report, secrets: Secrets) -> str:
    """Return the comment's text, at most `LARGEST_COMMENT` bytes of UTF-8 with its marker."""
    return _page(report, _fit(report, secrets), LARGEST_COMMENT - _MARKER)


def summary(report: Report, secrets: Secrets) -> str:
    """Return the job summary, at most `LARGEST_SUMMARY` bytes of UTF-8."""
    return _page(report, _fit(report, secrets), LARGEST_SUMMARY)


def not_run(told: str, secrets: Secrets) -> str:
    """Return the job summary of a run that ended before there was anything to report."""
    fit = Fit(secrets, GITHUB, GITHUB.host)
    # No more is made harmless than can be shown.
    lines = (fit.told(line) for line in secrets.redact(told)[:_LONGEST_PROBLEMS].splitlines())
    head = "### ⚠️ QA.tech review: not run\n\n**Gate closed:** nothing was reviewed."
    text = _BETWEEN.join([head, *filter(None, lines)])
    return text.encode()[:LARGEST_SUMMARY].decode(errors="ignore")


def _fit(report: Report, secrets: Secrets) -> Fit:
    flavour = _FLAVOURS[report.vcs_provider]
    host = urlsplit(report.target.url).hostname if report.target else None
    return Fit(secrets, flavour, host or flavour.host)


_FLAVOURS = {"github": GITHUB, "gitlab": GITLAB}


def _page(report: Report, fit: Fit, limit: int) -> str:
    """Return all sections; the reply gets the room that the others, bounded each, leave."""
    before = [
        *lead(report, fit),
        *findings(report, fit),
        *facts(report, fit),
        *environments(report, fit),
        *_request(report, fit),
    ]
    after = foot(report, fit)
    taken = sum(len(block.encode()) + len(_BETWEEN) for block in [*before, after])
    whole = _BETWEEN.join([*before, *reply(report, fit, limit - taken), after])
    return fit.secrets.redact(whole)


def _request(report: Report, fit: Fit) -> list[str]:
    """Return what a dry run would have sent."""
    whole = plain(fit.secrets.redact(report.request)).encode()
    text = whole[:_LONGEST_REQUEST].decode(errors="ignore")
    return [fenced(text)] if text else []
