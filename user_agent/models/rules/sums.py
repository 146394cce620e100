"""How people say sums, as data: each row turns words into the calculator's signs. Numbers are digits by then."""

import re
from collections.abc import Callable

_V = r"(?<![\d.])(\d+(?:\.\d+)?)"
_OPEN = r"(?<![\d.])(\d+(?:\.\d+)?[%％]?)"
_MONEY_ZH = r"(?:元|块钱?|人民币|美元|欧元|英镑|日元)?"
_ANY_THING_EN = r"(?:\s+(?:people|persons|friends|ways|of us|parts|kids|guests))?"
_AFTER_VALUE = r"(?<=[\d)）%％π!])\s*"

_FIRST = r"(?<![-+*/×÷(]\s)(?<![-+*/×÷(.\d])"
_ALONE = r"(?!\s*(?:of\b|on\b|off\b|的|[-+*/×÷\d(]))"
"""A percentage taken of the number before it, as calculators do: 50 + 20%. Not within a longer sum."""

Rewrite = str | Callable[[re.Match[str]], str]


def _mean(found: re.Match[str]) -> str:
    numbers = re.findall(r"\d+(?:\.\d+)?", found[0])
    return f"({'+'.join(numbers)})/{len(numbers)}"


def _total(found: re.Match[str]) -> str:
    return f"({'+'.join(re.findall(r'[0-9]+(?:[.][0-9]+)?', found[0]))})"


_LIST = r"(?<![\d.])\d+(?:\.\d+)?(?: ?(?:[,，、和与] ?(?:and )?|and )\d+(?:\.\d+)?){1,20}"

