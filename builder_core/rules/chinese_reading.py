"""Takes a Chinese description apart: "帮我做一个能查天气、算汇率的旅行助手". Read in simplified characters."""

import re
from dataclasses import replace

from builder_core.rules.chinese_leads import Lead, led
from builder_core.rules.chinese_words import PEOPLE, ROLE_NOUN, VERB, VERBS
from builder_core.rules.purpose import Purpose
from builder_core.rules.sound import role_is_sound, task_is_sound, topic_is_sound
from builder_core.rules.vocabulary import tones_named

_GENERIC = re.compile(
    r"^(?:AI|智能|小)?\s*(?:智能体|机器人|助手|助理|小助手|agent|bot|chatbot|assistant|ai)$", re.IGNORECASE
)
_MAKE = r"(?:做出?|创建|新建|建|写|设计|生成|弄|搭建|搭|开发|制作|打造|有|要|来|搞|整|换成|改成|变成|定制)"
_MEASURE = r"(?:一个|一款|一名|一位|另一个|另外一个|个|款|位)"
_ASKED_FOR = re.compile(
    rf"^(?!.*(?:怎么|如何|怎样))(?:[^，。]{{0,8}}[，,])?(?:我们?|请|帮我|给我|那就|还是|现在|其实|把它|将它|改|"
    rf"重新|再|另外|想|想要|要|需要|我想|不如)*(?:(?:{_MAKE}|想要的?是?|"
    rf"需要的?是?){_MEASURE}(?:新的)?(?P<what>[^。！？\n]*?)(?:{ROLE_NOUN}|的)(?=[，,。！吧呢\s]|$)"
    rf"|(?:创建|新建|打造|搭建|定制|重新做|我要的是|想要的是)(?!更|"
    rf"一点)(?P<other>[^。！？\n]*?){ROLE_NOUN}(?=[，,。！吧呢\s]|$))",
    re.IGNORECASE,
)
_THIS = re.compile(r"(?:这个?|我的|它|他|她|刚才的?|现在的?)")
_NAMED = re.compile(
    r"(?:[，,]?(?:它的|他的|她的)?(?:名字(?:就)?(?:叫做?|是|[:：])|名叫|名为|取名叫?|起名叫?|叫做)|(?:^|"
    r"(?<=[，,个。；]))(?:就)?叫(?:它|他|她)?)(?!我|人)[:：]?\s*(?P<name>[^，,。；！？的]{1,20}?)"
    r"(?:吧|好了)?(?:的|(?=[，,。；！？])|$)"
)
_FOR_WHOM = re.compile(
    r"^(?:主要|专门|是)*(?:给|面向|针对|适合|服务于|服务|为|供)(?P<who>[^，,。]{1,16}?)(?P<how>使用|用|看|准备|"
    r"设计|服务|提供帮助|而设计|定制|打造)?(?:的)?$"
)
_FOR_WHOM_DOING = re.compile(rf"^(?:给|为|帮助?|陪|教)(?P<who>[^，,。]{{1,10}}?)(?=(?:{VERBS}))(?P<task>.+)$")
_FOR_PEOPLE_DOING = re.compile(rf"^(?:给|为|帮助?)(?P<who>[^，,。]{{0,8}}?{PEOPLE})(?=(?:{VERBS})).+$")
_PEOPLE = re.compile(rf"{PEOPLE}$")
_ABLE = re.compile(
    r"^(?:它|他|她)?(?:并且|并|而且|但是?|同时|然后|以及|还|也|又|再|最好|应该|需要|要|得)*"
    r"(?:能够|能(?!量|源|力)|会(?!议|员|计|话|场|展|所|客)|可以|用来|用于|专门|主要|负责|懂得|善于|擅长于?(?=写|"
    r"做|讲|画|唱|编|教|聊))*(?:帮助我们?|帮我们?|帮忙|帮你|给我们?(?!鼓励)|为我们?|让我们?|替我们?)?"
)
_KNOWS = re.compile(r"^(?:精通|熟悉|懂得?|了解|知道|擅长|关于|专注于?|围绕|研究|主打)(?P<what>.+)$")
_LIKE = re.compile(
    r"^(?:能|会|可以)?(?:像|模仿|扮演|仿照|学(?=.{2,8}说话))(?P<who>.+?)(?:(?:一样|那样|似的)(?:地|"
    r"的)?(?P<does>(?!说话|讲话|聊天).{2,})|(?:一样|那样|似的)?(?:地|的)?(?:说话|讲话|聊天|口吻|语气|"
    r"风格)*(?:的)?)$"
)
_CLAUSE = re.compile(r"[，,；;：:]|(?<!\d)\s{2,}")
_TASK_SPLIT = re.compile(rf"[、，,；;]|并且|而且|以及|还能|还会|还要|同时|但(?=不|别)|[和并跟与](?={VERBS}|给出|带)")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.、)）])\s*(?P<item>.+)$", re.MULTILINE)
_RULE = re.compile(
    r"^(?:它|他|她|但|但是|而且|也|都|并且|并)*(?:绝对|一定|千万|永远|最好)?(?:不要|不(?!同|仅|只|懂)|别|不能|"
    r"不可以|禁止|避免|不许|只能|必须|只(?!要)|每次|回答(?:要|必须|不|控制|尽量|时|前|都|应|请|用|得|简|里)|题目|"
    r"结果|语气|风格|态度|说话|口吻|用(?!来|于).{1,6}(?:回答|说|语气)|一步一步|多用|少用|尽量|先)"
)
_MANNERED = re.compile(r"^(?:要)?(?:带|有礼貌|礼貌|耐心|温柔|亲切|分|附|简短|简洁|详细|幽默)")
_TRAIT = re.compile(r"^(?:她|他|它)?(?:说|讲)[^，]{1,6}[语文]")
_HELP_WITH = re.compile(r"^(?P<what>[^，。]{2,12}?)(?:方面|上面?)?的(?:帮助|支持|协助|指导|建议)$")
_VAGUE = re.compile(r"^(?:更|比较|好玩|有趣|有意思|好用|厉害|酷|新|不错|好|最好|简单|特别|万能|全能|智能)+$")
_OF_SPEAKER = re.compile(
    r"^(?:我们?|咱们|本人)(?:就|也|现在|都)?(?:是|有(?!个)|开|在|家|的|女儿|儿子|孩子|妈|爸|老婆|老公|最近|平时|"
    r"经常|每天(?!想|要)|刚|喜欢|不|没)"
)
_WHEN = re.compile(r"^(?:每天|每周|每次|每晚|睡前|早上|晚上|平时|随时|定期|按时)+")
_BETWEEN_SCRIPTS = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[A-Za-z0-9])|(?<=[A-Za-z0-9]) +(?=[\u3400-\u9fff])")
_BY_MEANS = re.compile(rf"^(?:根据|按照|按|用|在|把|从|每天|随时|通过|利用|只)[^，]{{1,20}}?(?:{VERBS})")
_MEDIUM = re.compile(
    r"(?:我们?的?)?(?P<what>.*(?:网站|网页|网店|官网|主页|首页|博客|公众号|视频号|小程序|频道|播客|论坛|贴吧|平台|软件|应用|"
    r"服务器|仓库|项目|产品|文档|论文|app))",
    re.IGNORECASE,
)
"""Where an agent is put, or what it is about: whosever that is, it is read by nobody."""
_ONESELF = ("我", "我们", "我自己", "自己")
MAX_TASKS = 12
MAX_TONE_CHARS = 8
MAX_PERSONA_CHARS = 4


