"""The pictures of comment and summary."""

import struct
import zlib
from pathlib import Path

import pytest

from tools.pictures.__main__ import update
from tools.pictures.pages import THEMES, WIDTH, body, page
from tools.pictures.png import small
from tools.pictures.record import FOLDER, digests, drawn, files, keep
from tools.pictures.samples import samples

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 250)
ROWS = [[RED, GREEN, BLUE], [GREEN, RED, RED], [BLUE, RED, GREEN]]


def test_the_pictures_show_what_the_code_writes_now() -> None:
    """If this fails, run `make pictures` and look at them."""
    assert drawn() == digests()


def test_there_are_no_other_pictures() -> None:
    """One that nothing draws any more would show what is no longer so."""
    assert set(FOLDER.glob("*.png")) == {file for name in samples() for file in files(name)}


def test_the_pictures_are_small() -> None:
    """They are loaded by whoever opens the README, and cloned by everybody."""
    assert sum(file.stat().st_size for file in FOLDER.glob("*.png")) < 1_000_000
    for file in FOLDER.glob("*.png"):
        assert struct.unpack_from(">I", file.read_bytes(), 16) == (WIDTH,), file.name


def test_every_ending_is_among_the_pictures() -> None:
    """Each verdict that a reader may meet can be looked at before it is met."""
    titles = "\n".join(text.splitlines()[0] for text in samples().values())
    for word in ("running", "passed", "failed", "unverified", "no clear verdict", "timed out"):
        assert f"QA.tech review: {word}" in titles
    for word in ("cancelled", "skipped", "error", "started", "not run"):
        assert f"QA.tech review: {word}" in titles


@pytest.mark.parametrize("theme", THEMES)
def test_a_page_is_what_github_would_show(theme: str) -> None:
    """Its renderer, its stylesheet, and its boxes for alerts."""
    html = page("comment-x", "> [!WARNING]\n> **Look**\n\nx", theme, ".markdown-body {}")
    assert "<p class='markdown-alert-title'>" in html
    assert "<strong>Look</strong>" in html
    assert "[!WARNING]" not in html
    assert "<style>.markdown-body {}</style>" in html


def test_a_box_without_an_icon_is_a_box() -> None:
    """The page uses two kinds; others are drawn plainly."""
    assert body("> [!TIP]\n> x").startswith("<div class='markdown-alert markdown-alert-tip'><p")


def test_without_chromium_it_is_said_what_to_install(tmp_path: Path) -> None:
    """And nothing is written that would call the pictures current."""
    with pytest.raises(SystemExit, match="apt-get install chromium"):
        update(tmp_path, path="")
    assert list(tmp_path.iterdir()) == []


def test_where_all_is_current_nothing_is_drawn(tmp_path: Path) -> None:
    """So that another machine's fonts do not change the tree; what is left over goes."""
    for file in (file for name in samples() for file in files(name, tmp_path)):
        file.touch()
    (tmp_path / "comment-old-dark.png").touch()
    keep(digests(), tmp_path)
    before = (tmp_path / "manifest.json").read_bytes()
    assert update(tmp_path, path="").startswith("0 of ")
    assert (tmp_path / "manifest.json").read_bytes() == before
    assert not (tmp_path / "comment-old-dark.png").exists()
    assert drawn(tmp_path) == digests()


def test_a_picture_that_is_missing_is_drawn_again(tmp_path: Path) -> None:
    """The manifest alone does not make it current."""
    keep(digests(), tmp_path)
    assert drawn(tmp_path) == {}


@pytest.mark.parametrize("kind", range(5))
def test_packing_a_picture_keeps_its_pixels(kind: int) -> None:
    """Whichever filter the browser's encoder chose."""
    data = b"".join(bytes([kind]) + row for row in filtered(kind))
    packed = small(png(data, 2))
    chunks = dict(parts(packed))
    palette = [tuple(chunks[b"PLTE"][n : n + 3]) for n in range(0, len(chunks[b"PLTE"]), 3)]
    lines = zlib.decompress(chunks[b"IDAT"])
    assert [[palette[n] for n in lines[at + 1 : at + 4]] for at in (0, 4, 8)] == ROWS


def test_another_kind_of_picture_is_refused() -> None:
    """Rather than packed into noise."""
    with pytest.raises(ValueError, match="type 6"):
        small(png(b"", 6))


def filtered(kind: int) -> list[bytes]:
    """Return the rows with a PNG filter applied."""
    flat = [bytes(part for pixel in row for part in pixel) for row in ROWS]
    above = [bytes(9), *flat]
    return [
        bytes(byte - foretold(kind, row, up, n) & 0xFF for n, byte in enumerate(row))
        for row, up in zip(flat, above, strict=False)
    ]


def foretold(kind: int, row: bytes, above: bytes, n: int) -> int:
    """Return what a PNG filter expects at a place, by the specification."""
    a, b, c = (row[n - 3] if n > 2 else 0), above[n], (above[n - 3] if n > 2 else 0)
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    paeth = a if pa <= pb and pa <= pc else b if pb <= pc else c
    return [0, a, b, (a + b) // 2, paeth][kind]


def png(data: bytes, kind: int) -> bytes:
    """Return a PNG of 3 by 3 pixels."""
    head = struct.pack(">IIBBBBB", 3, 3, 8, kind, 0, 0, 0)
    bodies = ((b"IHDR", head), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(it)) + name + it + b"\0\0\0\0" for name, it in bodies)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def parts(png: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG."""
    found, place = [], 8
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        found.append((png[place + 4 : place + 8], png[place + 8 : place + 8 + length]))
        place += length + 12
    return found
