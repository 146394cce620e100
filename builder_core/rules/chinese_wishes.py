"""How Chinese speakers ask for changes: one row per way of saying it, asked in this order. Read in simplified characters."""

import re

from builder_core.rules import edits, question_edits
from builder_core.rules.chinese_words import VERBS
from builder_core.rules.edits import Edit, Force, Pointed, Reach, Rule, tell
from builder_core.rules.hints import ASK_TEXT, ASK_TONE, CHINESE_HINTS
from builder_core.rules.tool_wishes import (
    add_all,
    add_tool,
    drop_all,
    drop_tool,
    keep_tool,
    no_such_tool,
    only_tools,
    show_catalogue,
    swap_tools,
)
from builder_core.rules.vocabulary import LANGUAGE_WORDS, TONE_WORDS

_IT = r"(?:它|他|她|这个?智能体|智能体|这个?助手|我?的?助手|机器人|ta)"
_TAKE = r"(?:把|将|给|让|就)?"
_TO = (
    r"(?:改成|改为|改回|改叫|换成|换为|换回|设为|设成|设置为|写成|定为|变成|就用|就叫|应该是|应该叫|叫做|叫作|叫|用|"
    r"是|为|=)"
)
_SET = rf"(?:内容|文字)?(?:能不能|可不可以|可以|能|请)?(?:全部|整个)?(?:{_TO}\s*[:：]?|[:：])\s*"
_REMOVE = r"(?:去掉|删掉|删除|删去|去除|移除|取消|删了|删)"
_OFF = (
    r"(?:去掉|删掉|删除|删去|移除|关掉|关闭|关上|停用|禁用|取消|不用|不要|不需要|别用|不必用?|不使用|别再用|"
    r"不想要|不带|不查|别查|不报|不算|"
    r"用不着|用不到|没必要(?:用|查)?|无需|去除|拿掉|卸掉)"
)
_ON = r"(?:加上|加入|加回来|加回|加|添加|增加|启用|打开|开启|开通|开|用上|使用|恢复|装上|勾选|勾上)"
_QUESTION = r"(?:推荐|建议|示例|预设|引导)?的?(?:问题|提问|建议)"
_SUGGESTED = r"(?:推荐|建议|示例|预设|引导)的?(?:问题|提问)"
_WHICH = r"第?(?P<which>最后一|[一二三四五六1-6])(?:个|条)?"
_LITTLE = r"(?:一?点点?儿?|一些|些|一下)"
_END = r"(?=[，。；！,.;!\s]|$)"
_TEXT = r"(?:简介|描述|介绍|开场白|欢迎语|问候语|招呼语|指令|提示词|设定)"
_SPEECH = r"(?:语气|口气|风格|文风|说话|讲话|回答|回复|解释|态度|语言|用词|性格|表达)"
_DEGREE = (
    r"(?:要|得|应该|可以|请|能|再|更加?|尽量|稍微?|比较|改得|改成|改为|变得|写得|说得|讲得|调得|调成|换成|弄得|保持|"
    r"多|很|显得|方式|上|的|地|为|用|有|是)*"
)
_NOT = r"(?:不要|别|不用|不必|不能|少)(?:说得|写得|这么|那么|太|过于|再)*"
_TONES = (
    rf"(?:{_NOT})?(?:{TONE_WORDS})(?:{_LITTLE})?(?:(?:、|又|且|而|和|但|还要?|"
    rf"并且?)*(?:{_NOT})?(?:{TONE_WORDS})(?:{_LITTLE})?)*"
)


def _rule(
    pattern: str,
    edit: Edit | None = None,
    reach: Reach = "clause",
    *,
    pointed: Pointed | None = None,
    force: Force = "wish",
    several: bool = False,
) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), edit, reach, pointed, force, several)


