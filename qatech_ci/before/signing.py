"""Proofs that only a holder of the API token can make."""

import hmac
import json
from hashlib import sha256

_PURPOSE = b"qatech-ci receipts v1"
_NO_TOKEN = "the stand-in asks for no token"  # noqa: S105 - it protects nothing


class Signer:
    """Signs with a key derived from the API token; the token cannot be found from a signature."""

    def __init__(self, api_token: str) -> None:
        self._key = hmac.digest((api_token or _NO_TOKEN).encode(), _PURPOSE, sha256)

    def sign(self, *parts: str) -> str:
        """Return the signature of the parts, in that order, as hexadecimal digits."""
        # Each part with its length: otherwise ("ab", "c") and ("a", "bc") would be one message.
        message = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, message.encode(), sha256).hexdigest()

    def verifies(self, signature: str, *parts: str) -> bool:
        """Tell in constant time whether a signature is that of the parts."""
        return hmac.compare_digest(signature.encode(), self.sign(*parts).encode())

    def digest(self, document: object) -> str:
        """Return a digest of a JSON document, which gives nothing of it away to be guessed."""
        return self.sign("digest", json.dumps(document, sort_keys=True))

    def nonce(self, salt: str) -> str:
        """Return a word that nobody without the token can know in advance.

        It is made from a salt, so that a run which takes a review up finds the nonce again from
        what the first run left in public.
        """
        return self.sign("nonce", salt)[:32]