SPOKEN: tuple[tuple[re.Pattern[str], Rewrite], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), rewrite)
    for pattern, rewrite in (
        (r"\b(?:a|1)\s+dozen\b", "12"),
        # Lists
        (rf"(?:the\s+)?\b(?:average|mean) of\s+({_LIST})", _mean),
        (rf"({_LIST})\s*的?平均(?:数|值|是)?", _mean),
        (r"\badd (?:up )?(?<![\d.])\d+(?:\.\d+)?(?: ?(?:, ?(?:and )?|and )\d+(?:\.\d+)?){2,20}", _total),
        (rf"(?:the\s+)?\b(?:sum|total) of\s+({_LIST})", _total),
        # Percentages
        (r"\s*\b(?:percent|per cent)\b", "%"),
        (rf"{_V}\s*[%％]\s*off\s+(?:of\s+)?{_V}", r"\2*(1-\1%)"),
        (rf"\b(?:increase|raise)\s+{_V}\s+by\s+{_V}\s*[%％]", r"\1*(1+\2%)"),
        (rf"\b(?:decrease|reduce|lower)\s+{_V}\s+by\s+{_V}\s*[%％]", r"\1*(1-\2%)"),
        (rf"{_V}\s*[%％]\s*(?:more|higher) than\s+{_V}", r"\2*(1+\1%)"),
        (rf"{_V}\s*[%％]\s*(?:less|lower) than\s+{_V}", r"\2*(1-\1%)"),
        (rf"{_FIRST}{_V}\s*(?:\bplus\s|\+|加上?)\s*{_V}\s*[%％]{_ALONE}", r"\1*(1+\2%)"),
        (rf"{_FIRST}{_V}\s*(?:\bless\s|\bminus\s|-|减去?)\s*{_V}\s*[%％]{_ALONE}", r"\1*(1-\2%)"),
        (rf"{_V}\s*(?:增加|上涨|涨了?|提高)\s*{_V}\s*[%％]", r"\1*(1+\2%)"),
        (rf"{_V}\s*(?:减少|下降|降了?|降低|打掉)\s*{_V}\s*[%％]", r"\1*(1-\2%)"),
        (r"([%％])\s*(?:tip\s+)?(?:of\b|on\b|的(?=\s*\d))\s*", r"\1*"),
        (rf"{_V}\s*{_MONEY_ZH}\s*的\s*{_V}\s*([%％])", r"\1*\2\3"),
        # Discounts: 85折 is 0.85, and so is 8.5折
        (rf"(?:打\s*)?(\d)\.?(\d?)\s*折(?:的|后?原价)\s*{_V}\s*{_MONEY_ZH}", r"\3*0.\1\2"),
        (rf"(?:原价\s*)?{_V}\s*{_MONEY_ZH}(?:的\S{{0,4}}?)?\s*[,，]?\s*打?\s*(\d)\.?(\d?)\s*折", r"\1*0.\2\3"),
        (r"(?<=[)）])\s*打\s*(\d)\.?(\d?)\s*折", r"*0.\1\2"),
        # Sharing
        (rf"{_V}\s*(?:个|位|名)?人?\s*(?:平分|均分|平摊|分摊)\s*{_V}", r"\2/\1"),
        (
            rf"(?<=[\d)）])\s*{_MONEY_ZH}[,，]?\s*(?:(?:平分|均分|平均分|分)给|由|给|让)?\s*"
            rf"{_V}\s*(?:个|位|名)?人\s*(?:来|去)?(?:平分|均分|平摊|分摊|分|AA)?",
            r"/\1",
        ),
        (rf"^\s*{_V}\s*(?:个|位|名)?人\s*(?:来|去)?(?:平分|均分|平摊|分摊)", r"/\1"),
        (
            rf"\b(?:split|share|divide)\s+{_V}\s+(?:evenly\s+|equally\s+)?(?:between|among|by|into|"
            rf"with)\s+{_V}{_ANY_THING_EN}",
            r"\1/\2",
        ),
        (
            rf"[,，]?\s*\b(?:and\s+)?(?:split|shared|divided)\s+(?:it\s+)?(?:evenly\s+|equally\s+)?"
            rf"(?:(?:between|among|by|into)\s+)?{_V}{_ANY_THING_EN}",
            r"/\1",
        ),
        # Prices
        (
            rf"(?:1|每)\s*[个件斤本张杯瓶只台支份公]+\s*{_V}\s*元?[,，]?\s*(?:买|要)\s*{_V}\s*[个件斤本张杯瓶只台支份]",
            r"\1*\2",
        ),
        (rf"买\s*{_V}\s*[个件斤本张杯瓶只台支份]\s*{_V}\s*元\s*的?\s*(?:东西|商品)?", r"\1*\2"),
        (rf"{_V}\s+[a-z]+\s+at\s+{_V}\s+each", r"\1*\2"),
        # Parts and multiples
        (rf"(?:\ba\s+)?\bhalf of\s+{_V}", r"\1/2"),
        (rf"\b(?:a|1) third of\s+{_V}", r"\1/3"),
        (rf"\b(?:a|1) (?:quarter|fourth) of\s+{_V}", r"\1/4"),
        (rf"\b(?:double|twice)\s+{_V}", r"2*\1"),
        (rf"\btriple\s+{_V}", r"3*\1"),
        (rf"{_V}\s*{_MONEY_ZH}\s*的1半", r"\1/2"),
        (rf"{_V}\s*的\s*{_V}\s*分之\s*{_V}", r"\1*\3/\2"),
        (rf"{_V}\s*分之\s*{_V}", r"\2/\1"),
        (rf"{_V}\s*{_MONEY_ZH}\s*的\s*{_V}\s*倍", r"\1*\2"),
        (r"(?<![\d.])(\d+)/(\d+) of\s+(?=\d)", r"\1/\2*"),
        (rf"{_V}\s+dozen\b", r"\1*12"),
        # Powers and roots
        (r"根号", "√"),
        (r"圆周率", "π"),
        (rf"{_V}\s*(?:的平方根|开平方|开方|开根号)", r"sqrt(\1)"),
        (rf"{_V}\s*的立方根", r"\1**(1/3)"),
        (rf"(?:the\s+)?square root of\s+{_V}", r"sqrt(\1)"),
        (rf"(?:the\s+)?cube root of\s+{_V}", r"\1**(1/3)"),
        (rf"(?:the\s+)?square of\s+{_V}", r"\1**2"),
        (rf"(?:the\s+)?cube of\s+{_V}", r"\1**3"),
        (rf"{_V}\s*的\s*(\d+)\s*次方", r"\1**\2"),
        (r"(?<=\d)(?:\s*的平方|\s+squared\b)", "**2"),
        (r"(?<=\d)(?:\s*的立方|\s+cubed\b)", "**3"),
        (rf"{_V}\s+to the\s+(?:power (?:of\s+)?)?(\d+)(?:st|nd|rd|th)?(?:\s+power)?", r"\1**\2"),
        (r"(\d+)\s*(?:的阶乘|factorial\b)", r"\1!"),
        # Verbs before
        (rf"\badd\s+{_OPEN}\s+(?:and|to|with)\s+{_OPEN}", r"\1+\2"),
        (rf"\bsubtract\s+{_OPEN}\s+from\s+{_OPEN}", r"\2-\1"),
        (rf"\bmultiply\s+{_OPEN}\s+(?:by|with|and)\s+{_OPEN}", r"\1*\2"),
        (rf"(?:the\s+)?\bproduct of\s+{_OPEN}\s+and\s+{_OPEN}", r"\1*\2"),
        (rf"(?:the\s+)?\bdifference (?:between|of)\s+{_OPEN}\s+and\s+{_OPEN}", r"\1-\2"),
        (rf"\bdivide\s+{_OPEN}\s+(?:by|into)\s+{_OPEN}", r"\1/\2"),
        (rf"\btake\s+{_OPEN}\s+(?:away\s+)?from\s+{_OPEN}", r"\2-\1"),
        # Signs
        (_AFTER_VALUE + r"(?:乘以|乘上|乘|times\b|multiplied by\b|x(?=\s*[\d(√]))\s*", "*"),
        (_AFTER_VALUE + r"(?:除以|divided by\b|over(?=\s*\d))\s*", "/"),
        (_AFTER_VALUE + r"(?:加上|加|plus\b)\s*", "+"),
        (_AFTER_VALUE + r"(?:减去|减掉|减|minus\b|less(?=\s*\d)|take away\b)\s*", "-"),
        (_AFTER_VALUE + r"mod(?:ulo)?\s+", " % "),
        (r"(?<=\d)\s*([(（])", r"*\1"),
        (r"([)）])\s*(?=[(（\d])", r"\1*"),
    )
)
"""Rows are tried in order, each everywhere in the text."""

