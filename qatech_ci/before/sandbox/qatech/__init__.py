"""A stand-in for QA.tech's Chat API. It tests nothing and says so."""

from qatech_ci.before.sandbox.qatech.app import QaTech
from qatech_ci.before.sandbox.qatech.questions import Kind, Question
from qatech_ci.before.sandbox.qatech.scenarios import Scenario

__all__ = ["Kind", "QaTech", "Question", "Scenario"]
