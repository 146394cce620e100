"""The text of bytes that do not say how they are written.

Marks first, then UTF-8, which hardly anything else looks like. The rest is told by how each encoding builds its
characters: a detector that weighs frequencies alone takes four characters of Chinese for Western European.
"""

import codecs
import re
from contextlib import suppress

_SAMPLE_BYTES = 65_536
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_COMMON = re.compile(r"[\t\n\r -~\u00a0-\u00ff\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_WIDE_SHARE = 0.9
"""How much of UTF-16 has to be what people write, for it to be taken for it."""
_PLAIN = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
_PLAIN_SHARE = 0.75
"""With more bytes of ASCII it is no UTF-16: half of its Latin letters are zeros, and its Chinese has less of both."""
_LARGER = {"gbk": "gb18030", "gb2312": "gb18030", "hz-gb-2312": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252"}
"""The larger set of the same family: pages say GB2312 and mean it."""


def decode_text(data: bytes, charset: str = "") -> str:
    """The text of a file, or of its beginning: a character cut off at the end is left out.

    `charset` is what somebody said who should know; it counts where Python knows it. Broken bytes become U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, "replace")
    if charset:
        with suppress(LookupError, UnicodeError):
            "".encode(charset)  # fails for what Python calls an encoding though it makes no text: `zlib`
            return _decoded(data, _LARGER.get(charset.lower(), charset))
    if wide := _wide(data[:_SAMPLE_BYTES]):
        return _decoded(data, wide, "replace")
    try:
        return _decoded(data, "utf-8")
    except UnicodeDecodeError as error:
        if _mostly_utf8(data[:_SAMPLE_BYTES]):
            return _decoded(data, "utf-8", "replace")
        start = max(0, error.start - 1_000)
        return _decoded(data, _narrow(data[start : start + _SAMPLE_BYTES]), "replace")


def _decoded(data: bytes, encoding: str, errors: str = "strict") -> str:
    return codecs.getincrementaldecoder(encoding)(errors).decode(data)


def _wide(sample: bytes) -> str:
    """Which UTF-16 it is, without a mark; empty where it is none. Nothing else that is text holds zero bytes."""
    if b"\0" not in sample or len(sample.translate(None, _PLAIN)) < (1 - _PLAIN_SHARE) * len(sample):
        return ""
    shares = {encoding: _common_share(sample, encoding) for encoding in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] >= _WIDE_SHARE else ""


def _common_share(sample: bytes, encoding: str) -> float:
    text = _decoded(sample, encoding, "replace")
    return len(_COMMON.findall(text)) / len(text) if text else 0.0


def _mostly_utf8(sample: bytes) -> bool:
    """Whether it is UTF-8 that was broken in places: most of what is beyond ASCII is whole characters of it."""
    text = _decoded(sample, "utf-8", "replace")
    beyond = sum(character > "\x7f" for character in text)
    return beyond > 0 and text.count("\ufffd") / beyond < 0.3


def _narrow(sample: bytes) -> str:
    """The encoding of text in bytes, by the pairs that its bytes beyond ASCII come in."""
    pairs = [(sample[at], sample[at + 1]) for at in _leads(sample)]
    if b"\0" in sample:  # nobody's text, so nothing is to be known of its bytes
        return "gb18030"
    if not pairs:  # a single byte, at the very end
        return "cp1252"
    # The characters of everyday use: rows of GB 2312's first level, and Big5's, with the marks of each.
    chinese = sum(0xA1 <= lead <= 0xD7 and trail >= 0xA1 for lead, trail in pairs) / len(pairs)
    taiwanese = sum(0xA1 <= lead <= 0xC6 and (trail >= 0xA1 or 0x40 <= trail <= 0x7E) for lead, trail in pairs)
    if chinese < 0.8 and taiwanese / len(pairs) > 0.9 and _decodes(sample, "big5"):
        return "cp950"
    if chinese >= 0.5:
        return "gb18030"
    # Neither of the two that this product is used with most: the detector that reads web pages knows the others.
    from resiliparse.parse.encoding import detect_encoding  # pyright: ignore[reportMissingModuleSource]

    found = str(detect_encoding(sample) or "")
    with suppress(LookupError):
        if found not in ("", "utf-8", "big5"):
            return codecs.lookup(_LARGER.get(found, found)).name
    return "gb18030"


def _leads(sample: bytes) -> list[int]:
    """Where characters of two bytes begin, read from the first byte beyond ASCII on."""
    found, at, last = list[int](), 0, len(sample) - 1
    while at < last:
        if sample[at] < 0x80:
            at += 1
            continue
        found.append(at)
        at += 2
    return found


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        _decoded(sample, encoding)
    except UnicodeDecodeError:
        return False
    return True
