"""QA.tech's Chat API: four calls over HTTP."""

from .client import QaTech
from .transport import Transport

__all__ = ["QaTech", "Transport"]
