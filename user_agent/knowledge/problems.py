"""What a person is told of a file that could not be read, or not wholly: why, and what to do about it."""

from collections.abc import Mapping

from user_agent.words import Words


class FileUnreadable(Exception):
    """A file has nothing that could be read. `why` is one of the reasons below, `words` says it and names the cure."""

    def __init__(self, why: str, words: Words) -> None:
        super().__init__(words.en)
        self.why = why
        self.words = words


_REASONS: Mapping[str, Words] = {
    "unknown_kind": Words(
        zh="“{name}”不是能读的文件类型。请存成文本、PDF、Word（docx）、Excel（xlsx）等格式再上传。",
        en="'{name}' is of no kind that can be read. Save it as text, PDF, Word (docx), Excel (xlsx) or the like.",
    ),
    "old_format": Words(
        zh="“{name}”是旧版 Office 格式（doc、xls、ppt）。请另存为 docx、xlsx 或 pptx 再上传。",
        en="'{name}' is in an old Office format (doc, xls, ppt). Save it as docx, xlsx or pptx.",
    ),
    "locked": Words(
        zh="“{name}”加了密码，打不开。请去掉密码后再上传。",
        en="'{name}' is locked with a password. Save it without one.",
    ),
    "broken": Words(
        zh="“{name}”已损坏或不完整，读不出来。请重新导出或重新下载后再上传。",
        en="'{name}' is damaged or incomplete. Export or download it anew.",
    ),
    "empty": Words(
        zh="“{name}”里没有文字。请换一个有内容的文件。",
        en="'{name}' has no words in it. Choose a file that has.",
    ),
    "late": Words(
        zh="“{name}”太复杂，{seconds} 秒内没有读完。请拆成几个小一点的文件，或另存为更简单的格式。",
        en="'{name}' is too complicated: it was not read within {seconds} seconds. Split it, or save it in a simpler "
        "format.",
    ),
    "memory": Words(
        zh="读“{name}”需要的内存超过 {memory}。请拆成几个小一点的文件。",
        en="Reading '{name}' takes more than {memory} of memory. Split it into smaller files.",
    ),
    "crashed": Words(
        zh="“{name}”让读取程序崩溃了，可能已损坏。请重新导出后再上传。",
        en="'{name}' made the program that reads it crash; it may be damaged. Export it anew.",
    ),
    "too_large": Words(
        zh="“{name}”超过 {size}，不能读取。请拆成几个小一点的文件。",
        en="'{name}' is larger than {size}. Split it into smaller files.",
    ),
    "unpacks": Words(
        zh="“{name}”解压后超过 {unpacked}，已停止读取。请拆成几个小一点的文件。",
        en="'{name}' unpacks to more than {unpacked}, so reading stopped. Split it into smaller files.",
    ),
    "bomb": Words(
        zh="“{name}”解压后会超过原来的 {times} 倍，正常文件不会这样，所以没有打开。请确认它的来源，或者重新打包。",
        en="'{name}' would unpack to more than {times} times its size, as no honest file does, so it was not opened. "
        "Check where it comes from, or pack it anew.",
    ),
    "members": Words(
        zh="“{name}”里的文件多于 {members} 个，已停止读取。请分成几个压缩包。",
        en="'{name}' holds more than {members} files, so reading stopped. Make several archives of it.",
    ),
    "nested": Words(
        zh="“{name}”是压缩包里的压缩包里的压缩包，没有打开。请先解压再上传。",
        en="'{name}' is an archive in an archive in an archive, which is not opened. Unpack it first.",
    ),
    "odd_member": Words(
        zh="“{name}”的路径不正常，或者重名，没有读取。请重新打包后再上传。",
        en="'{name}' has a path that no file has, or the same as another, so it was not read. Pack the archive anew.",
    ),
    "nobody_looks": Words(
        zh="“{name}”是图片，而这里没有能看图的程序。请在服务器上安装 Tesseract（Debian：apt install tesseract-ocr "
        "tesseract-ocr-chi-sim），或者给智能体选一个能看图的模型，然后重试。",
        en="'{name}' is a picture, and there is nothing here that could look at it. Install Tesseract on the server "
        "(Debian: apt install tesseract-ocr tesseract-ocr-chi-sim), or choose a model that sees for the agent; then "
        "try again.",
    ),
    "unseen": Words(
        zh="“{name}”的图片没有看成：看图的模型或程序出了错。请稍后再试。",
        en="'{name}' could not be looked at: the model or program that does it failed. Try again later.",
    ),
    "picture_too_large": Words(
        zh="“{name}”的像素太多，没有打开。请缩小后再上传。",
        en="'{name}' has too many pixels to be opened. Make it smaller.",
    ),
    "no_process": Words(
        zh="服务器现在启动不了读取程序，可能内存不足。请稍后再试。",
        en="The server cannot start a program to read '{name}' just now; it may be short of memory. Try again later.",
    ),
    "changed": Words(
        zh="“{name}”在读取过程中被改动了。请再试一次。",
        en="'{name}' changed while it was read. Try again.",
    ),
    "gone": Words(
        zh="“{name}”已经不在了，读不到。请重新上传。",
        en="'{name}' is not there any more. Upload it again.",
    ),
}

