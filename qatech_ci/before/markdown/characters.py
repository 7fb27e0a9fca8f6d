"""Which characters of a text a reader can see."""

import re

_LINE_ENDS = "\r\n?|[\u0085\u2028\u2029]"

# Scripts in which a joiner or non-joiner changes the shape of letters: Arabic to Myanmar, Khmer,
# Mongolian, Arabic's presentation forms (Unicode 16, section 23.2.2).
_JOINING = "\u0600-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
# What emoji-variation-sequences.txt allows before a variation selector outside those blocks.
_EMOJI_BASE = _EMOJI + "#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299"
_IDEOGRAPH = "\u3400-\u9fff\U00020000-\U0003ffff"

# Controls other than tab and newline, surrogates, and the format characters (category Cf) but for
# Arabic's and Kaithi's visible number signs. The joiners and selectors are left to _JOINERS.
_INVISIBLE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\ud800-\udfff]"
)
_JOINERS = (
    f"(?P<kept>(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
    f"|(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_EMOJI_BASE}])[\ufe0e\ufe0f]"
    f"|(?<=[{_IDEOGRAPH}])[\U000e0100-\U000e01ef])"
    "|[\u200c\u200d\ufe0e\ufe0f\U000e0100-\U000e01ef]"
)


def plain(text: str) -> str:
    r"""Return the text without what a reader cannot see; every kind of line end becomes `\n`.

    Dropped: controls other than `\n` and tab, bidirectional and zero-width controls, lone
    surrogates, tag and other invisible format characters. A joiner or non-joiner stays between
    two letters of a script that shapes by it (such as Persian or Hindi) and between two emoji, a
    variation selector after an emoji or an ideograph, since words and emoji fall apart without.
    """
    visible = re.sub(_INVISIBLE, "", re.sub(_LINE_ENDS, "\n", text))
    if visible.isascii():
        return visible
    return re.sub(_JOINERS, lambda found: found["kept"] or "", visible)