_NAMING = (
    _rule(
        (
            rf"{_TAKE}{_IT}?的?(?:(?:名字|名称)(?:叫|取)?|叫|取)(?:{_IT})?(?:什么|啥)(?:名字)?(?:都行|都可以|都好|"
            rf"随你).*|(?:名字|名称)(?:随便|随你|你来|你定|你看着|由你|无所谓|都行).*"
        ),
        edits.keep_name,
    ),
    _rule(
        rf"(?:{_TAKE}{_IT}?(?:起|取|换|改|想|找|来)(?:一?个|下|一下)?(?:新的?|别的|其他的?|更?好听?的?|有趣的|"
        rf"可爱的|另外的)*(?:名字?|名称|名)(?:吧|看看)?"
        rf"|{_IT}?的?(?:这个)?(?:名字|名称)(?:改|起|取|弄|换)?(?:不太?|太|很|有点|一般|改一下|换一下|改改|换一个|"
        rf"换个|得).*|改(?:一下)?名(?:字)?|重命名|(?:我)?不(?:太)?喜欢(?:这个)?名字.*)$",
        tell(edits.ASK_NAME),
    ),
    _rule(
        (
            rf"(?:{_TAKE}{_IT}?(?:起|取|换|改)(?:一?个|成)?(?:新)?(?:名字?|名称|名)[，,]?(?:就)?(?:叫做?|为|成|是)?|"
            rf"{_TAKE}{_IT}?的?(?:改名|重命名|更名|取名|起名|命名|rename)字?(?:为|成|叫做|叫作|叫|"
            rf"作)?)[:：]?\s*(?P<value>.+)"
        ),
        edits.rename,
        force="command",
    ),
    _rule(
        (
            rf"{_TAKE}{_IT}?的?(?:名字|名称|name)(?:能不能|可不可以|可以|能|请|就|还是|再)*(?:{_TO}\s*[:：]?|"
            rf"[:：])\s*(?P<value>.+)"
        ),
        edits.rename,
        force="command",
    ),
    _rule(rf"{_TAKE}{_IT}?(?:就)?(?:改名叫|改叫|叫做|叫作|叫{_IT})\s*(?P<value>.+)", edits.rename, force="command"),
    _rule(rf"(?:(?:把|给|让|就){_IT}?|{_IT})?就?叫\s*(?!我|你)(?P<value>.+)", edits.rename),
    _rule(r"(?:不叫|不要再?叫|别再?叫|不想叫|不是)(?P<value>.+)", edits.pass_over, force="hunch"),
)
_TEXTS = (
    _rule(
        (
            rf"(?:把|将)?(?:{_IT}的)?{_TEXT}(?!.*[\ue000-\uefff])(?:能|可以|请|要|应该|得|再|也|写|改|换|弄|调|变|说|"
            rf"说得|更|稍微?|尽量)*(?:(?:不|太|很|有点|有些|一般|没意思|无聊).*|(?:{TONE_WORDS}|好听?|有意思|"
            rf"吸引人).*|(?:一下|改改|{_LITTLE}|个|一个|新的|别的)+(?:吧)?)$"
        ),
        tell(ASK_TEXT),
    ),
    _rule(rf"(?:改|换|修改|优化|改进|重写|写|来|给我)(?:一下|下|个|一个|一?[段句])?(?:新的?)?{_TEXT}$", tell(ASK_TEXT)),
    _rule(rf"(?:把|将)?(?:{_IT}的)?(?:简介|描述|介绍){_SET}(?P<value>.+)", edits.describe, "line", force="command"),
    _rule(
        rf"(?:把|将)?(?:{_IT}的)?(?:开场白|欢迎语|问候语|招呼语|第一句话){_SET}(?P<value>.+)",
        edits.greet,
        "line",
        force="command",
    ),
    _rule(
        (
            rf"(?:把|将)?(?:{_IT}的)?(?:指令|提示词|设定)(?:全部|整个)?(?:改成|改为|换成|换为|设为|设成|写成|"
            rf"[:：])\s*[:：]?\s*(?P<value>.+)"
        ),
        edits.instruct,
        "line",
        force="command",
    ),
    _rule(
        (
            r"(?:(?:加上?|添加|增加|新增|补充|再加|加入)(?:一|这|几)?(?:个|条|项)?(?:新的?)?(?:规则|要求|限制|规定|"
            r"原则)?(?<=[条则求制定项])|(?:新)?规则|要求|规定)\s*(?:[:：，,]|是|就是|为)\s*(?P<value>.+)"
        ),
        edits.add_rule,
        "sentence",
    ),
    _rule(
        r"(?:在|往)?(?:指令|规则)(?:里|中|后)?(?:加上|加入|补充|写上|添加|加)(?:一?[条句])?[:：]?\s*(?P<value>.+)",
        edits.add_rule,
        "sentence",
    ),
    _rule(
        (
            r"(?:(?:再)?(?:加上?|添加|增加|新增|补充)(?:一)?(?:个|条|项)?(?:新的?)?(?:任务|职责|功能(?=[：:，,]))|"
            r"任务|职责)\s*[:：，,]?\s*(?P<value>.+)"
        ),
        edits.add_task,
        "sentence",
    ),
    _rule(
        (
            rf"{_REMOVE}(?:规则|任务|要求|限制)[:：]?(?P<value>.+)|{_REMOVE}(?:关于)?(?P<about>.+?)(?:的|"
            rf"这一?[条个])(?:规则|任务|要求|限制)|(?:把|将)?(?:规则|指令|任务)(?:里|中|里面)的?(?P<in>.+?)(?:的|"
            rf"[这那]一?[条个]|[这那])?(?:去掉|删掉|删除|删了)|(?:把|将)(?P<it>.+?)(?:的|这一?[条个])?(?:规则|任务|"
            rf"要求|限制)(?:去掉|删掉|删除|删了)"
        ),
        edits.remove_lines,
    ),
)
_QUESTIONS = (
    _rule(
        (
            rf"(?:把|将)(?:关于)?(?P<value>[^，。第\ue000-\uefff]{{1,12}}?)(?:的|那个|这个|那条|这条)(?:那个|"
            rf"那条)?{_QUESTION}{_REMOVE}"
        ),
        question_edits.remove_question,
    ),
    _rule(
        (
            rf"(?:{_REMOVE}|清空|不要)(?:所有|全部)?的?{_SUGGESTED}$|(?:{_REMOVE}|清空)(?:所有|全部)的?{_QUESTION}$|"
            rf"(?:把|将)?(?:所有|全部)?的?{_QUESTION}(?:全部|都|全)(?:去掉|删掉|删除|删了|不要)了?$|"
            rf"{_SUGGESTED}(?:{_REMOVE}|不要)了?$"
        ),
        question_edits.remove_all_questions,
    ),
    _rule(
        rf"{_REMOVE}第?(?P<value>最后一|[一二三四五六1-6])(?:个|条){_QUESTION}", question_edits.remove_numbered_question
    ),
    _rule(
        rf"(?:把|将)?第?(?P<value>最后一|[一二三四五六1-6])(?:个|条){_QUESTION}(?:{_REMOVE}|不要)了?",
        question_edits.remove_numbered_question,
    ),
    _rule(
        rf"(?:把|将|用)?(?P<which>[\ue000-\uefff])(?:这个问题|这个)?{_SET}(?P<value>[\ue000-\uefff])",
        reach="line",
        pointed=question_edits.replace_quoted,
        force="command",
    ),
    _rule(
        rf"(?:把|将)?{_WHICH}{_QUESTION}{_SET}(?P<value>.+)",
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    _rule(
        rf"(?:把|将)?{_QUESTION}{_WHICH}{_SET}(?P<value>.+)",
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    _rule(
        rf"(?:把|将)?{_SUGGESTED}(?:列表)?{_SET}(?P<value>.*[?？\ue000-\uefff].*)",
        question_edits.set_questions,
        "line",
        several=True,
        force="command",
    ),
    _rule(
        (
            rf"(?:{_REMOVE}|不要)(?P<value>[\ue000-\uefff])(?:这|那)?(?:一)?(?:个|条)?(?:{_QUESTION})?|(?:把|"
            rf"将)(?P<it>[\ue000-\uefff])(?:这|那)?(?:一)?(?:个|条)?(?:{_QUESTION})?{_REMOVE}"
        ),
        question_edits.remove_quoted,
    ),
    _rule(rf"{_REMOVE}(?:关于)?(?P<value>[^，。；\n]+?)(?:的|这个|那个){_QUESTION}$", question_edits.remove_question),
    _rule(rf"{_REMOVE}{_QUESTION}[:：]?(?P<value>.+)", question_edits.remove_question, "line"),
    _rule(
        (
            rf"(?:(?:换|改|多?加|来|给|出|想|增加)(?:我)?(?:几|一些|些|[一两二三四五六]|多)?(?:个|点|条)?(?:新的?|"
            rf"别的|更?好的?|其他的?)*{_SUGGESTED}|{_SUGGESTED}(?:不|太|很|少|多|换|改|再|有点|一般).*)$"
        ),
        tell(question_edits.ASK_QUESTIONS),
    ),
    _rule(
        rf"(?:加上?|添加|增加|新增|补充)(?:一|几|这)?(?:个|条)?(?:新的?)?{_QUESTION}[:：]?\s*(?P<value>.+)",
        question_edits.add_question,
        "line",
        several=True,
        force="command",
    ),
)
_LANGUAGE = (
    _rule(
        (
            r"(?:用户|对方|别人|客户|我)?用?(?:什么|哪种|啥)(?:语言|话)(?:提?问|说)?(?:它)?就?用(?:什么|哪种|啥|"
            r"同样的?)(?:语言|话)?(?:来)?(?:回答|回复|说)?|(?:支持|会|能)?(?:多语言|多种语言|双语|"
            r"中英文?(?:双语)?)(?:都行|都可以|回答|都支持)?$"
        ),
        edits.mirror_language,
    ),
    _rule(
        rf"(?:(?:让|要|把){_IT}|{_IT})?(?:的)?(?:回答|回复|语言|把?语言)?(?:始终|一律|总是|都|要|全部|请|只|改|以后)*"
        rf"(?:用|以|说|讲|改用|使用|改成|换成|改为|设为|切换成|切换到|切换为|切换|切成|是|"
        rf"[:：])(?P<value>{LANGUAGE_WORDS})"
        rf"(?:来)?(?:进行)?(?:回答|回复|说话|交流|答复|沟通|对话|作答|聊天|回我|回话|回)*{_END}",
        edits.set_answer_language,
    ),
)
_TONE = (
    _rule(
        (
            rf"(?:把|让|使|将)?{_IT}?的?(?:{_SPEECH})*(?:的|地)?{_DEGREE}(?P<value>{_TONES})(?:的?(?:语气|口气|风格|"
            rf"口吻|方式|话|语言)|地?(?:说话|回答|解释|讲解)|的)?{_END}"
        ),
        edits.set_tone,
        force="command",
    ),
    _rule(rf"(?:让|把)?{_IT}?的?(?:{_SPEECH}|要)*(?P<value>(?:像|模仿|仿佛)[^，。；！]{{1,20}})", edits.set_tone),
    _rule(r"(?:太)(?:啰嗦|长|罗嗦|冗长|多话)了?$", lambda plan, _: edits.set_tone(plan, "简短")),
    _rule(rf"(?:{_SPEECH})?(?:太)(?:死板|冷淡|生硬|冷冰冰|机械)了?$", tell(ASK_TONE)),
    _rule(rf"(?:{_SPEECH})?太(?P<value>{TONE_WORDS})了?$", lambda plan, value: edits.set_tone(plan, f"不要太{value}")),
)
_TOOLS = (
    _rule(
        (
            rf"{_OFF}(?:所有|全部|一切|任何)?的?工具$|(?:把|将)?(?:所有|全部|一切)?的?工具(?:全部|都|全)?(?:{_OFF}|"
            rf"关|删|停)了?$"
        ),
        drop_all,
    ),
    _rule(rf"{_ON}(?:所有|全部)的?工具$|(?:把|将)?(?:所有|全部)的?工具(?:全部|都|全)?{_ON}$", add_all),
    _rule(
        (
            r"(?:你|它)?(?:都|现在|可以|能|一共|到底)*(?:有|用|支持|提供|选)(?:些)?(?:什么|哪些|多少|啥)(?:工具|功能|"
            r"能力).*|(?:有|看看|列出|列一下|显示)(?:哪些|什么|所有|全部)?的?工具(?:列表)?.*|工具(?:有)?(?:哪些|"
            r"列表).*|(?:你|它)?(?:能|可以|会)?不?(?:能|可以|会)?(?:联网|上网)(?:搜索|查询)?吗?$"
        ),
        show_catalogue,
    ),
    _rule(
        (
            r"(?:别|不要|不用|千万别|先别|请勿)(?:去掉|删掉|删除|删|关掉|关闭|移除|取消|停用|关)(?P<value>.+)|"
            r"(?:保留|留着|留下)(?P<kept>.+)|(?P<left>.+?)(?:工具)?(?:先|还是|就|要)*(?:留着|保留|别删|别关|不要删|"
            r"不要关)(?:吧|了)?$"
        ),
        keep_tool,
    ),
    _rule(
        r"(?:只|仅)(?:保留|留|用|要|使用|需要|留下)(?P<value>.+)|工具(?:只要|只留|就用|设为|[:：])(?P<list>.+)",
        only_tools,
        "sentence",
    ),
    _rule(
        r"(?:把|将|用)?(?P<which>.+?)(?:换成|改成|替换成|替换为|换为|改为)(?P<value>.+)",
        pointed=swap_tools,
        force="hunch",
    ),
    _rule(rf"(?:以后|都|再|也|{_IT})*{_OFF}(?:再)?(?P<value>.+)", drop_tool, "sentence"),
    _rule(rf"(?:把|将)?(?P<value>.+?)(?:工具)?(?:就|给|先|也|都|那就)*(?:{_OFF}|删|关|去)(?:了|掉|吧)*$", drop_tool),
    _rule(rf"(?:把|将)?(?P<value>.+?)(?:工具)?(?:给|也|都|再|重新)*{_ON}(?:来|去|上|了|吧|起来)*$", add_tool),
    _rule(
        rf"(?:让{_IT}|给{_IT}|{_IT})?(?:最好|应该|但|还|也|再|顺便|重新)*(?:要|需要)?(?:能够?|会|可以)?"
        rf"(?P<value>(?:{_ON}|支持|查询|查|看|播报|报|告诉|知道|算|计算|换算|需要|要有|带上?).+)",
        add_tool,
        "sentence",
    ),
    _rule(
        (
            r"(?:加上|添加|增加|加|启用|开启|开通|接入|安装|打开)(?:一?个|上)?(?P<value>[^，。；：:]{1,10}?)(?:工具|"
            r"功能|插件|能力)?$|(?:联网|上网)(?P<web>.{0,4})$"
        ),
        no_such_tool,
        force="hunch",
    ),
)
_META = (
    r"(?!.{0,6}(?:名字|名称|改名|描述|简介|头像|模型|撤销|保存|发布|开场白|推荐问题|工具|智能体|密钥|草稿|页面|按钮|"
    r"界面|对话框))"
)
_FORM = (
    _rule(r"(?:受众|对象|用户群?|使用者|目标用户|服务对象)(?:主要)?(?:是|为|[:：])(?P<value>.+)", edits.set_audience),
    _rule(rf"{_IT}?(?:是|主要|专门)*(?:给|面向|针对)(?P<value>[^，。；\n]+?)(?:使用|用)的?{_END}", edits.set_audience),
    _rule(
        rf"(?P<value>(?:我|我们)(?:的)?[^，。；\n]{{1,8}}?)(?:也)?(?:会|要|在|想)(?:使用|用){_IT}?{_END}",
        edits.set_audience,
    ),
    _rule(
        rf"(?:(?:{_IT}|你)(?:应该|应当|要)?)?{_META}(?P<value>(?:绝对|一定|千万|永远|应该|应当|最好|都|回答前|"
        rf"回答时|回答|回复|先|总)*"
        r"(?:不要|别|不能|不可以|不可|不许|不得|禁止|避免|不准|切勿|请勿|总是|始终|每次|每天|每当|必须|务必|"
        r"一定要|一定|记得|记住|要先|先|只能|只|应该|应当|如果|遇到|多|少|尽量|"
        r"优先|重点|专注|注意|用户.{1,8}时|当用户|回答.{0,6}(?:要|应|必须|控制|限制|不超过|带上?|附|用|包含|"
        r"不少于)|不(?:谈|聊|说|讲|提|推荐|给|问|回答|讨论|使用|用|涉及|透露|承诺|评价|做|写)|用(?!英|中|日|法|"
        r"德|韩).{1,8}(?:回答|表示|单位|格式|说明|解释|举例)?$|温度用|叫我|称呼我|称呼用户).+)",
        edits.add_rule,
        "sentence",
    ),
    _rule(rf"{_META}(?:再)?加(?:一)?个功能[，,:：]?(?P<value>.+)", edits.add_task, "sentence"),
    _rule(
        (
            rf"{_IT}(?:主要|应该|需要|还|也|要|必须|得|是)*(?:能够?|会|可以|用来|帮助?我?们?|给我|为我|负责|"
            rf"用于)+(?P<value>.+)"
        ),
        edits.add_task,
        "sentence",
    ),
    _rule(
        rf"(?:还要|还|也要|也|要|需要|应该|最好)*(?:能够?|会|可以)(?P<value>(?:{VERBS}).+)", edits.add_task, "sentence"
    ),
    _rule(rf"{_IT}?(?:还要|也要|要|应该|需要|得|必须){_META}(?P<value>.+)", edits.add_rule, "sentence"),
    _rule(
        (
            rf"{_META}(?P<value>[^，。；！？]{{1,12}}?(?:一定要|一定|必须|务必|先|不要|不能|别|不得|"
            rf"要(?!的)).{{2,}})(?<![吗？?])$"
        ),
        edits.add_rule,
        force="hunch",
    ),
    _rule(
        rf"(?P<value>(?:更|有|多一点|再)?(?:有)?(?:创意|耐心|个性|趣味|条理|逻辑|深度|同理心)){_LITTLE}?$",
        edits.add_rule,
    ),
    _rule(
        rf"{_META}(?:帮我|帮助)?(?P<value>(?:{VERBS}).{{2,}})(?<![吗？?])$", edits.add_task, "sentence", force="hunch"
    ),
)

CHINESE_WISHES: tuple[Rule, ...] = (
    _rule(r"(?:我们?)?(?:重新开始|从头(?:再来|开始|来)(?:过)?|推倒重来)(?:吧|了|一[遍次])?$", edits.start_over),
    *_NAMING,
    *_TEXTS,
    *_QUESTIONS,
    *(_rule(rf"(?:怎么|如何|怎样|在哪里?)?(?:{pattern})", tell(words)) for pattern, words in CHINESE_HINTS),
    *_LANGUAGE,
    *_TONE,
    *_TOOLS,
    *_FORM,
)
