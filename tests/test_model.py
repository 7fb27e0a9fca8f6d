"""A model of the whole run: generated schedules of what can go wrong, and what holds all the same.

The world (`model_world.py`) keeps what really happened; the promises compare it with what the runs
say and leave behind. Where a promise cannot hold, its docstring says when: these exceptions are
computed from what happened, so that nothing else gets through with them.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from model_world import (
    CALLS,
    CONCLUSIONS,
    FALLIBLE,
    SECRET,
    SLOW,
    TOKEN,
    Attempt,
    Kind,
    Plan,
    Saying,
    Script,
    Trouble,
    World,
)
from qatech_ci.before.errors import Cancelled
from qatech_ci.before.model import Verdict
from qatech_ci.before.ports import StatusState

LEAST = 300
"""Schedules of each of the two tests in the default profile; a longer one says how many of both."""
COUNTERS = "QATECH_MODEL_COUNTERS"
"""The variable that names a file for the figures, one JSON object a line."""

_SCRIPTS = st.builds(
    Script,
    says=st.sampled_from(Saying),
    takes=st.sampled_from([2.0, 20.0, 90.0]),
    status=st.sampled_from(["COMPLETED"] * 5 + ["FAILED", "CANCELLED", "PARTIAL"]),
    answer=st.sampled_from(Saying),
    check=st.sampled_from(["", "", "success", "failure", "neutral", "cancelled", "pending"]),
    is_chatty=st.booleans(),
    is_reversed=st.booleans(),
)
_NTH = st.sampled_from([1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 9])
_FAILURES = st.builds(
    Trouble,
    call=st.sampled_from(FALLIBLE),
    nth=_NTH,
    kind=st.just(Kind.FAILURE),
    is_after=st.booleans(),
    choice=st.integers(0, 6),
)
_TROUBLES = _FAILURES | st.builds(
    Trouble,
    call=st.sampled_from([*CALLS, "log"]),
    nth=_NTH,
    kind=st.sampled_from([it for it in Kind if it is not Kind.RIVAL]),
    is_after=st.booleans(),
)


def _plans(troubles: st.SearchStrategy[Trouble]) -> st.SearchStrategy[Plan]:
    return st.builds(
        Plan,
        script=_SCRIPTS,
        site=st.sampled_from("aaab"),
        reuse=st.sampled_from([True] * 5 + [False]),
        wait=st.sampled_from([True] * 5 + [False]),
        minutes=st.sampled_from([1, 2, 7]),
        pass_on=st.sampled_from(["passed, unverified", "passed", "any"]),
        is_late=st.booleans(),
        troubles=st.lists(troubles, max_size=3).map(tuple),
    )


_ALONE = _plans(_TROUBLES)
_RIVALS = st.builds(
    Trouble,
    call=st.sampled_from(SLOW),
    nth=_NTH,
    kind=st.just(Kind.RIVAL),
    is_after=st.booleans(),
    rival=_ALONE,
)
_TOTAL: Counter[str] = Counter()


class Schedule(RuleBasedStateMachine):
    """Runs on one pull request, one after the other, and whatever befalls each of them."""

    plans = _ALONE

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(
        mode=st.sampled_from(["update"] * 6 + ["new"] * 2 + ["off"]),
        hidden=st.sampled_from([0.0, 0.0, 15.0]),
    )
    def begin(self, mode: str, hidden: float) -> None:
        """Choose what stays the same for all runs."""
        self.world.mode, self.world.hidden = mode, hidden

    @rule(data=st.data())
    def run(self, data: st.DataObject) -> None:
        """Somebody opens or updates the pull request."""
        self.world.execute(data.draw(self.plans))

    @precondition(lambda self: self.world.attempts)
    @rule(data=st.data(), which=st.integers(0, 5))
    def rerun(self, data: st.DataObject, which: int) -> None:
        """Somebody runs an earlier job again: another attempt of the same run and commit."""
        earlier = self.world.attempts[which % len(self.world.attempts)]
        self.world.execute(data.draw(self.plans), self.world.newest(earlier.number))

    @rule(data=st.data())
    def meanwhile(self, data: st.DataObject) -> None:
        """The head moves, time passes, a stranger copies our comment, or somebody deletes it."""
        world = self.world
        happening = data.draw(st.sampled_from([world.push, world.rest, world.copy, world.delete]))
        happening()

    @rule(
        call=st.sampled_from(FALLIBLE),
        seconds=st.sampled_from([20.0, 100.0, 400.0]),
        choice=st.integers(0, 6),
    )
    def fail(self, call: str, seconds: float, choice: int) -> None:
        """A service fails for a while, or a permission is missing."""
        until = self.world.clock.monotonic() + seconds
        self.world.outages[call] = (until, choice)

    @invariant()
    def each_run_has_exactly_one_outcome(self) -> None:
        """Exit code, gate, outputs, summary, comment and status tell of the same end.

        A run that was killed has none. Where a file cannot be written, the rest still tells. After
        a signal that came while the end was reported, the summary holds two pages and the last
        one counts: the runner's files cannot be taken back.
        """
        for attempt in self._ended():
            assert attempt.exit_code is not None, attempt.broke_off
            _check_files(attempt)
            _check_status(attempt)
            _check_comment(self.world, attempt)

    @invariant()
    def a_run_ends_without_a_word_only_before_it_began(self) -> None:
        """A signal that comes before anything was done leaves an exit code and nothing to undo."""
        for attempt in self.world.attempts:
            if attempt.broke_off:
                assert isinstance(attempt.broke_off, Cancelled), attempt.broke_off
                assert not any((attempt.starts, attempt.created, attempt.statuses))

    @invariant()
    def one_commit_and_overrides_are_reviewed_once(self) -> None:
        """Also: no older run writes over a newer one's result, no second comment is created.

        Each start is judged by the world when it happens. Another review of the same request needs
        one of these reasons:

        - `reuse: false`, or `comment: off`, where no run leaves anything;
        - the earlier review ended with a verdict that does not open the gate, or was refused;
        - the earlier receipt could not be read: GitHub failed, or refused, when the run looked;
        - QA.tech did not find the earlier conversation;
        - three later runs took the earlier one up, and it never came to an end;
        - the earlier start was uncertain (its answer was lost, or its run ended in that moment),
          and no check of QA.tech's leads to its conversation;
        - the earlier run could not leave a receipt: it was killed, or GitHub failed;
        - somebody deleted the comment, or a run of another request wrote it: it has one receipt;
        - a newer run had the comment, so that the earlier one left it alone; with `comment: new`,
          another run had created its comment later, and the last one counts;
        - the two compete: this one had looked before the other's receipt was there.

        An older run may write over a newer one's comment where the newer one wrote between the
        older one's look and its write, one right after the other: GitHub has no compare-and-swap.
        Then the newer one's receipt is gone as well.
        """
        assert not self.world.wrong, self.world.wrong

    @invariant()
    def each_key_has_at_most_one_comment(self) -> None:
        """With `comment: new`, each run has at most one.

        A second one stays where two runs created theirs at the same time, and the one that was to
        give way could not delete it: it was killed, told to end, or GitHub failed.
        """
        doubled = _doubled(self.world)
        self.world.counts["duplicate comments"] += doubled
        assert not doubled

    @invariant()
    def no_verdict_is_lost_and_none_is_made_up(self) -> None:
        """A finished reply that has reached the run decides its verdict, with check and answer.

        A run that was told to end says what it had found, or leaves the conversation to be taken
        up by the next. A verdict without a reply is the one that an earlier run left.
        """
        for attempt in self._ended():
            if attempt.files.values:
                _check_verdict(self.world, attempt)

    @invariant()
    def every_wait_ends_by_the_deadline(self) -> None:
        """Seconds that another run took while this one stood still do not count."""
        assert all(it.late <= 0.001 for it in self.world.attempts)

    @invariant()
    def no_secret_is_shown(self) -> None:
        """Neither the token nor a protected preview's secret, though each reply quotes both."""
        shown = [it.body for it in self.world.comments.values()]
        shown += [page for it in self.world.attempts for page in it.pages]
        leaks = [text for text in shown if TOKEN in text or SECRET in text]
        self.world.counts["leaks"] += len(leaks)
        assert not leaks

    def teardown(self) -> None:
        """Add up the figures."""
        _TOTAL.update(self.world.counts)
        _TOTAL["schedules"] += 1
        _TOTAL["reviews"] += len(self.world.reviews)

    def _ended(self) -> Iterator[Attempt]:
        return (it for it in self.world.attempts if not (it.is_killed or it.broke_off))


