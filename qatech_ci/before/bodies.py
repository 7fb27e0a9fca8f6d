"""Answers of bounded size over requests."""

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ContentDecodingError
from urllib3 import BaseHTTPResponse

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes. A page of a hundred comments, each as long as can be on GitHub, takes a quarter of it."""
_CHUNK = 256 * 1024


class BoundedAdapter(HTTPAdapter):
    """Reads no more of an answer than any of a forge's has, packed or not."""

    def build_response(self, req: PreparedRequest, resp: BaseHTTPResponse) -> Response:
        """Return the response with its whole body; raises `ContentDecodingError` if too large."""
        response = super().build_response(req, resp)
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > LARGEST_BODY:
                raise ContentDecodingError("The answer is too large.")
        response._content = bytes(body)  # noqa: SLF001 - there is no other way to hand it on
        return response
