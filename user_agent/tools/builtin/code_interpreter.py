"""Python that a model wrote, run in a sandbox: its words for the model, its figures and files for the person."""

import mimetypes
import re
from typing import Annotated

from pydantic import Field

from user_agent.errors import ToolError
from user_agent.messages import FilePart
from user_agent.sandbox.bench import Bench, Worked
from user_agent.sandbox.heard import End
from user_agent.sandbox.kernel import KernelFailed
from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.made import told_of
from user_agent.vendors.results import checked_picture
from user_agent.words import FREE, Words

NAME = "code_interpreter"
MAX_CODE_CHARS = 60_000
MAX_FILES = 10
MAX_FILE_BYTES = 20_000_000
_FENCED = re.compile(r"```[\w+-]*\s*\n(.*?)(?:\n```|\Z)", re.DOTALL)
_RASTERS = ("image/png", "image/jpeg", "image/webp")
_UNKNOWN = "application/octet-stream"

_OFF = Words(
    zh="这里没有可以运行代码的沙箱。请不用它来回答。",
    en="There is no sandbox to run code in here. Answer without it.",
)
_EMPTY = Words(zh="没有要运行的代码。请写上 Python 代码再调用。", en="There is no code. Call again with Python code.")
_NO_START = Words(
    zh="代码没有运行：沙箱没有启动。请稍后再试一次，或不用它来回答。",
    en="The code was not run: the sandbox did not start. Try again in a moment, or answer without it.",
)
_QUIET = Words(zh="代码运行完了，没有输出。", en="The code ran and printed nothing.")
_ENDS: dict[End, Words] = {
    "late": Words(
        zh="[代码运行到 {seconds:g} 秒的时限被停下，以上是到那时为止的输出。"
        "请检查是否有死循环，或减少数据、分几步做。]",
        en="[The code was stopped at its limit of {seconds:g} seconds; above is what it printed until then. Look for a "
        "loop that does not end, take less data, or do it in several steps.]",
    ),
    "flood": Words(
        zh="[输出太多，代码被停下。请少打印一些，例如只打印前几行或汇总。]",
        en="[The code printed too much and was stopped. Print less: the first rows, or a summary.]",
    ),
    "memory": Words(
        zh="[代码用的内存超过 {memory:,} MB，被停下。请分块处理，或只读需要的列。]",
        en="[The code took more than {memory:,} MB of memory and was stopped. Work in chunks, or read only the columns "
        "that are needed.]",
    ),
    "disk": Words(
        zh="[代码写的文件太多或太大（最多 {disk:,} MB、{files:,} 个文件），被停下，工作文件夹已清空；"
        "用户的文件下次运行时会重新放进去。]",
        en="[The code wrote too many or too large files (at most {disk:,} MB in {files:,} files) and was stopped. The "
        "work folder was emptied; the person's files will be there again at the next run.]",
    ),
    "gone": Words(
        zh="[运行代码的进程结束了：可能是代码让它退出，或占用的资源超过了限制。]",
        en="[The process that ran the code ended: the code made it exit, or took more than it may.]",
    ),
}
_LOST = Words(
    zh="[之前的变量已不在，文件还在。请重新导入和读取需要的东西。]",
    en="[Variables are gone now; files are still there. Import and read again what is needed.]",
)
_FORGOT = Words(
    zh="[距上次运行已久，之前的变量在这次运行前已清除，文件还在。]",
    en="[It has been a while: variables of earlier runs were not there any more in this one. Files were.]",
)
_BROUGHT = Words(
    zh="[工作文件夹里新放入的文件：{names}]", en="[New in the work folder, from the conversation: {names}]"
)
_NOT_KEPT = Words(
    zh="[这些文件没有交给用户，因为数量超过 {count} 个、单个超过 {size} MB 或不是普通文件：{names}]",
    en="[These files were not handed to the person, because there are more than {count}, they are larger than {size} "
    "MB, or no regular files: {names}]",
)
_FIGURE = Words(zh="代码画出的图", en="A figure that the code drew")


