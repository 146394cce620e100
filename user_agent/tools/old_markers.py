"""How the predecessor's tools answered with a picture, a sound or a video: by a marker with its address."""

import re

from user_agent.messages import FilePart
from user_agent.tools.base import ToolContext, ToolOutput
from user_agent.tools.made import told_of
from user_agent.vendors.results import kept_medium, kept_picture

_MARKER = re.compile(
    r"""!\[IMAGEGEN\]\((?P<picture>https?://[^\s()]+)\)"""
    r"""|<(?P<tag>audio|video)\s+src="(?P<medium>https?://[^\s"<>]+)"\s*(?:/>|>(?:\s*</(?P=tag)>)?)"""
)


async def without_links(text: str, context: ToolContext) -> ToolOutput:
    """The answer with each marked file fetched once and kept, since links expire, and told in the place of its marker.

    Paths are left as they are: what lies on this machine is not read because somebody names it. Raises `ToolError`.
    """
    told, files, at = list[str](), list[FilePart](), 0
    for found in _MARKER.finditer(text):
        file = await _kept(found, context)
        told += [text[at : found.start()], told_of([file], context.language)]
        files.append(file)
        at = found.end()
    return ToolOutput("".join((*told, text[at:])), tuple(files))


async def _kept(found: re.Match[str], context: ToolContext) -> FilePart:
    link = found["picture"] or found["medium"]
    if found["tag"] == "audio":
        return await kept_medium(link, context, medium="audio", name="sound", alt="")
    if found["tag"] == "video" or link.partition("?")[0].lower().endswith(".gif"):
        return await kept_medium(link, context, medium="video", name="video", alt="")
    return await kept_picture(link, context, name="picture", alt="")