def asks_for_agent(text: str) -> bool:
    """Whether somebody asks for a new agent in so many words, and for none that is there: not "这个", "我的助手"."""
    found = _ASKED_FOR.match(text.strip())
    return found is not None and not _THIS.match(found["what"] or found["other"] or "")


def read_chinese(text: str) -> Purpose:
    """What one sentence, with the list under it, says of an agent; false where that is nothing."""
    return _read(text) or _read(_BETWEEN_SCRIPTS.sub("", text))


def _read(text: str) -> Purpose:
    bullets = tuple(_ABLE.sub("", item.strip(" 。；;，,")) for item in _BULLET.findall(text))
    said = "，".join(_BULLET.sub("", text).split("\n")).strip()
    named = _NAMED.search(said)
    if named:
        said = (
            said[: named.start()] + ("，" if said[named.end() - 1 : named.end()] != "的" else "") + said[named.end() :]
        ).strip(" ，,")
        said = re.sub(r"([个款位名])，", r"\1", re.sub(r"给([^，]{2,10})$", r"\1", said))
    lead = led(said)
    if not lead.context and _OF_SPEAKER.match(said):
        return Purpose()
    found = _sound(_read_body(lead))
    audience = found.audience or lead.audience
    medium = _MEDIUM.fullmatch(audience)
    return replace(
        found,
        name=named["name"].strip() if named else "",
        tasks=(*found.tasks, *(task for task in bullets if task_is_sound(task))),
        topic=found.topic or (medium["what"] if medium else ""),
        audience="" if medium else audience,
        details="\n".join(part for part in (lead.context, found.details) if part),
    )


