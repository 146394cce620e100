"""Books (EPUB): the chapters in reading order, each read as the web page that it is."""

import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from user_agent.knowledge.readers import html
from user_agent.knowledge.readers.packed import opened
from user_agent.knowledge.readers.source import Progress, Read, Source, Title, Unreadable

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_NAMES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "o": "http://www.idpf.org/2007/opf",
    "d": "http://purl.org/dc/elements/1.1/",
}


def read(source: Source) -> Iterator[Read]:
    """The pieces of each chapter."""
    with opened(source) as archive:
        try:
            title, chapters = _contents(archive)
        except (KeyError, ParseError, DefusedXmlException, zipfile.BadZipFile) as error:
            raise Unreadable("broken") from error
        if title:
            yield Title(title)
        for number, name in enumerate(chapters, 1):
            if name not in archive.NameToInfo:
                continue
            for found in html.read(source.part(archive.read(name))):
                if not isinstance(found, Title):
                    yield found
            yield Progress(number / len(chapters))


def _contents(archive: zipfile.ZipFile) -> tuple[str, list[str]]:
    """The book's title, and where its chapters are."""
    if _ENCRYPTION in archive.NameToInfo and b"EncryptedKey" in archive.read(_ENCRYPTION):
        raise Unreadable("locked")
    root = fromstring(archive.read(_CONTAINER)).find(".//c:rootfile", _NAMES)
    package = "" if root is None else root.get("full-path", "")
    opf = fromstring(archive.read(package))
    folder = posixpath.dirname(package)
    places = {item.get("id"): item.get("href", "") for item in opf.iterfind(".//o:manifest/o:item", _NAMES)}
    spine = [places.get(item.get("idref"), "") for item in opf.iterfind(".//o:spine/o:itemref", _NAMES)]
    chapters = [posixpath.normpath(posixpath.join(folder, unquote(place))) for place in spine if place]
    return (opf.findtext(".//d:title", "", _NAMES) or "").strip(), chapters
