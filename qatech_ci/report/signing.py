"""Proofs that only a holder of the API token can make."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any


class Signer:
    """Signs with a key derived from the API token; the token cannot be found from a signature."""

    def __init__(self, api_token: str) -> None:
        self._key = hmac.digest(api_token.encode(), b"qatech-ci state v2", "sha256")

    def digest(self, *parts: object) -> str:
        """Return a digest of JSON documents, in that order, from which nothing can be guessed."""
        return hmac.digest(self._key, json.dumps(parts, sort_keys=True).encode(), "sha256").hex()

    def nonce(self, salt: str) -> str:
        """Return the 32 hex digits of a public salt, which nobody can know without the token."""
        return self.digest("nonce", salt)[:32]

    def signed(self, document: object, *bound_to: object) -> str:
        """Return a document as one word, signed together with what it is bound to."""
        payload = urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
        return f"{payload}.{self.digest('state', payload, *bound_to)}"

    def opened(self, word: str, *bound_to: object) -> Any:  # noqa: ANN401 - JSON
        """Return the document in a signed word; nothing where it was cut, altered or copied."""
        payload, _, signature = word.partition(".")
        expected = self.digest("state", payload, *bound_to)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return None
        return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