class Competition(Schedule):
    """The same, with a second run that goes to its end within one call of the first."""

    plans = _plans(_RIVALS | _TROUBLES)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Schedule, Competition])
def test_whatever_befalls_the_runs_the_promises_hold(machine: type[Schedule]) -> None:
    """Checked after each step of each schedule. HYPOTHESIS_PROFILE=long: 10,000 schedules."""
    most = max(LEAST, settings().max_examples // 2)
    given = settings(
        max_examples=most, stateful_step_count=6, suppress_health_check=list(HealthCheck)
    )
    try:
        run_state_machine_as_test(machine, settings=given)
    finally:
        _write_figures()


def _write_figures() -> None:
    if path := os.environ.get(COUNTERS):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(_TOTAL) + "\n")
    _TOTAL.clear()


def _check_files(attempt: Attempt) -> None:
    """Outputs and summary are there once, and agree with the exit code."""
    values, is_open = attempt.files.values, attempt.exit_code == 0
    if "outputs" not in attempt.failures:
        opening = {*attempt.plan.pass_on.replace(",", "").split(), Verdict.STARTED}
        opens = values["verdict"] in opening or "any" in opening
        assert "A defect" not in values["result"]
        assert values["gate"] == ("open" if opens else "closed")
        assert attempt.exit_code == (143 if attempt.signal else 0 if opens else 1)
    if "summary" not in attempt.failures:
        assert len(attempt.pages) == 1 or attempt.signal
        assert f"Gate {'open' if is_open else 'closed'}:" in attempt.pages[-1] or attempt.signal


