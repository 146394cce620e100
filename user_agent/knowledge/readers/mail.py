"""Mails: who wrote when about what, the words, and the attachments."""

import email
from collections.abc import Iterator
from email import policy
from email.message import MIMEPart

from user_agent.knowledge.readers import html, text
from user_agent.knowledge.readers.members import read_member
from user_agent.knowledge.readers.source import Piece, Read, Source, Title, Unreadable

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MAX_HEADER_CHARS = 1_000


def read(source: Source) -> Iterator[Read]:
    """The heads and the body as pieces below the subject; each attachment as a file of its own."""
    message = email.message_from_bytes(source.data, policy=policy.default)
    heads = [(name, " ".join(str(message[name]).split())[:_MAX_HEADER_CHARS]) for name in _HEADERS if message[name]]
    if not heads:
        raise Unreadable("broken")
    subject = dict(heads).get("Subject", "")
    path = (subject,) if subject else ()
    if subject:
        yield Title(subject)
    yield source.piece("\n".join(f"{name}: {words}" for name, words in heads), "text", path)
    body = message.get_body(("plain", "html"))
    if body is not None:
        for found in _body(source, body):
            if isinstance(found, Piece):
                yield source.piece(found.text, found.kind, (*path, *found.headings))
    for number, part in enumerate(message.iter_attachments(), 1):
        yield from _attachment(source, part, number)


def _body(source: Source, body: MIMEPart) -> Iterator[Read]:
    data = body.get_payload(decode=True)
    reader = html.read if body.get_content_subtype() == "html" else text.read
    charset = str(body.get_content_charset() or "")
    return reader(source.part(data if isinstance(data, bytes) else b"", charset))


def _attachment(source: Source, part: MIMEPart, number: int) -> Iterator[Read]:
    inner = part.get_payload(0) if part.get_content_type() == "message/rfc822" and part.is_multipart() else None
    if isinstance(inner, MIMEPart):
        data, name = inner.as_bytes(), part.get_filename() or f"{number}.eml"
    else:
        payload = part.get_payload(decode=True)
        data, name = payload if isinstance(payload, bytes) else b"", part.get_filename() or f"{number}"
    source.budget.members -= 1
    source.budget.unpacked_bytes -= len(data)
    if source.budget.members < 0 or source.budget.unpacked_bytes < 0:
        raise Unreadable("members" if source.budget.members < 0 else "unpacks")
    yield from read_member(source, name, data)
