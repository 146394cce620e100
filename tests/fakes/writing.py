"""Long answers, for benchmarks and tests of how they are drawn: Markdown with everything in it that is costly."""

import itertools

_SECTION = '''## {number}. A part of the whole

The plan has **three sides**, and each asks for `one_decision` of its own; see [the notes](https://example.org).
中文也在里面，因为人们两种文字都写，而且会连着写很长的一段，中间没有空格。Mathematics: $a_{number}^2 + b^2 = c^2$.

- the first thing to do is to look at what is there
- the second is to ask *who* needs it
  - and whether they said so
- the third is to write it down

| what | how many | by when |
|---|---:|---|
| drafts | {number} | Monday |
| reviews | 2 | Wednesday |
| the last word | 1 | Friday, 17:00 |

```python
def part_{number}(items: list[str], *, limit: int = 20) -> dict[str, int]:
    """Counts what is there, up to a limit."""
    counts: dict[str, int] = {{}}
    for item in items[:limit]:
        counts[item] = counts.get(item, 0) + 1  # one more
    return counts
```

$$\\int_0^{{{number}}} \\frac{{x^2 + 1}}{{\\sqrt{{1 + x}}}}\\,dx = \\sum_{{k=0}}^{{n}} \\binom{{n}}{{k}} x^k$$

> Whoever reads this far may rest a moment. The rest is as long again, and no more difficult.

'''


def markdown(chars: int) -> str:
    """So many characters of headings, lists, tables, code, formulas and prose in two scripts."""
    parts: list[str] = []
    for number in itertools.count(1):
        parts.append(_SECTION.format(number=number))
        if sum(map(len, parts)) >= chars:
            return "".join(parts)[:chars]
    raise AssertionError


def long_code(chars: int) -> str:
    """One block of code as long as that, which no paragraph divides."""
    line = 'value_{number} = compute({number}, scale=1.5, name="item {number}")  # the next of many\n'
    lines = "".join(line.format(number=number) for number in range(chars // 60))
    return f"Here it is:\n\n```python\n{lines[:chars]}```\n"


def long_prose(chars: int) -> str:
    """One paragraph as long as that."""
    return ("It goes on and on, with **bold** words and `code`, without ever beginning a new line. " * (chars // 80))[
        :chars
    ]