def _sound(purpose: Purpose) -> Purpose:
    """Only the parts that can be shown."""
    return replace(
        purpose,
        role=purpose.role if role_is_sound(purpose.role) else "",
        tasks=tuple(task for task in purpose.tasks[:MAX_TASKS] if task_is_sound(task)),
        topic=purpose.topic if topic_is_sound(purpose.topic) else "",
        audience=purpose.audience if len(purpose.audience) <= 20 else "",
        persona=purpose.persona if len(purpose.persona) <= 12 else "",
    )


def _read_body(lead: Lead) -> Purpose:
    if lead.way in ("doing", "own act"):
        return _read_clauses(_clauses(lead.rest), certain=True)
    if helped := _HELP_WITH.match(lead.rest):
        return Purpose(topic=helped["what"])
    head, rest = _head(lead.rest)
    if lead.way == "being" and (
        played := re.match(r"^(?P<who>[^，]+?)的(?:角色扮演)?(?:机器人|助手|智能体|AI)$", lead.rest)
    ):
        return Purpose(role=played["who"])
    if lead.way == "being" and not head:
        first, _, rest = re.sub(r"[。；]", "，", lead.rest).partition("，")
        head = Purpose(role=first) if role_is_sound(first) else Purpose()
        if len(first) <= MAX_PERSONA_CHARS and not re.search(rf"(?:{ROLE_NOUN}|{PEOPLE})$", first):
            head = Purpose(persona=first)
    found = _read_clauses(_clauses(rest), certain=False)
    if not head and not found.tasks and not found.topic:
        return Purpose(
            topic=re.sub(r"^(?:关于|有关)", "", lead.rest).removesuffix("的"),
            persona=found.persona,
            details=found.details if found.persona else "",
        )
    role = "" if _GENERIC.match(head.role) else head.role
    return Purpose(
        role=role,
        tasks=(*head.tasks, *found.tasks),
        topic="、".join(topic for topic in (head.topic, found.topic) if topic),
        persona=head.persona or found.persona,
        audience=head.audience or found.audience,
        details="\n".join(part for part in (head.details, found.details) if part),
    )


def _clauses(text: str) -> list[str]:
    return [part.strip() for part in _CLAUSE.split(text) if part.strip()]


def _head(said: str) -> tuple[Purpose, str]:
    """The noun that says what it is, with what stands before it; and everything after it."""
    behind = (
        rf"(?P<rest>$|[，,、；;：:\s].*|(?=能(?!量|源|力)|会(?!议|员|计|话|场|展|所|客)|可以|用[来于]|专[门注]|帮|"
        rf"负责|来).*|(?<=老师|助手|助理|专家|教练|顾问|器人|能体)(?=(?:{VERBS})).*)"
    )
    full = re.match(rf"^(?P<mod>[^，,；;。]+)的(?P<role>[^的，,、。]{{0,12}}?{ROLE_NOUN}){behind}", said, re.IGNORECASE)
    if full:
        return _modified(full["mod"], full["role"].strip()), full["rest"]
    listed = re.match(rf"^(?P<mod>[^；;。]+)的(?P<role>[^的，,、。]{{0,12}}?{ROLE_NOUN}){behind}", said, re.IGNORECASE)
    if listed and VERB.match(_ABLE.sub("", listed["mod"])):
        return _modified(listed["mod"], listed["role"].strip()), listed["rest"]
    bare = re.match(r"^(?P<mod>[^，,；;。的]{2,20})的(?P<rest>$|[，,].*)", said)
    if bare:
        return _modified(bare["mod"], "助手"), bare["rest"]
    alone = re.match(rf"^(?P<role>[^，,、。；;：:]{{0,24}}?{ROLE_NOUN})(?!{ROLE_NOUN}){behind}", said, re.IGNORECASE)
    if alone and not VERB.fullmatch(alone["role"]):
        return _unmodified(alone["role"].strip()), alone["rest"]
    return Purpose(), said


def _unmodified(role: str) -> Purpose:
    """A role that says without 的 what it does: "帮我出题助手", "教人编程机器人"."""
    whom = re.match(r"^(?:给|面向|适合)(?P<who>.{1,8}?)(?:用|看|使用)(?P<role>.+)$", role)
    if whom:
        return Purpose(role=whom["role"], audience=whom["who"])
    if role_is_sound(role):
        return Purpose(role=role)
    noun = re.search(rf"{ROLE_NOUN}$", role, re.IGNORECASE)
    return _modified(role[: noun.start()], noun.group()) if noun and noun.start() else Purpose()


def _modified(mod: str, role: str) -> Purpose:
    """A role with what stands before its 的: whom it is for, what it does, or what it is like."""
    found = Purpose() if _VAGUE.match(mod) else _modifier(mod, role)
    if _GENERIC.match(role) and _VAGUE.match(mod):
        return Purpose()
    if not _GENERIC.match(role) or found.role or found.tasks or found.topic or found.persona:
        return replace(found, role=found.role or role)
    return replace(found, role=role)


