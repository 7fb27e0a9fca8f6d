"""Receipts and signatures, at the edges: what an earlier run left has to be understood later."""

import hmac
import json
from base64 import urlsafe_b64decode
from dataclasses import asdict, replace
from hashlib import sha256

from fakes import PULL_REQUEST, SHA
from qatech_ci.before.receipt import Receipt, read, written
from qatech_ci.before.signing import Signer

TOKEN = "tok_123456"
RECEIPT = Receipt(head_sha=SHA, digest="d" * 64, salt="0" * 32, run=12, attempt=2)


def mac(message: str, token: str = TOKEN) -> str:
    """Return the signature by the rule as it is documented, without the code under test."""
    key = hmac.digest(token.encode(), b"qatech-ci receipts v1", sha256)
    return hmac.new(key, message.encode(), sha256).hexdigest()


def test_a_receipt_goes_round() -> None:
    """With and without what is not known yet."""
    full = replace(RECEIPT, conversation_id="chat_abc", verdict="passed", is_over=True)
    for receipt in (RECEIPT, full):
        line = written(receipt, PULL_REQUEST, 5, Signer(TOKEN))
        assert read(line, PULL_REQUEST, 5, Signer(TOKEN)) == receipt
        assert read(f"  {line}\n", PULL_REQUEST, 5, Signer(TOKEN)) == receipt


def test_a_receipt_is_bound_to_its_place() -> None:
    """A copy in another comment, pull request or repository counts for nothing."""
    line = written(RECEIPT, PULL_REQUEST, 5, Signer(TOKEN))
    assert read(line, PULL_REQUEST, 6, Signer(TOKEN)) is None
    assert read(line, replace(PULL_REQUEST, number=8), 5, Signer(TOKEN)) is None
    assert read(line, replace(PULL_REQUEST, repository="a/b"), 5, Signer(TOKEN)) is None
    assert read(line, PULL_REQUEST, 5, Signer("tok_other")) is None


def test_a_receipt_has_the_form_that_earlier_runs_wrote() -> None:
    """Version, payload and signature; a run of the next release has to read it."""
    line = written(RECEIPT, PULL_REQUEST, 5, Signer(TOKEN))
    version, payload, signature = line[len("<!-- qatech-ci receipt:") : -len(" -->")].split(".")
    message = f"2:v113:octo-org/shop1:71:5{len(payload)}:{payload}"
    assert (version, signature) == ("v1", mac(message))
    assert json.loads(urlsafe_b64decode(payload)) == asdict(RECEIPT)


def test_digest_and_nonce_are_what_earlier_runs_made_them() -> None:
    """Otherwise an update in the midst of a review would review it again."""
    assert Signer(TOKEN).digest({"b": 1, "a": []}) == mac('6:digest17:{"a": [], "b": 1}')
    assert Signer(TOKEN).nonce("salt") == mac("5:nonce4:salt")[:32]


def test_a_digest_is_of_the_document_and_not_of_the_order_of_its_keys() -> None:
    """Another request has another digest, the same one written differently has not."""
    signer = Signer(TOKEN)
    assert signer.digest({"a": 1, "b": 2}) == signer.digest({"b": 2, "a": 1})
    assert signer.digest({"a": 1}) != signer.digest({"a": 2})


def test_the_key_without_a_token_is_one_of_its_own() -> None:
    """It is nobody's token."""
    assert Signer("").sign("x") not in {Signer(TOKEN).sign("x"), mac("1:x", "")}
