"""What people ask a place or a business in words of their own, and the words that its files have for it.

"When do you close?" and 几点开门 share no word with "Opening hours" and 营业时间. These few matters are asked
everywhere, so the table is short. It serves a question that says nothing else, or that speaks to somebody about
themselves: in any other one "open" and "found" are words like all others, and an encyclopedia has them anywhere.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from user_agent.lexical.terms import words

ALONE = 1.0
BESIDE_OTHERS = 0.5
"""How much a matter counts beside the words of a question that are about nothing of the table."""
AS_SAID = 0.25
"""How much one of the words that files have for it counts besides, where the question itself says it: whoever asks for
the phone is shown the phone before an address."""
MOST_CHARS = 200
"""What is longer is no everyday question, and would take its time."""
_ADDRESSES = re.compile(r"\b(?:you|your|yours|i|we|us|my|our)\b|(?<!迷)你|您|我们|咱", re.IGNORECASE)
_ADDRESSES_ANOTHER = re.compile(r"\b(?:you|your|yours)\b|(?<!迷)你|您", re.IGNORECASE)
_DAYS = "monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight weekend now"
_CHINESE_DAYS = r"(?:周|星期|礼拜)[一二三四五六日天末]|今[天晚]|明[天晚]|现在"


@dataclass(frozen=True)
class Matter:
    """One of them."""

    name: str
    """What stands for it among the terms of a question: no text has a word like it."""
    english: re.Pattern[str]
    asking: str
    """English words that ask for it, and that files need not have."""
    chinese: re.Pattern[str]
    """All that asks for it, and is of no further use."""
    called: str
    """Words that files have for it."""
    of_things: bool
    """Whether it may be one of a thing that was asked about before, as a price is."""

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(words(self.called))

    @cached_property
    def asking_terms(self) -> frozenset[str]:
        return self.terms | frozenset(words(self.asking))

    def rest(self, text: str) -> str:
        """A question without the Chinese in it that asks for the matter."""
        return self.chinese.sub("的", text)


def _matter(name: str, *, english: str, asking: str, chinese: str, called: str, of_things: bool = False) -> Matter:
    english_asked, chinese_asked = re.compile(english, re.IGNORECASE), re.compile(chinese, re.IGNORECASE)
    return Matter(f"={name}", english_asked, asking, chinese_asked, called, of_things)


MATTERS = (
    _matter(
        "hours",
        english=r"\b(?:when|what time|how (?:late|early|long)|(?:until|till|from) when)\b(?!.*\b(?:did|was|were|had)\b)"
        r".*\b(?:open|close|closed|shut)\b"
        r"|\b(?:are|is) (?:you|it|(?:the|your) \w+) (?:still |already )?(?:open|closed)\b"
        r"|\b(?:opening|business|office|closing|working) (?:hours?|times?)\b|\bwhat (?:are|about) (?:your|the) hours\b",
        asking=f"time late early shut still already business office working {_DAYS}",
        chinese=rf"(?:(?:{_CHINESE_DAYS}|一般|平时|到|是)*(?:几点|何时|什么时[候间]|多晚|多早)钟?)?(?:{_CHINESE_DAYS})*还?"
        r"(?:[开关闭]门|[开关闭][店馆]|打烊|营业|[上下]班|开放|开(?=[吗么到]))(?:的?时间(?:段|表)?|到?几点|到?什么时候)?",
        called="open hour close 营业 开放 开门 关门 打烊 开馆 闭馆 开店 关店",
    ),
    _matter(
        "place",
        english=r"\bwhere (?:exactly )?(?:are|is) (?:you|your|it|the (?:shop|store|office|place|company))\b"
        r"|\b(?:where|how) (?:can|do|could) (?:i|we) (?:find|get to|come to|visit) (?:you|your|it|there)\b"
        r"|(?<!mail )\baddress\b",
        asking="find come visit place exactly shop store",
        chinese=r"(?:开|位于|坐落)?在(?:什么地方|何处|哪[里儿]?)|哪[里儿]|怎么(?:走|去|过[去来]?|找到?)"
        r"|(?:[本贵]?店|公司)?的?(?:具体)?(?:地址|位置)",
        called="address location situated directions 地址 位置 位于 坐落 地点 路线",
    ),
    _matter(
        "contact",
        english=r"\b(?:contact|reach|call|phone|ring|e-?mail|write to|get hold of|(?:talk|speak) (?:to|with)) "
        r"(?:you|your|us|someone|somebody|a (?:human|person))\b|\bget in touch\b|\bcontact (?:details|information)\b"
        r"|\byour (?:phone|telephone|mobile|e-?mail)\b|\b(?:phone|telephone) number\b|\be-?mail address\b",
        asking="reach write ring touch hold talk speak number address e details someone somebody person human",
        chinese=r"(?:怎么|如何|怎样)?(?:联系|联络)(?:到|上|方式)?|打?电话(?:号码?)?|微信号?|邮箱|找谁",
        called="contact phone telephone tel call mobile email mail hotline whatsapp wechat "
        "联系 电话 手机 邮箱 邮件 微信 热线 客服",
    ),
    _matter(
        "price",
        english=r"\bhow much\b|\b(?:(?:cost|price|fee)s?|charges|rates|expensive|(?:you|they) charge)\b",
        asking="much expensive pay",
        chinese=r"(?:要|是|得)?多少钱|什么价[格钱位]?|价[格钱位]|(?:怎么)?收费|费用|怎么卖|贵不贵",
        called="price cost fee charge rate tariff 价格 价钱 价目 收费 费用 票价 售价 单价 定价",
        of_things=True,
    ),
    _matter(
        "money back",
        english=r"\bmoney back\b|\b(?:refund|return|exchange)(?:s|ed|able)?\b(?! to\b)"
        r"|\b(?:give|send|bring|take) (?:it|them|this|something) back\b",
        asking="money back send bring take something",
        chinese=r"[能可]?(?:退[款钱货换回掉]|换货)(?:吗|么)?|不想要了",
        called="refund return exchange reimburse 退款 退货 退换 退回 退钱 换货 更换",
        of_things=True,
    ),
    _matter(
        "delivery",
        english=r"\b(?:deliver|ship|dispatch)(?:s|y|ing|ery)?\b|\bsend (?:it|them|things|parcels?)\b",
        asking="send things home",
        chinese=r"送货(?:上门)?|发货|配送|快递|送上门|邮寄|寄[到出给]|包邮|送?外卖",
        called="deliver delivery ship shipment dispatch courier postage parcel "
        "配送 送货 发货 快递 运费 外卖 包邮 邮寄 寄送",
        of_things=True,
    ),
    _matter(
        "beginning",
        english=r"\b(?:when|who)\b.*\b(?:founded|established|started|created|set up)\b",
        asking="set start create",
        chinese=r"(?:什么时[候间]|何时|哪一?年|谁)?(?:成立|创立|创办|创建|开办)的?",
        called="founded founder established started created since 成立 创立 创办 创建 创始 开办",
    ),
    _matter(
        "who is in charge",
        english=r"\bwho(?:'s| is| are)? (?:runs?|owns?|leads?|heads?|manages?|in charge|behind|"
        r"(?:the |your )?(?:boss|owner|manager|founder))\b",
        asking="run lead boss charge behind",
        chinese=r"谁(?:是)?(?:负责人?|管|开的)|老板(?:是谁)?|负责人|店长|创始人",
        called="owner owns runs manages manager management founder head director "
        "负责 经理 老板 店长 创始 创办 创立 店主",
    ),
)


def asked_in(text: str) -> tuple[Matter, ...]:
    """What of the table a question may ask for, what stands last in it first."""
    if len(text) > MOST_CHARS:
        return ()
    places = [
        (max(found.end() for found in (*matter.english.finditer(text), *matter.chinese.finditer(text))), matter)
        for matter in MATTERS
        if matter.english.search(text) or matter.chinese.search(text)
    ]
    return tuple(matter for _, matter in sorted(places, key=lambda one: -one[0]))


def addresses(text: str) -> bool:
    """Whether it speaks to somebody, or of whoever says it."""
    return _ADDRESSES.search(text) is not None


def addresses_another(text: str) -> bool:
    """Whether it speaks to somebody."""
    return _ADDRESSES_ANOTHER.search(text) is not None
