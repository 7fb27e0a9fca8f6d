"""Conditional requests.

Source: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from hashlib import sha256
from http import HTTPStatus

from qatech_ci.before.sandbox.web import Request, Response


def conditional(request: Request, response: Response) -> Response:
    """Return `response` with an `ETag`, or 304 without a body where the caller has it already."""
    if request.method != "GET" or response.status != HTTPStatus.OK:
        return response
    # The links to other pages are part of what a caller would miss.
    content = response.encoded() + response.headers.get("Link", "").encode()
    tag = f'W/"{sha256(content).hexdigest()}"'
    known = {part.strip() for part in request.headers.get("If-None-Match", "").split(",")}
    if tag in known or tag.removeprefix("W/") in known:
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return response.adding({"ETag": tag})
