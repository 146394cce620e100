"""How Chinese speakers ask for changes: one row per way of saying it, asked in this order."""

import re

from builder_core.rules import edits
from builder_core.rules.edits import Edit, Reach, Rule
from builder_core.rules.tool_wishes import add_tool, drop_tool
from builder_core.rules.vocabulary import LANGUAGE_WORDS, TONE_WORDS

_POLITE = (
    r"(?:(?:请你?|麻烦你?|帮我|帮忙|我想|我希望|希望|然后|另外|对了|以后|今后|从现在起|那就|那|并且|而且|同时|顺便|现在|再|也|还有|还|"
    r"好的?)[,，\s]*){0,6}"
)
_IT = r"(?:它|他|她|智能体|助手|机器人)"
_AS = r"(?:内容)?(?:改成|改为|换成|换为|设为|设成|写成|就用|用|变成|是|为)?\s*[:：]?\s*"
_REMOVE = r"(?:去掉|删掉|删除|删去|去除|移除|取消|不要)"
_QUESTION = r"(?:推荐|建议|示例|预设|引导)?的?(?:问题|提问|建议)"
_ORDINAL = r"第?(?P<value>最后一|[一二三四五六1-6])(?:个|条)"
_LITTLE = r"(?:一?点儿?|一些|些)"


def _rule(pattern: str, edit: Edit, reach: Reach = "clause") -> Rule:
    return Rule(re.compile(_POLITE + pattern, re.IGNORECASE), edit, reach)


CHINESE_WISHES: tuple[Rule, ...] = (
    _rule(r"(?:重新开始|从头(?:再来|开始|来)|推倒重来)", edits.start_over),
    _rule(
        rf"(?:把|将|给)?{_IT}?的?(?:改名|重命名|更名|取名|起名|命名)字?(?:为|成|叫做|叫|作)?[:：]?\s*(?P<value>.+)",
        edits.rename,
    ),
    _rule(
        rf"(?:把|将)?{_IT}?的?(?:名字|名称)(?:就)?(?:改成|改为|改叫|换成|换为|设为|叫做|叫作|叫|定为|用|是|为)"
        r"[:：]?\s*(?P<value>.+)",
        edits.rename,
    ),
    _rule(rf"(?:把|给|让|就)?{_IT}?(?:就)?(?:改名叫|改叫|叫做|叫作|叫{_IT})\s*(?P<value>.+)", edits.rename),
    _rule(rf"(?:(?:把|给|让|就){_IT}?|{_IT})就?叫\s*(?P<value>.+)", edits.rename),
    _rule(
        rf"(?:把|将)?(?:它的)?(?:简介|描述)(?=改|换|设|写|就|用|变|是|为|:|：){_AS}(?P<value>.+)",
        edits.describe,
        "line",
    ),
    _rule(
        rf"(?:把|将)?(?:它的)?(?:开场白|欢迎语|问候语|第一句话)(?=改|换|设|写|就|用|变|是|为|:|：){_AS}(?P<value>.+)",
        edits.greet,
        "line",
    ),
    _rule(
        rf"(?:把|将)?(?:它的)?(?:指令|提示词|设定)(?:全部|整个)?(?=改成|改为|换成|换为|设为|设成|写成){_AS}(?P<value>.+)",
        edits.instruct,
        "line",
    ),
    _rule(rf"{_REMOVE}(?:所有|全部)的?{_QUESTION}", edits.remove_all_questions),
    _rule(rf"{_REMOVE}{_ORDINAL}{_QUESTION}", edits.remove_numbered_question),
    _rule(rf"(?:把|将){_ORDINAL}{_QUESTION}{_REMOVE}", edits.remove_numbered_question),
    _rule(rf"{_REMOVE}(?:关于)?(?P<value>[^，。；\n]+?)的{_QUESTION}", edits.remove_question),
    _rule(rf"{_REMOVE}{_QUESTION}[:：]?(?P<value>.+)", edits.remove_question, "line"),
    _rule(
        rf"(?:加上?|添加|增加|新增|补充)(?:一)?(?:个|条)?{_QUESTION}[:：]?\s*(?P<value>.+)", edits.add_question, "line"
    ),
    _rule(
        rf"(?:让{_IT}|{_IT})?(?:回答|回复|语言|把语言)?(?:始终|一律|总是|都|要|全部)*"
        rf"(?:用|以|说|讲|改用|使用|改成|换成|改为|设为)(?P<value>{LANGUAGE_WORDS})"
        r"(?:来)?(?:回答|回复|说话|交流|答复|沟通|对话|作答)?(?=[，。；！,.;!\s吧]|$)",
        edits.set_answer_language,
    ),
    _rule(
        rf"(?:把|让|使)?{_IT}?的?(?:语气|口气|风格|文风|说话|回答|回复|态度)?(?:方式)?(?:要|得)?"
        r"(?:改得|改成|改为|变得|写得|说得|调得|调成|换成|弄得|更加?|再|稍微|尽量)+"
        rf"(?P<value>{TONE_WORDS}){_LITTLE}?(?:的?(?:语气|风格|口吻))?(?=[，。；！,.;!\s吧]|$)",
        edits.set_tone,
    ),
    _rule(
        rf"(?:语气|口气|风格|文风|说话|回答|回复|态度)(?:要|得)?(?P<value>{TONE_WORDS}){_LITTLE}?(?=[，。；！,.;!\s吧]|$)",
        edits.set_tone,
    ),
    _rule(rf"(?P<value>{TONE_WORDS}){_LITTLE}(?=[，。；！,.;!\s吧]|$)", edits.set_tone),
    _rule(
        rf"{_IT}?(?:是|主要)*(?:给|面向|针对)(?P<value>[^，。；\n]+?)(?:使用|用)的?(?=[，。；！\s]|$)",
        edits.set_audience,
    ),
    _rule(
        r"(?:去掉|删掉|删除|删去|移除|关掉|关闭|停用|禁用|取消|不用|不要|不需要|别用|不必)(?:再)?(?P<value>.+)",
        drop_tool,
        "sentence",
    ),
    _rule(r"(?:把|将)(?P<value>.+?)(?:去掉|删掉|删除|删了|去了|移除|关掉|关闭|关了|停用|禁用)了?", drop_tool),
    _rule(
        rf"(?:让{_IT}|给{_IT}|{_IT})?(?:最好|应该)?(?:还要|也要|要|需要)?(?:能够?|会|可以)?"
        r"(?P<value>(?:加|添加|增加|启用|打开|开启|开通|用上|使用|支持|查|看|报|告诉|知道|算|计算|换算|需要).+)",
        add_tool,
        "sentence",
    ),
    _rule(
        rf"(?:{_IT}|你)?(?P<value>(?:绝对|一定|千万|永远|应该|应当|最好|都|回答前|回答时|回答|先)*"
        r"(?:不要|别|不能|不可以|不许|不得|禁止|避免|不准|切勿|总是|始终|每次|必须|务必|一定要|记得|要先|先|只能|只|应该|如果|遇到).+)",
        edits.add_rule,
        "sentence",
    ),
    _rule(rf"{_IT}?(?:还要|还|也要|也|要|需要|应该)?(?:能够?|会|可以)(?P<value>.+)", edits.add_task, "sentence"),
)
