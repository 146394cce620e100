"""How Chinese speakers change the name, the texts and the suggested questions: one row per way of saying it."""

from builder_core.rules import edits, question_edits
from builder_core.rules.chinese_phrases import ADD, IT, LITTLE, QUESTION, REMOVE, SET, SUGGESTED, TAKE, TEXT, TO, WHICH
from builder_core.rules.edits import Rule, rule, tell
from builder_core.rules.hints import ASK_TEXT
from builder_core.rules.vocabulary import TONE_WORDS

NAMING: tuple[Rule, ...] = (
    rule(
        (
            rf"{TAKE}{IT}?的?(?:(?:名字|名称)(?:叫|取)?|叫|取)(?:{IT})?(?:什么|啥)(?:名字)?(?:都行|都可以|都好|"
            rf"随你).*|(?:名字|名称)(?:随便|随你|你来|你定|你看着|由你|无所谓|都行).*"
        ),
        edits.keep_name,
    ),
    rule(
        rf"(?:{TAKE}{IT}?(?:起|取|换|改|想|找|来)(?:一?个|下|一下)?(?:新的?|别的|其他的?|更[^，。]{{1,3}}的|"
        rf"更?好听?的?|有趣的|"
        rf"可爱的|另外的)*(?:名字?|名称|名)(?:吧|看看)?"
        rf"|{IT}?的?(?:这个)?(?:名字|名称)(?:改|起|取|弄|换)?(?:不太?|太|很|有点|一般|改一下|换一下|改改|换一个|"
        rf"换个|得).*|改(?:一下)?名(?:字)?|重命名|(?:我)?不(?:太)?喜欢(?:这个)?名字.*)$",
        tell(edits.ASK_NAME),
    ),
    rule(
        (
            rf"(?:{TAKE}{IT}?(?:起|取|换|改)(?:一?个|成)?(?:新)?(?:名字?|名称|名)[，,]?(?:就)?(?:叫做?|为|成|是)?|"
            rf"{TAKE}{IT}?的?(?:改名|重命名|更名|取名|起名|命名|rename)字?(?:为|成|叫做|叫作|叫|"
            rf"作)?)[:：]?\s*(?P<value>.+)"
        ),
        edits.rename,
        force="command",
    ),
    rule(
        (
            rf"{TAKE}{IT}?的?(?:名字|名称|name)(?:能不能|可不可以|可以|能|请|就|还是|再)*(?:{TO}\s*[:：]?|"
            rf"[:：])\s*(?P<value>.+)"
        ),
        edits.rename,
        force="command",
    ),
    rule(
        rf"(?:{IT}的)?(?:名字|名称)(?:我|我们)?(?:还是|就|更)?(?:想|要|想要|"
        rf"希望)?用(?P<value>[^，。]+)",
        edits.rename,
        force="command",
    ),
    rule(rf"(?:称呼|称){IT}(?:为|作)?(?P<value>[^，。]+)", edits.rename, force="command"),
    rule(rf"{TAKE}{IT}?(?:就)?(?:改名叫|改叫|叫做|叫作|叫{IT})\s*(?P<value>.+)", edits.rename, force="command"),
    rule(rf"(?:(?:把|给|让|就){IT}?|{IT})?就?叫\s*(?!我|你)(?P<value>.+)", edits.rename),
    rule(rf"(?:不叫|不要再?叫|别再?叫|不想叫|不是){IT}?(?P<value>.+)", edits.pass_over, force="hunch"),
)
TEXTS: tuple[Rule, ...] = (
    rule(
        (
            rf"(?:把|将)?(?:{IT}的)?{TEXT}(?!.*[\ue000-\uefff])(?:能|可以|请|要|应该|得|再|也|写|改|换|弄|调|变|说|"
            rf"说得|更|稍微?|尽量)*(?:(?:不|太|很|有点|有些|一般|没意思|无聊).*|(?:{TONE_WORDS}|好听?|有意思|"
            rf"吸引人).*|(?:一下|改改|{LITTLE}|个|一个|新的|别的)+(?:吧)?)$"
        ),
        tell(ASK_TEXT),
    ),
    rule(rf"(?:改|换|修改|优化|改进|重写|写|来|给我)(?:一下|下|个|一个|一?[段句])?(?:新的?)?{TEXT}$", tell(ASK_TEXT)),
    rule(
        rf"(?:把|将)?(?:{IT}的)?(?:一句话|简短的?)?(?<!自我)(?:简介|描述|"
        rf"介绍){SET}(?P<value>.+)",
        edits.describe,
        "line",
        force="command",
    ),
    rule(
        rf"(?:把|将)?(?:{IT}的)?(?:(?:开场白|欢迎语|问候语|招呼语|打招呼的话|第一句话){SET}|(?:一?开头|见面|"
        rf"一?上来)?第一句话?(?:就|先)?说)[:：]?(?P<value>.+)",
        edits.greet,
        "line",
        force="command",
    ),
    rule(
        (
            rf"(?:把|将)?(?:{IT}的)?(?:指令|提示词|设定)(?:全部|整个)?(?:改成|改为|换成|换为|设为|设成|写成|"
            rf"[:：])\s*[:：]?\s*(?P<value>.+)"
        ),
        edits.instruct,
        "line",
        force="command",
    ),
    rule(
        (
            r"(?:(?:加上?|添加|增加|新增|补充|再加|加入)(?:一|这|几)?(?:个|条|项)?(?:新的?)?(?:规则|要求|限制|规定|"
            r"原则)?(?<=[条则求制定项])|(?:新)?规则|要求|规定)\s*(?:[:：，,]|是|就是|为)\s*(?P<value>.+)"
        ),
        edits.add_rule,
        "sentence",
    ),
    rule(
        r"(?:在|往)?(?:指令|规则)(?:里|中|后)?(?:加上|加入|补充|写上|添加|加)(?:一?[条句])?[:：]?\s*(?P<value>.+)",
        edits.add_rule,
        "sentence",
    ),
    rule(
        (
            r"(?:(?:再)?(?:加上?|添加|增加|新增|补充)(?:一)?(?:个|条|项)?(?:新的?)?(?:任务|职责|功能(?=[：:，,]))|"
            r"任务|职责)\s*[:：，,]?\s*(?P<value>.+)"
        ),
        edits.add_task,
        "sentence",
    ),
    rule(
        (
            rf"{REMOVE}(?:规则|任务|要求|限制)[:：]?(?P<value>.+)|{REMOVE}(?:关于)?(?P<about>.+?)(?:的|"
            rf"这一?[条个])(?:规则|任务|要求|限制)|(?:把|将)?(?:规则|指令|任务)(?:里|中|里面)的?(?P<in>.+?)(?:的|"
            rf"[这那]一?[条个]|[这那])?(?:去掉|删掉|删除|删了)|(?:把|将)(?P<it>.+?)(?:的|这一?[条个])?(?:规则|任务|"
            rf"要求|限制)(?:去掉|删掉|删除|删了)"
        ),
        edits.remove_lines,
    ),
)
QUESTIONS: tuple[Rule, ...] = (
    rule(
        (
            rf"(?:把|将|关于|(?:把|将)关于)(?P<value>[^，。第\ue000-\uefff]{{1,12}}?)(?:的|那个|这个|那条|这条)(?:那个|"
            rf"那条)?{QUESTION}{REMOVE}"
        ),
        question_edits.remove_question,
    ),
    rule(
        (
            rf"(?:{REMOVE}|清空)(?:所有|全部)?的?{SUGGESTED}$|(?:{REMOVE}|清空)(?:所有|全部)的?{QUESTION}$|"
            rf"(?:把|将)?(?:所有|全部)?的?{QUESTION}(?:全部|都|全)(?:去掉|删掉|删除|删了|不要)了?$|"
            rf"(?:把|将)?{SUGGESTED}(?:{REMOVE}|不要|清空)了?$"
        ),
        question_edits.remove_all_questions,
    ),
    rule(
        rf"{REMOVE}第?(?P<value>最后一|[一二三四五六1-6])(?:个|条){QUESTION}", question_edits.remove_numbered_question
    ),
    rule(
        rf"(?:把|将)?(?:第?(?P<value>最后一|[一二三四五六1-6])(?:个|条)|(?P<last>最后)[那这]?一?(?:个|"
        rf"条)){QUESTION}(?:{REMOVE}|不要)了?",
        question_edits.remove_numbered_question,
    ),
    rule(
        rf"(?:把|将|用)?(?P<which>[\ue000-\uefff])(?:这个问题|这个)?{SET}(?P<value>[\ue000-\uefff])",
        reach="line",
        pointed=question_edits.replace_quoted,
        force="command",
    ),
    rule(
        rf"(?:把|将)?{WHICH}{QUESTION}{SET}(?P<value>.+)",
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    rule(
        rf"(?:把|将)?{QUESTION}{WHICH}{SET}(?P<value>.+)",
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    rule(
        rf"(?:把|将)?{SUGGESTED}(?:列表)?{SET}(?P<value>.*[?？\ue000-\uefff].*)",
        question_edits.set_questions,
        "line",
        several=True,
        force="command",
    ),
    rule(
        (
            rf"(?:{REMOVE}|不要)(?P<value>[\ue000-\uefff])(?:这|那)?(?:一)?(?:个|条)?(?:{QUESTION})?|(?:把|"
            rf"将)(?P<it>[\ue000-\uefff])(?:这|那)?(?:一)?(?:个|条)?(?:{QUESTION})?{REMOVE}"
        ),
        question_edits.remove_quoted,
    ),
    rule(rf"{REMOVE}(?:关于)?(?P<value>[^，。；\n]+?)(?:的|这个|那个){QUESTION}$", question_edits.remove_question),
    rule(rf"{REMOVE}{QUESTION}[:：]?(?P<value>.+)", question_edits.remove_question, "line"),
    rule(
        (
            rf"(?:(?:换|改|多?加|来|给|出|想|增加)(?:我)?(?:几|一些|些|[一两二三四五六]|多)?(?:个|点|条)?(?:新的?|"
            rf"别的|更?好的?|其他的?)*{SUGGESTED}|{SUGGESTED}(?:不|太|很|少|多|换|改|再|有点|一般).*)$"
        ),
        tell(question_edits.ASK_QUESTIONS),
    ),
    rule(
        rf"(?:再?{ADD}(?:一|几|这)?(?:个|条)?(?:新的?)?(?:{QUESTION}|推荐(?=[:：]))|(?:在|"
        rf"往)?{SUGGESTED}(?:列表)?(?:里面?|中)?(?:再|也)?{ADD}"
        r"(?:一|几|这)?(?:个|条)?(?:新的?)?)[:：]?\s*(?P<value>.+)",
        question_edits.add_question,
        "line",
        several=True,
        force="command",
    ),
)