def _modifier(mod: str, role: str) -> Purpose:
    if like := _LIKE.match(mod):
        return replace(_played(like["who"]), tasks=_tasks(like["does"] or ""))
    if served := _served(mod):
        return served
    if knows := _KNOWS.match(_ABLE.sub("", mod) or mod):
        what, _, able = re.sub(r"[、，](?=会|能|可以|擅长)", "\n", knows["what"]).partition("\n")
        return Purpose(topic=what, tasks=_tasks(able))
    if refused := re.match(r"^(?P<yes>.+?)但?(?P<no>不.+)$", mod):
        return Purpose(tasks=_tasks(refused["yes"]), details=refused["no"])
    bare = _ABLE.sub("", mod)
    if VERB.match(bare) or bare != mod or _BY_MEANS.match(mod):
        return Purpose(tasks=_tasks(mod))
    if tones_named(mod) and len(mod) <= MAX_TONE_CHARS:
        return Purpose(details=f"语气{mod}")
    if mod in _ONESELF:
        return Purpose()
    return Purpose(role=f"{mod}助手") if _GENERIC.match(role) else Purpose(details=mod)


def _served(mod: str) -> Purpose:
    """Whom the words before a role say it is for, and what it does for them; false where they say no such thing."""
    whom, doing = _FOR_WHOM.match(mod), _FOR_PEOPLE_DOING.match(mod)
    if whom and whom["how"]:
        return Purpose(audience=whom["who"])
    if doing:
        return Purpose(audience=doing["who"].removeprefix("助"), tasks=_tasks(mod))
    if whom and not VERB.match(_ABLE.sub("", whom["who"])):
        return Purpose(audience=whom["who"])
    by_name = _PEOPLE.search(mod) and not VERB.match(_ABLE.sub("", mod)) and mod not in _ONESELF
    return Purpose(audience=mod) if by_name else Purpose()


def _played(who: str) -> Purpose:
    bare = re.sub(r"^(?:一[个名位]|[个名位])", "", who).removesuffix("的角色")
    return Purpose(persona=bare, details=f"语气像{bare}那样")


def _read_clauses(clauses: list[str], *, certain: bool) -> Purpose:
    """Clauses of a description: tasks, whom it is for, what it knows, and the rest as details.

    `certain`: the first is a task, whatever it begins with.
    """
    found = Purpose()
    details: list[str] = []
    for number, clause in enumerate(clauses):
        bare = _ABLE.sub("", clause)
        whom = _FOR_WHOM.match(clause)
        target = re.match(r"^(?:对象|用户|受众|使用者|目标用户|服务对象)(?:主要)?(?:是|为|[:：])(?P<who>.+)$", clause)
        if like := _LIKE.match(clause):
            played = _played(like["who"])
            found, clause = replace(found, persona=found.persona or played.persona), played.details
            details.append(clause)
        elif _RULE.match(clause) or _MANNERED.match(bare) or _TRAIT.match(clause):
            details.append(clause)
        elif target:
            found = replace(found, audience=target["who"])
        elif whom and not found.audience and not VERB.match(whom["who"]) and not _FOR_WHOM_DOING.match(clause):
            found = replace(found, audience=whom["who"])
        elif (knows := _KNOWS.match(bare)) and not VERB.match(knows["what"]) and not VERB.match(bare):
            found = replace(found, topic=found.topic or knows["what"].removesuffix("的"))
        elif (
            VERB.match(_WHEN.sub("", bare)) or (certain and number == 0) or (bare and bare != clause and len(bare) > 1)
        ):
            found = replace(found, tasks=(*found.tasks, *_tasks(clause)))
        else:
            details.append(clause)
    return replace(found, details="\n".join(details))


def _tasks(text: str) -> tuple[str, ...]:
    """The verb phrases of a text: "能查天气、算汇率" -> "查天气", "算汇率"; a list of nouns stays with its verb."""
    tasks: list[str] = []
    pieces = [piece.strip() for piece in _TASK_SPLIT.split(text)]
    for piece in pieces:
        bare = _ABLE.sub("", piece).strip()
        if not VERB.match(bare) and "负责" in piece:
            bare = f"负责{bare}"
        bare = bare.removesuffix("的") if not re.search(r"[好坏对]的$", bare) else bare
        if not bare:
            continue
        if tasks and not VERB.match(bare) and bare == piece:
            tasks[-1] += f"、{bare}"
        else:
            tasks.append(bare)
    return tuple(tasks)
