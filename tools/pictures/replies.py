"""Replies for the pictures, in the manner of QA.tech's reviews. No agent wrote them."""

import json
from collections.abc import Sequence

NONCE = "0" * 32


def _block(verdict: str, **told: Sequence[object]) -> str:
    """Return the verdict block that the reviewer is asked for."""
    return f"```qatech-verdict\n{json.dumps({'nonce': NONCE, 'verdict': verdict, **told})}\n```"


_PASSED = """\
✅ Tests passing

The total now follows the quantity. I changed it in the basket and at the checkout, also with a
voucher, and compared it with the sum of the lines each time.
"""
PASSED = f"""{_PASSED}
{
    _block(
        "passed",
        tested=[
            "Change the quantity in the basket: the total follows",
            "Use a voucher, then change the quantity",
            "Check out as a guest, with a card",
        ],
    )
}"""

_FAILED = """\
❌ Tests failing

The pull request changes how the total is worked out. I tested the basket and the checkout on the
web shop and on a phone.

| Application | Test | Result |
| --- | --- | --- |
| app_web | Change the quantity in the basket | ✅ Passed |
| app_web | Use a voucher | ✅ Passed |
| app_web | Check out as a guest | ❌ Failed |
| app_phone | Change the quantity in the basket | ❌ Failed |

### ❌ Check out as a guest

The button **Pay now** stays grey although every field is filled in.
The console shows `TypeError: total is undefined` in `checkout.js`.

### ❌ Change the quantity in the basket

On a phone the total keeps its old value until the page is loaded again.
"""
_STEPS = """\
1. Put any product into the basket and go to the checkout.
2. Fill in an address and press **Pay now**.

Expected: the order is confirmed. Found: the button stays grey, and the console shows
`TypeError: total is undefined`."""
FAILED = f"""{_FAILED}
{
    _block(
        "failed",
        failures=[
            {"title": "A guest cannot pay", "details": _STEPS},
            {
                "title": "The total is stale on a phone",
                "details": "It changes only after the page has been loaded again.",
            },
        ],
        tested=["Change the quantity in the basket", "Use a voucher", "Check out as a guest"],
    )
}"""

_SIGN = "ℹ️"  # noqa: RUF001 - QA.tech's own sign
UNVERIFIED = f"""\
{_SIGN} Unable to verify

The pull request changes a nightly job. Nothing of it shows in the interface.

{_block("unverified", reasons=["Only `jobs/cleanup.py` changes, which runs at night."])}"""

UNCLEAR = """\
I had a look at the basket and the checkout, which the change touches most.
Both look right to me at first sight, though I could not sign in to test the order history.

Tell me if I should look into anything in particular."""

SO_FAR = """\
I am looking at the basket first.

- Change the quantity: the total follows.
- Use a voucher: the total
"""
