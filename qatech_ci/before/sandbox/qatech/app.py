"""The stand-in for QA.tech's Chat API: https://docs.qa.tech/api-reference/chat-api."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from qatech_ci.before.sandbox.journal import JOURNAL_PATH, Call, journal
from qatech_ci.before.sandbox.qatech import checks, replies
from qatech_ci.before.sandbox.qatech.conversations import Conversation, Exchange
from qatech_ci.before.sandbox.qatech.progress import Reply
from qatech_ci.before.sandbox.qatech.questions import Kind, Question, usual
from qatech_ci.before.sandbox.qatech.scenarios import Scenario, applications, worst
from qatech_ci.before.sandbox.qatech.verdicts import nonce_in
from qatech_ci.before.sandbox.routing import NoRoute, Route, resolve
from qatech_ci.before.sandbox.web import Refused, Request, Response

_ONE = r"/v1/chat/(?P<short_id>chat[-_][^/]+)"
_BANNER = {"Server": "qatech-ci stand-in for QA.tech"}


def _random_id() -> str:
    return token_hex(6)


class QaTech:
    """The four calls of the Chat API, strict about what they are sent.

    `token` is the only bearer token that is accepted; None accepts any bearer token and none at
    all. `scenario` decides how every review ends; without it the words in the environments under
    review do. `pace` is the number of seconds that a reply takes, by the clock `now`, which must
    return aware times. `new_id` gives the random part of the ids. `reply` makes the text of every
    reply from the request, for tests of what a reviewer should never say; it may use the usual
    text, and the scenario decides how the reply ends.
    """

    def __init__(
        self,
        token: str | None,
        *,
        scenario: Scenario | None = None,
        now: Callable[[], datetime],
        pace: float = 6.0,
        new_id: Callable[[], str] = _random_id,
        reply: Callable[[Question], str] = usual,
    ) -> None:
        self.requests: list[Call] = []
        """All calls so far, oldest first, refused ones included."""
        self._token, self._scenario = token, scenario
        self._now, self._pace, self._new_id, self._reply = now, pace, new_id, reply
        self._conversations: dict[str, Conversation] = {}
        self._routes: tuple[Route[Callable[..., Response]], ...] = (
            Route("POST", "/v1/chat", self._start_chat),
            Route("POST", "/v1/chat/change-review", self._start_review),
            Route("POST", _ONE, self._send),
            Route("GET", _ONE, self._read),
        )

    def handle(self, request: Request) -> Response:
        """Return the answer to `request` and note both; reading the journal is not noted."""
        if (request.method, request.path) == ("GET", JOURNAL_PATH):
            return journal(self.requests).adding(_BANNER)
        response = self._answer(request).adding(_BANNER)
        self.requests.append(Call(request, response))
        return response

    def _answer(self, request: Request) -> Response:
        try:
            handler, parameters = resolve(self._routes, request.method, request.path)
            checks.authenticate(request, self._token)
            return handler(request, **parameters)
        except NoRoute as missing:
            return checks.unrouted(request, missing)
        except Refused as refused:
            return refused.response

    def _start_chat(self, request: Request) -> Response:
        body = checks.valid_body("chat-request", request)
        conversation = self._new("chat", body.get("applicationOverrides", []))
        return self._chat(conversation, body, Kind.CHAT)

    def _start_review(self, request: Request) -> Response:
        body = checks.valid_body("change-review-request", request)
        about, overrides = replies.subject(body), body["applicationOverrides"]
        under_review = applications(overrides, self._scenario)
        verdict, nonce = worst(under_review, self._scenario), nonce_in(body.get("context", ""))
        text = replies.review(about, under_review, verdict, nonce)
        conversation = self._new(f"review of {about}", overrides)
        short_id, ending = conversation.short_id, verdict.ending
        question = Question(Kind.REVIEW, short_id, body, nonce, text, ending)
        return self._accept(conversation, f"Review {about}", question)

    def _send(self, request: Request, short_id: str) -> Response:
        conversation = self._known(short_id)
        body = checks.valid_body("chat-request", request)
        return self._chat(conversation, body, Kind.FOLLOW_UP)

    def _read(self, request: Request, short_id: str) -> Response:
        conversation, limit = self._known(short_id), checks.limit_of(request)
        return Response(HTTPStatus.OK, conversation.shown(self._now(), limit))

    def _new(self, kind: str, overrides: Sequence[dict[str, Any]]) -> Conversation:
        conversation = Conversation(
            f"chat_{self._new_id()}", f"Stand-in: {kind}", self._now(), self._pace, overrides
        )
        self._conversations[conversation.short_id] = conversation
        return conversation

    def _known(self, short_id: str) -> Conversation:
        if short_id not in self._conversations:
            raise checks.refuse(HTTPStatus.NOT_FOUND, "Conversation not found")
        return self._conversations[short_id]

    def _chat(self, conversation: Conversation, body: dict[str, Any], kind: Kind) -> Response:
        overrides = body.get("applicationOverrides", conversation.overrides)
        under_review, message = applications(overrides, self._scenario), body["message"]
        verdict, nonce = worst(under_review, self._scenario), nonce_in(message)
        say = replies.first_answer if kind is Kind.CHAT else replies.further_answer
        text, short_id = say(under_review, verdict, nonce), conversation.short_id
        question = Question(kind, short_id, body, nonce, text, verdict.ending)
        return self._accept(conversation, message, question)

    def _accept(self, conversation: Conversation, message: str, question: Question) -> Response:
        # Documented: `messages` is empty on creation although the first one has just been sent,
        # so a follow-up as well is answered with what was there before it.
        shown = conversation.shown(self._now(), checks.DEFAULT_LIMIT)
        reply = Reply(self._reply(question), question.ending)
        ids = f"msg_{self._new_id()}", f"msg_{self._new_id()}"
        conversation.exchanges.append(Exchange(*ids, self._now(), message, reply))
        return Response(HTTPStatus.ACCEPTED, shown)
