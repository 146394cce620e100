"""How Chinese speakers change the language of answers, the tone, the tools, the rules and the tasks."""

from builder_core.rules import edits, orders
from builder_core.rules.chinese_phrases import DEGREE, END, IT, LITTLE, META, OFF, ON, SPEECH, TONES
from builder_core.rules.chinese_words import VERBS
from builder_core.rules.edits import Rule, rule, tell
from builder_core.rules.hints import ASK_TONE, ASK_WHAT
from builder_core.rules.tool_wishes import (
    add_all,
    add_tool,
    drop_all,
    drop_named,
    drop_tool,
    keep_tool,
    no_such_tool,
    only_tools,
    show_catalogue,
    swap_tools,
)
from builder_core.rules.vocabulary import LANGUAGE_WORDS, TONE_WORDS

LANGUAGE: tuple[Rule, ...] = (
    rule(
        (
            r"(?:用户|对方|别人|客户|客人|顾客|人家|他们|我)?用?(?:什么|哪种|啥)(?:语言|话)(?:提?问|"
            r"说)?(?:它)?就?用(?:什么|哪种|啥|"
            r"同样的?)(?:语言|话)?(?:来)?(?:回答|回复|说)?|(?:支持|会|能)?(?:多语言|多种语言|双语|"
            r"中英文?(?:双语)?)(?:都行|都可以|回答|都支持)?$"
        ),
        edits.mirror_language,
    ),
    rule(
        rf"(?:(?:让|要|把){IT}|{IT})?(?:的)?(?:回答|回复|语言|把?语言)?(?:始终|一律|总是|都|要|全部|请|只|改|以后)*"
        rf"(?:用|以|说|讲|改用|使用|改成|换成|改为|设为|切换成|切换到|切换为|切换|切成|是|"
        rf"[:：])(?P<value>{LANGUAGE_WORDS})"
        rf"(?:来)?(?:进行)?(?:回答|回复|说话|交流|答复|沟通|对话|作答|聊天|回我|回话|回)*{END}",
        edits.set_answer_language,
    ),
)
TONE: tuple[Rule, ...] = (
    rule(
        (
            rf"(?:把|让|使|将)?{IT}?的?(?:{SPEECH})*(?:的|地)?{DEGREE}(?P<value>{TONES})(?:的?(?:语气|口气|风格|"
            rf"口吻|方式|话|语言)|地?(?:说话|回答|解释|讲解)|的)?{END}"
        ),
        edits.set_tone,
        force="command",
    ),
    rule(
        rf"(?:让|把)?{IT}?的?(?:{SPEECH}|要)*(?P<value>(?:像|模仿|仿佛|学(?=.{{1,10}}(?:一样|那样|"
        rf"似的)))[^，。；！]{{1,20}})",
        edits.set_tone,
    ),
    rule(r"(?:太(?:啰嗦|长|罗嗦|冗长|多话)|话太?多)了?$", lambda plan, _: edits.set_tone(plan, "简短")),
    rule(rf"(?:{SPEECH})?(?:太)(?:死板|冷淡|生硬|冷冰冰|机械)了?$", tell(ASK_TONE)),
    rule(rf"(?:{SPEECH})?太(?P<value>{TONE_WORDS})了?$", lambda plan, value: edits.set_tone(plan, f"不要太{value}")),
    rule(rf"(?:{IT}|{SPEECH})*(?:总是|老是|还是)?太.{{1,8}}了$", tell(ASK_WHAT)),
)
TOOLS: tuple[Rule, ...] = (
    rule(
        (
            rf"{OFF}(?:所有|全部|一切|任何)?的?工具$|(?:把|将)?(?:所有|全部|一切)?的?工具(?:全部|都|全)?(?:{OFF}|"
            rf"关|删|停)了?$"
        ),
        drop_all,
    ),
    rule(rf"{ON}(?:所有|全部)的?工具$|(?:把|将)?(?:所有|全部)的?工具(?:全部|都|全)?{ON}$", add_all),
    rule(
        (
            r"(?:你|它)?(?:都|现在|可以|能|一共|到底)*(?:有|用|支持|提供|选)(?:些)?(?:什么|哪些|多少|啥)(?:工具|功能|"
            r"能力).*|(?:有|看看|列出|列一下|显示)(?:哪些|什么|所有|全部)?的?工具(?:列表)?.*|工具(?:有)?(?:哪些|"
            r"列表).*|(?:你|它)?(?:能|可以|会)?不?(?:能|可以|会)?(?:联网|上网)(?:搜索|查询)?吗?$"
        ),
        show_catalogue,
    ),
    rule(
        (
            r"(?:别|不要|不用|千万别|先别|请勿)(?:去掉|删掉|删除|删|关掉|关闭|移除|取消|停用|关)(?P<value>.+)|"
            r"(?:保留|留着|留下)(?P<kept>.+)|(?P<left>.+?)(?:工具)?(?:先|还是|就|要)*(?:留着|保留|别删|别关|不要删|"
            r"不要关)(?:吧|了)?$"
        ),
        keep_tool,
    ),
    rule(
        r"(?:只|仅)(?:保留|留|用|要|使用|需要|留下)(?P<value>.+)|工具(?:只要|只留|就用|设为|[:：])(?P<list>.+)",
        only_tools,
        "sentence",
    ),
    rule(
        r"(?:把|将|用)?(?P<which>.+?)(?:换成|改成|替换成|替换为|换为|改为)(?P<value>.+)",
        pointed=swap_tools,
        force="hunch",
    ),
    rule(rf"(?:以后|都|再|也|{IT})*{OFF}(?:再)?(?P<value>.+)", drop_tool, "sentence"),
    rule(rf"(?:把|将)?(?P<value>.+?)(?:工具)?(?:就|给|先|也|都|那就)*(?:{OFF}|删|关|去)(?:了|掉|吧)*$", drop_tool),
    rule(
        rf"(?P<value>[^\ue000-\uefff，]{{2,20}})，(?:就|请|那就)*(?:把(?:它|这个))?(?:{OFF}|去|删|关|"
        rf"撤)(?:了|掉|吧|它)*$",
        drop_named,
        "whole",
    ),
    rule(rf"(?:把|将)?(?P<value>.+?)(?:工具)?(?:给|也|都|再|重新)*{ON}(?:进来|进去|来|去|上|了|吧|起来)*$", add_tool),
    rule(rf"(?:把|将)(?P<value>[^，。]{{1,10}}?)(?:也|都|再)?给{IT}(?:用|加上|配上|装上)?(?:吧)?$", keep_tool),
    rule(
        rf"(?:让{IT}|给{IT}|{IT})?(?:最好|应该|但|还|也|再|顺便|重新)*(?:要|需要)?(?:能够?|会|可以)?"
        rf"(?P<value>(?:{ON}|支持|分析|统计|运行|执行|跑|搜|上网|联网|读|总结|概括|调用|查询|查|看|播报|报|告诉|知道|算|计算|换算|画|绘|生成|制作|配上?|需要|要有|带上?).+)",
        add_tool,
        "sentence",
    ),
    rule(
        (
            r"(?:加上|添加|增加|加|启用|开启|开通|接入|安装|打开)(?:一?个|上)?(?P<value>[^，。；：:]{1,10}?)(?:工具|"
            r"功能|插件|能力)?$|(?:联网|上网)(?P<web>.{0,4})$"
        ),
        no_such_tool,
        force="hunch",
    ),
)
FORM: tuple[Rule, ...] = (
    rule(
        rf"{META}(?P<value>用(?!英|中|日|法|德|韩)[^，。；]{{1,12}}?(?:回答|回复|表示|说明|解释|举例|格式|"
        rf"单位))$",
        edits.add_rule,
    ),
    rule(
        rf"{META}(?P<value>(?:有人|客人|顾客|客户|用户|对方|别人|谁)(?:要是|如果)?(?:问|提|说|想|要|"
        rf"找)[^，。]{{1,20}}?(?:就|，|的话).{{2,}})",
        edits.add_rule,
        "orders",
    ),
    rule(
        r"(?:受众|对象|用户群|使用者|目标用户|服务对象|用户(?=主要))(?:主要)?(?:是|为|[:：])(?P<value>.+)",
        edits.set_audience,
    ),
    rule(rf"{IT}?(?:是|主要|专门)*(?:给|面向|针对)(?P<value>[^，。；\n]+?)(?:使用|用)的?{END}", edits.set_audience),
    rule(
        rf"(?P<value>(?:我|我们)(?:的)?[^，。；\n]{{1,8}}?)(?:也)?(?:会|要|在|想)(?:使用|用){IT}?{END}",
        edits.set_audience,
    ),
    rule(
        rf"(?:(?:{IT}|你)(?:应该|应当|要)?)?{META}(?P<value>(?:绝对|一定|千万|永远|应该|应当|最好|都|回答前|"
        rf"回答时|回答|回复|先|总)*"
        r"(?:不要|别|不能|不可以|不可|不许|不得|禁止|避免|不准|切勿|请勿|总是|始终|每次|每天|每当|必须|务必|"
        r"一定要|一定|记得|记住|要先|先|只能|只|应该|应当|如果|遇到|多|少|尽量|"
        r"优先|重点|专注|注意|用户.{1,8}时|当用户|回答.{0,6}(?:要|应|必须|控制|限制|不超过|带上?|附|用|包含|"
        r"不少于)|不(?:谈|聊|说|讲|提|推荐|给|问|回答|讨论|使用|用|涉及|透露|承诺|评价|做|写)|用(?!英|中|日|法|"
        r"德|韩).{1,8}(?:回答|表示|单位|格式|说明|解释|举例)?$|温度用|叫我|称呼我|称呼用户).+)",
        edits.add_rule,
        "sentence",
    ),
    rule(rf"{META}(?:再)?加(?:一)?个功能[，,:：]?(?P<value>.+)", edits.add_task, "sentence"),
    rule(
        (
            rf"{IT}(?:主要|应该|需要|还|也|要|必须|得|是)*(?:能够?|会|可以|用来|帮助?我?们?|给我|为我|负责|"
            rf"用于)+(?P<value>.+)"
        ),
        edits.add_task,
        "sentence",
    ),
    rule(
        rf"(?:还要|还|也要|也|要|需要|应该|最好)*(?:能够?|会|可以)(?P<value>(?:{VERBS}).+)", edits.add_task, "sentence"
    ),
    rule(rf"{IT}?(?:还要|也要|要|应该|需要|得|必须){META}(?P<value>.+)", edits.add_rule, "sentence"),
    rule(
        (
            rf"{META}(?P<value>[^，。；！？]{{1,12}}?(?:一定要|一定|必须|务必|先|不要|不能|别|不得|"
            rf"要(?!的)).{{2,}})(?<![吗？?])$"
        ),
        edits.add_rule,
        force="hunch",
    ),
    rule(
        rf"(?P<value>(?:更|有|多一点|再)?(?:有)?(?:创意|耐心|个性|趣味|条理|逻辑|深度|同理心)){LITTLE}?$",
        edits.add_rule,
    ),
    rule(
        rf"{META}(?:帮我|帮助)?(?P<value>(?:{VERBS}).{{2,}})(?<![吗？?])$", orders.order_zh, "sentence", force="hunch"
    ),
)
