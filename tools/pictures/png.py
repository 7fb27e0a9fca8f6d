"""Makes a PNG small: few colours, packed well. The format: https://www.w3.org/TR/png-3/."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB = 3
"""Bytes of a pixel, and the number of the colour type is 2."""
_TYPE_RGB, _TYPE_PALETTE, _DEPTH = 2, 3, 8
_COLOURS = 128
"""Enough for a page of text and a few emoji."""

_FARTHEST = 3 * 255**2

Colour = tuple[int, int, int]


def small(png: bytes) -> bytes:
    """Return an RGB picture of 8 bits, not interlaced, with a palette of few colours.

    Raises ValueError where the picture is of another kind.
    """
    chunks = list(_chunks(png))
    width, height, depth, kind, *_, interlace = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    if (depth, kind, interlace) != (_DEPTH, _TYPE_RGB, 0):
        raise ValueError(f"A PNG of depth {depth}, type {kind}, interlace {interlace}.")
    data = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    return _written(list(_rows(data, width * _RGB)), width, height)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12


def _rows(data: bytes, length: int) -> Iterator[list[Colour]]:
    """Yield the rows of pixels, their filters undone (section 9)."""
    above = bytes(length)
    for start in range(0, len(data), length + 1):
        row = bytearray(data[start + 1 : start + 1 + length])
        _unfilter(data[start], row, above)
        yield list(zip(row[::3], row[1::3], row[2::3], strict=True))
        above = bytes(row)


def _unfilter(kind: int, row: bytearray, above: bytes) -> None:
    for place, byte in enumerate(row):
        left = row[place - _RGB] if place >= _RGB else 0
        corner = above[place - _RGB] if place >= _RGB else 0
        row[place] = byte + _foretold(kind, left, above[place], corner) & 0xFF


def _foretold(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:  # noqa: PLR2004 - Paeth
        guess = left + up - corner
        return min((left, up, corner), key=lambda it: abs(guess - it))
    return (0, left, up, (left + up) // 2)[kind]


def _written(rows: list[list[Colour]], width: int, height: int) -> bytes:
    counted = Counter(pixel for row in rows for pixel in row)
    palette = _palette(counted)
    places = {it: min(range(len(palette)), key=lambda n: _far(it, palette[n])) for it in counted}
    lines = b"".join(b"\0" + bytes(places[pixel] for pixel in row) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, _DEPTH, _TYPE_PALETTE, 0, 0, 0)
    colours = bytes(part for colour in palette for part in colour)
    packed = zlib.compress(lines, 9)
    parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", packed), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, body) for name, body in parts)


def _palette(counted: Counter[Colour]) -> list[Colour]:
    """Return the colours that are missed most, one by one: rare ones too, if none is near."""
    missed = dict.fromkeys(sorted(counted), _FARTHEST)
    palette: list[Colour] = []
    while len(palette) < _COLOURS and any(missed.values()):
        chosen = max(missed, key=lambda it: missed[it] * counted[it])
        palette.append(chosen)
        missed = {it: min(far, _far(it, chosen)) for it, far in missed.items()}
    return palette


def _far(one: Colour, other: Colour) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
