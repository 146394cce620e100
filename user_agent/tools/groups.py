"""What kinds of tools there are, for people who look for one."""

from collections.abc import Mapping
from typing import Literal

from user_agent.words import Words

GroupId = Literal["search", "pictures", "media", "language", "data", "code", "other"]

GROUPS: Mapping[GroupId, Words] = {
    "search": Words("搜索与网页", "Search and web"),
    "pictures": Words("图片", "Pictures"),
    "media": Words("声音与视频", "Sound and video"),
    "language": Words("语言与文本", "Language and texts"),
    "data": Words("数据与时间", "Data and time"),
    "code": Words("代码", "Code"),
    "other": Words("其他", "Other"),
}
"""What they are called, in the order in which they are shown."""
