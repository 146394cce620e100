"""Run once by the sandbox's Python: Chinese in figures, whatever font the code that draws them asks for.

Models write `SimHei` or `Microsoft YaHei` because they have read it a thousand times; neither may be handed on, and
a font that is not there is a figure full of boxes. So one open font answers to all these names.
"""

import dataclasses
import importlib
import shutil
import site
import sys
from pathlib import Path
from typing import Any

FONT = Path("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
FAMILY = "Noto Sans SC"
ALIASES = (
    *("SimHei", "SimSun", "NSimSun", "KaiTi", "FangSong", "Microsoft YaHei", "Microsoft JhengHei", "DengXian"),
    *(
        "PingFang SC",
        "PingFang HK",
        "Heiti SC",
        "Heiti TC",
        "Hiragino Sans GB",
        "STHeiti",
        "STSong",
        "STKaiti",
        "Songti SC",
    ),
    *("STFangsong", "Arial Unicode MS", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Source Han Sans SC"),
    *("Source Han Sans CN", "Noto Sans CJK SC", "Noto Sans CJK JP", "AR PL UMing CN"),
)
# Only in a list of families does one stand in for what another lacks; of a generic one the first alone is taken.
SETTINGS = f"""\
font.family: DejaVu Sans, {FAMILY}
font.sans-serif: {FAMILY}, DejaVu Sans
font.serif: {FAMILY}, DejaVu Serif
font.monospace: DejaVu Sans Mono, {FAMILY}
axes.unicode_minus: False
"""


def main(packages: str, prepared: str) -> None:
    """`prepared` is the folder that is there for settings, and matplotlib's own by its environment."""
    folder = Path(prepared)
    (folder / "matplotlibrc").write_text(SETTINGS, encoding="utf-8")
    # Among matplotlib's own fonts, whose place is noted relative to matplotlib: the sandbox sees it elsewhere.
    shutil.copy(Path(packages, FONT), Path(packages, "matplotlib", "mpl-data", "fonts", "ttf", FONT.name))
    site.addsitedir(packages)
    # It is in the sandbox's environment, not in the one that is checked.
    font_manager: Any = importlib.import_module("matplotlib.font_manager")
    fonts = font_manager.fontManager
    ours = next(font for font in fonts.ttflist if font.name == FAMILY)
    known = {font.name for font in fonts.ttflist}
    fonts.ttflist.extend(dataclasses.replace(ours, name=alias) for alias in ALIASES if alias not in known)
    font_manager.json_dump(fonts, folder / f"fontlist-v{fonts.__version__}.json")


if __name__ == "__main__":
    main(*sys.argv[1:])