def _check_status(attempt: Attempt) -> None:
    """The status on the commit does not hang."""
    if attempt.statuses and "set_status" not in attempt.failures:
        assert attempt.statuses[-1].state is not StatusState.PENDING


def _check_comment(world: World, attempt: Attempt) -> None:
    """The comment tells the end, unless a newer run has it.

    Nothing is asked of a run for whose comment a call failed, or beside which somebody else acted:
    its comment may have been deleted, or written by a run that began later.
    """
    if world.mode == "off" or attempt.comment_failures or attempt.disturbances:
        return
    own = [title for it, title in attempt.left if (it.run, it.attempt) == attempt.order]
    newer = [it for it, _ in attempt.left if (it.run, it.attempt) > attempt.order]
    assert newer or len(own) == 1
    if "summary" not in attempt.failures:
        assert newer or own == [attempt.pages[-1].splitlines()[0]]


def _doubled(world: World) -> int:
    """Return how many comments stand beside the one that a key, or a run, may have."""
    standing = {it.id for it in world.ours()}
    if world.mode != "update":
        each = [len(standing.intersection(it.created)) for it in world.attempts]
        return sum(max(number - 1, 0) for number in each)
    strays = [it for it in world.attempts if _cannot_tidy(it)]
    excused = {number for it in strays for number in it.created}
    return max(len(standing - excused) - 1, 0)


def _cannot_tidy(attempt: Attempt) -> bool:
    """Tell whether a run may have left a second comment behind."""
    return attempt.is_killed or attempt.signal != 0 or bool(attempt.comment_failures)


def _check_verdict(world: World, attempt: Attempt) -> None:
    values = attempt.files.values
    verdict, conversation = Verdict(values["verdict"]), values["conversation-id"]
    review = world.review(conversation)
    assert review is None or review.request == attempt.request, "It is another request's."
    readable = set(_readable(attempt, conversation))
    if attempt.signal:
        assert _is_kept(attempt, readable)
    elif readable and (attempt.plan.wait or _is_repeated(attempt)):
        assert verdict in readable
    else:
        assert verdict not in {Verdict.PASSED, Verdict.FAILED, Verdict.UNVERIFIED}


def _is_repeated(attempt: Attempt) -> bool:
    """Tell whether a run repeats an earlier verdict, or was about to when it was told to end."""
    return "This commit was reviewed already" in attempt.files.values["result"]


def _is_kept(attempt: Attempt, readable: set[Verdict]) -> bool:
    """Tell whether what a run had found before a signal is told, or can be read again."""
    told = json.loads(attempt.files.values["result"])["explanation"]
    if any(f"It had found {verdict}:" in told for verdict in readable):
        return True
    own = [it for it, _ in attempt.left if (it.run, it.attempt) == attempt.order]
    return not (readable and any(it.is_over for it in own))


def _readable(attempt: Attempt, conversation: str) -> Iterator[Verdict]:
    """Yield the verdict to which what reached the run adds up, if a finished reply did.

    An earlier verdict that is repeated stands for its reply. A check counts where it links to the
    very conversation.
    """
    status, words = attempt.heard.get(conversation, ("", set()))
    if _is_repeated(attempt) and attempt.seen:
        status, words = "COMPLETED", {Verdict(attempt.seen.verdict)}
    owner, check = attempt.check or ("", None)
    checked = (
        {CONCLUSIONS[check.conclusion]} if check and check.conclusion in CONCLUSIONS else set()
    )
    if status in {"FAILED", "CANCELLED"}:
        yield Verdict.ERROR if status == "FAILED" else Verdict.CANCELLED
    elif status and checked and owner == conversation:
        yield _added_up(words, checked)
    elif status:
        yield _added_up(words or attempt.answered.get(conversation, set()), set())


def _added_up(words: set[Verdict], checked: set[Verdict]) -> Verdict:
    """Return what the words of a reply and of a check say together."""
    if words == {Verdict.UNVERIFIED} and checked == {Verdict.PASSED}:
        return Verdict.UNVERIFIED
    said = words | checked
    return next(iter(said)) if len(said) == 1 else Verdict.UNKNOWN
