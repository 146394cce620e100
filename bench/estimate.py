"""How far the estimate of tokens is from Qwen's vocabulary, which comes with the DashScope SDK.

    python -m bench.estimate [FILE.jsonl …]

Measures this repository's own texts by kind, texts that no estimate likes, and the `text` of each line of the files.
"""

import base64
import json
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from random import Random

import tiktoken

from user_agent.memory.tokens import estimate_tokens

ROOT = Path(__file__).parent.parent
# As Qwen's own tokenizer cuts texts before it looks for pieces.
_CUTS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def vocabulary() -> tiktoken.Encoding:
    lines = (files("dashscope") / "resources" / "qwen.tiktoken").read_bytes().splitlines()
    ranks = {base64.b64decode(piece): int(rank) for piece, rank in (line.split() for line in lines if line)}
    return tiktoken.Encoding("qwen", pat_str=_CUTS, mergeable_ranks=ranks, special_tokens={})


def samples(given: Iterable[str]) -> dict[str, list[str]]:
    """Texts by kind."""
    read = {name: [file.read_text("utf-8") for file in ROOT.glob(pattern)] for name, pattern in _OURS.items()}
    random = Random(1).randbytes(3_000)
    hard = {
        "base64": base64.b64encode(random).decode(),
        "hexadecimal": random.hex(),
        "rare characters": "龘靐齉齾爩鱻麤" * 20,
        "emoji": "😀🎉👍🏽" * 50,
    }
    lines = {
        name: [str(json.loads(line)["text"]) for line in Path(name).read_text("utf-8").splitlines()] for name in given
    }
    return {**read, **lines, **{name: [text] for name, text in hard.items()}}


_OURS = {
    "Chinese": "README_zh.md",
    "English": "docs/*.md",
    "Python": "user_agent/**/*.py",
    "JavaScript": "static/chat/*.js",
    "JSON": "config/*.json",
}


def main() -> None:
    counted = vocabulary()
    print("| texts | number | estimate / tokens: lowest | median | highest | characters per token |")
    print("|---|---|---|---|---|---|")
    for name, found in samples(sys.argv[1:]).items():
        tokens = [len(counted.encode(text, disallowed_special=())) for text in found]
        ratios = sorted(estimate_tokens(text) / count for text, count in zip(found, tokens, strict=True) if count)
        low, middle, high = ratios[0], ratios[len(ratios) // 2], ratios[-1]
        chars = sum(map(len, found)) / sum(tokens)
        print(f"| {name} | {len(ratios)} | {low:.2f} | {middle:.2f} | {high:.2f} | {chars:.2f} |")


if __name__ == "__main__":
    main()