async def code_interpreter(
    code: Annotated[
        str,
        Words(zh="要运行的 Python 代码；想看到的结果请用 print 输出", en="Python source; print what you want to read"),
        Field(max_length=MAX_CODE_CHARS),
    ],
    context: ToolContext,
) -> ToolOutput:
    """Run Python in a sandbox: calculate, analyse the person's files with pandas, draw charts with matplotlib.
    Files of the conversation are in the current folder under their names. Variables stay from call to call. There is no
    network and nothing can be installed; numpy, pandas, matplotlib, Pillow and openpyxl are there. Figures that are
    shown and files that are written are given to the person; Chinese in figures works without setting fonts.

    在沙箱里运行 Python：计算、用 pandas 分析用户的文件、用 matplotlib 画图。
    对话中的文件就在当前文件夹里，变量在多次调用之间保留。
    不能联网，也不能安装任何东西；有 numpy、pandas、matplotlib、Pillow 和 openpyxl。
    显示的图和写出的文件会直接交给用户；图里的中文不用设置字体。
    """
    bench, language = context.bench, context.language
    if bench is None:
        raise ToolError(context.unavailable.get(NAME, _OFF)[language])
    source = _source(code)
    if not source.strip():
        raise ToolError(_EMPTY[language])
    async with bench.alone():
        try:
            brought = await bench.bring(context.files)
            worked = await bench.run(source)
        except KernelFailed as error:
            raise ToolError(_NO_START[language]) from error
        files, left_out = await _kept(worked, bench, context)
        await bench.know(files)
    said = [*_said(worked, bench, context), told_of(files, language)]
    if brought:
        said.append(_BROUGHT[language].format(names=", ".join(brought)))
    if left_out:
        said.append(
            _NOT_KEPT[language].format(
                count=MAX_FILES, size=MAX_FILE_BYTES // 1_000_000, names=", ".join(map(repr, left_out[:MAX_FILES]))
            )
        )
    return ToolOutput("\n".join(filter(None, said)), files)


def _source(code: str) -> str:
    """The code itself, where a model put it into a block as it does in its answers."""
    fenced = _FENCED.search(code) if code.lstrip().startswith("```") else None
    return fenced[1] if fenced else code


def _said(worked: Worked, bench: Bench, context: ToolContext) -> list[str]:
    """What the code printed, and how it ended."""
    ran, language = worked.ran, context.language
    said = [_FORGOT[language]] if worked.forgot else []
    said.append(ran.text.strip("\n"))
    if ran.end != "done":
        limits = bench.limits
        said.append(
            _ENDS[ran.end][language].format(
                seconds=limits.run_s,
                memory=limits.memory_bytes // 1_000_000,
                disk=limits.disk_bytes // 1_000_000,
                files=limits.files,
            )
        )
    elif not ran.text.strip() and not ran.pictures and not worked.changed:
        said.append(_QUIET[language])
    if not ran.kept:
        said.append(_LOST[language])
    return said


async def _kept(worked: Worked, bench: Bench, context: ToolContext) -> tuple[tuple[FilePart, ...], list[str]]:
    """The figures and files as the conversation's, and the paths of files that are not."""
    kept: list[FilePart] = []
    for number, picture in enumerate(worked.ran.pictures, 1):
        if file := await _figure(picture, f"figure-{number}", context):
            kept.append(file)
    left_out = list(worked.changed[MAX_FILES:])
    for path in worked.changed[:MAX_FILES]:
        data = await bench.read(path, MAX_FILE_BYTES)
        if data is None:
            left_out.append(path)
        else:
            kept.append(await _file(path.rpartition("/")[2], data, context))
    return tuple(kept), left_out


async def _figure(data: bytes, name: str, context: ToolContext) -> FilePart | None:
    """Decoded and encoded anew, as every picture from outside; what is none is nothing."""
    try:
        picture = await checked_picture(data, context)
    except ToolError:
        return None
    ending = picture.media_type.removeprefix("image/")
    file = await context.keep(picture.data, name=f"{name}.{ending}", media_type=picture.media_type)
    return file.model_copy(update={"alt": _FIGURE[context.language]})


async def _file(name: str, data: bytes, context: ToolContext) -> FilePart:
    media_type = mimetypes.guess_type(name)[0] or _UNKNOWN
    if media_type in _RASTERS:
        try:
            data = (await checked_picture(data, context)).data
        except ToolError:
            media_type = _UNKNOWN
    return await context.keep(data, name=name, media_type=media_type)


CODE_INTERPRETER = Tool.from_function(
    code_interpreter,
    name=NAME,
    label=Words(zh="代码解释器", en="Code interpreter"),
    summary=Words(
        zh="在隔离的沙箱里运行 Python：计算、分析表格文件、画图。不联网，也碰不到服务器上的其他东西。",
        en="Runs Python in a sandbox: calculates, analyses files, draws charts. It has no network and sees nothing "
        "else of the server.",
    ),
    group="code",
    cost=FREE,
    timeout_s=180.0,
)