LEADING_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(r"^\s*(?:再|又|然后|and\s+|then\s+|now\s+)*" + pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (r"(?:乘以|乘上|乘|times\b|multiplied by\b|multiply (?:it |that )?by\b|x(?=\s*\d)|[*×])\s*", "*"),
        (r"(?:除以|divided by\b|divide (?:it |that )?by\b|[/÷])\s*", "/"),
        (r"(?:加上|加|plus\b|add\b|\+)\s*", "+"),
        (r"(?:减去|减掉|减|minus\b|subtract\b|less\b|[-−])\s*", "-"),
        (r"(?=打?\s*\d[\d.]?\s*折)打?\s*", "折"),
    )
)
"""How a message goes on from the result before it: "再加3", "times 2"."""

THEN = re.compile(
    r"[,，;；]?\s*(?:然后再?|接着再?|之后再?|再(?=[加减乘除打由给平分\d])|\b(?:and\s+)?then\b)\s*|"
    r"[,，]?\s*(?:\band\s+)?(?=\bsplit (?:it |evenly |equally )*(?:between|among|by)\b)|[,，"
    r"]\s*(?=\d+\s*(?:个|位|名)?人\s*(?:来|去)?(?:平分|均分|平摊|分摊))",
    re.IGNORECASE,
)
"""Between two steps: the second works on the result of the first, so 50加50再乘2 is 200."""

ROUNDED = re.compile(
    r"[,，]?\s*(?:保留|精确到|取)\s*(?:小数点后)?\s*(\d)\s*位(?:小数)?|\brounded? to (\d) "
    r"(?:decimals?|decimal places|places)\b",
    re.IGNORECASE,
)

FILLERS = re.compile(
    r"[,，]?\s*每人(?:应?付?给?|分到?)?(?:是?多少|几)?[元块]?钱?|计算器|计算|算一算|算一下|算算|"
    r"算出|算|一下|1下|帮我|帮忙|给我|麻烦|"
    r"请问|请|谢谢|等于|得出|得|"
    r"多少|[共总]共|合计|总和|结果|答案|答|几|元|块钱|块|钱|要付|需要付|应付|是|的|呢|吗|啊|呀|"
    r"吧|我想知道|我想|想知道|知道|告诉我|"
    r"你能|你会|能不能|可以|能|个|小数|求|后|把|将|一共|1共|那么|那|"
    r"\b(?:could you|can you|would you|please|thanks?|thank you|hey|hi|hello|calculate|compute|evaluate|work out|solve|"
    r"figure out|tell me|give me|show me|do you know|what(?:'s|’s| is| are| would be)?|whats|how "
    r"much(?: is| are| would)?|is how much|"
    r"equals?|is|are|the|result of|answer to|value of|result|answer|in total|altogether|total|each|per person|"
    r"tax|dollars?|bucks|euros?|pounds?|yuan|rmb|usd|eur|tip|a|it|that|be|do|me|for|so|ok|okay|now|quick)\b|"
    r"[=＝?？。：:\"“”'‘’~～`]",
    re.IGNORECASE,
)
"""What may stand around a sum without changing it."""

FIRMLY_ASKED = re.compile(
    r"算|等于|[=＝]|加起来|\b(?:calculate|compute|equals?|evaluate|work out|add up)\b", re.IGNORECASE
)
"""Words after which a sum is meant even where others stand around it."""

NO_SUMS = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s*[-–~/年]\s*(?:(?:19|20)\d\d|\d\d?)(?!\d)|(?<!\d)\d{3,4}-\d{7,8}(?!\d)|\d{3}-\d{4}-?\d{4}|"
    r"(?<!\d)\d{1,2}[-/]\d{1,2}[-/](?:19|20)?\d\d(?!\d)|(?:\d{1,3}\.){3}\d{1,3}|\d{1,2}:\d\d|"
    r"[A-Za-z]{2,}-\d|\d-in-\d|\b24/7\b",
    re.IGNORECASE,
)
"""Years, dates, telephone numbers, addresses and times: signs between digits that mean no sum."""