_NOTES: Mapping[str, Words] = {
    "no_json": Words(
        zh="“{name}”不是有效的 JSON，已按普通文本读取。",
        en="'{name}' is no valid JSON; it was read as plain text.",
    ),
    "no_json_lines": Words(
        zh="“{name}”有 {count} 行不是有效的 JSON，已按普通文本读取。",
        en="{count} lines of '{name}' are no valid JSON; they were read as plain text.",
    ),
    "pages_pictures": Words(
        zh="“{name}”的第 {pages} 页是图片或扫描件，上面的文字没有读到。请在服务器上安装 Tesseract（Debian：apt install "
        "tesseract-ocr tesseract-ocr-chi-sim），或者给智能体选一个能看图的模型，然后重试。",
        en="Of '{name}', these pages are pictures or scans whose words were not read: {pages}. Install Tesseract on "
        "the server (Debian: apt install tesseract-ocr tesseract-ocr-chi-sim), or choose a model that sees for the "
        "agent; then try again.",
    ),
    "pages_left": Words(
        zh="“{name}”共 {count} 页，时间只够读到第 {first} 页。请拆成几个小一点的文件。",
        en="There was time for {first} of the {count} pages of '{name}'. Split it into smaller files.",
    ),
    "pictures_left": Words(
        zh="“{name}”里的图片太多，只看了前 {pictures} 张。请拆成几个小一点的文件。",
        en="'{name}' has too many pictures: only the first {pictures} were looked at. Split it into smaller files.",
    ),
    "unseen": Words(
        zh="“{name}”里有 {count} 张图片没有看成：看图的模型或程序出了错。请稍后重试。",
        en="{count} pictures in '{name}' could not be looked at: the model or program that does it failed. Try again "
        "later.",
    ),
    "no_chinese": Words(
        zh="服务器上的 Tesseract 不认识中文。请安装中文语言包（Debian：apt install tesseract-ocr-chi-sim），然后重试。",
        en="Tesseract knows no Chinese on this server. Install its language (Debian: apt install "
        "tesseract-ocr-chi-sim) and try again.",
    ),
    "no_values": Words(
        zh="“{name}”里有公式还没有算出结果，这些单元格读不到值。请用 Excel 或 WPS 打开并保存一次再上传。",
        en="Some formulas in '{name}' have no value yet, so those cells are empty here. Open it in a spreadsheet "
        "program, save it, and upload it again.",
    ),
    "member": Words(
        zh="压缩包或邮件里有文件没有读到。{reason}",
        en="A file in it was not read. {reason}",
    ),
    "cut": Words(
        zh="“{name}”的文字太多，只读了前 {chars} 个字符。请拆成几个小一点的文件。",
        en="'{name}' has too much text: only its first {chars} characters were read. Split it into smaller files.",
    ),
}
CUT = frozenset({"cut", "pages_left"})
"""The notes that say that the end was not reached."""


def unreadable(why: str, params: Mapping[str, str | int]) -> FileUnreadable:
    """The error for a reason."""
    return FileUnreadable(why, _filled(_REASONS[why], params))


def note(what: str, params: Mapping[str, str | int]) -> Words:
    """The words of a note. One on a file within the file says why that was not read, as if it had come alone."""
    if (why := params.get("why")) is None:
        return _filled(_NOTES[what], params)
    reason = _filled(_REASONS[str(why)], params)
    return Words(_NOTES[what].zh.format(reason=reason.zh), _NOTES[what].en.format(reason=reason.en))


def _filled(words: Words, params: Mapping[str, str | int]) -> Words:
    return Words(words.zh.format_map(params), words.en.format_map(params))
