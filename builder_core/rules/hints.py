"""What people ask the guide for that is done elsewhere on the page or not at all, and what to say to it: as data."""

from collections.abc import Sequence

from user_agent.words import Words

START_OVER = Words("要清空整份草稿，请说“重新开始”。", "If you want the whole draft emptied, say “start over”.")
ASK_TEXT = Words(
    "告诉我改成什么文字就行，比如“把简介改成：懒人周末的出行搭子”或“开场白改成：你好，想去哪里玩？”。",
    "Tell me the text as it should read: for example “change the description to Plans lazy weekends” or "
    "“set the greeting to Hello, where to?”.",
)
ASK_TONE = Words(
    "想要什么语气？比如“更亲切”“轻松一点”“像朋友那样说话”。",
    "Which tone should it have instead? For example “friendlier”, “more casual”, “like a friend”.",
)
ASK_NEW = Words(
    "要换成另一个智能体，请说它做什么，比如“做一个写诗的助手”。它会替换现在的草稿。",
    (
        "For another agent say what it does, for example “make an agent that writes poems”. It takes the place of "
        "this draft."
    ),
)

_SAVED = Words("每次改动都会自动保存，不用另外保存。", "Every change is saved by itself; there is nothing to press.")
_SHARE = Words(
    "发布和分享要在这个页面之外做；智能体就在“我的智能体”里。",
    "I cannot publish or share it; you find the agent under My agents.",
)
_AVATAR = Words("头像在“配置”里上传或更换。", "The avatar is uploaded or changed under Configure.")
_MODEL = Words(
    "模型在“配置”里选，密钥在“模型与密钥”里填。", "Choose the model under Configure; its key goes under Models & keys."
)
_KEY = Words("密钥在“模型与密钥”里填。", "Keys are entered under Models & keys.")
_TEMPERATURE = Words("温度和回答长度在“配置”里设置。", "Temperature and answer length are set under Configure.")
_FILES = Words("文件在“知识”页上传。", "Files are uploaded in the Knowledge tab.")
_TEST = Words("在右边的预览里直接和它说话就能试。", "Talk with it in the preview: that is the way to try it.")
_TRANSLATE = Words(
    "我按规则工作，不会翻译或改写文字；我可以让它用某种语言回答，比如“用英文回答”。",
    "I work by rules and cannot translate or rewrite a text. I can have it answer in a language: “answer in Chinese”.",
)
_CHANGES = Words(
    "每次改了什么，都写在我的那条回复下面；现在的内容就在草稿和“配置”里。",
    "What changed stands below each of my answers; the draft and Configure show how it is now.",
)
_WHO = Words(
    "我是按规则工作的搭建向导，不是语言模型。", "I am the builder's guide: I work by rules and am not a language model."
)
ASK_WHAT = Words(
    "告诉我哪里不对、应该改成什么，比如“改名为小旅”“语气更正式”。",
    "Tell me what it should be instead: for example “rename it to Max”, “more formal”.",
)
_RULES = Words(
    "要去掉哪一条规则？比如“删掉规则：友善”；也可以在“配置”里直接改指令。",
    "Which rule? Say for example “delete the rule Be kind”, or edit the instruction under Configure.",
)

_KEPT = Words("好，其余的都保持不变。", "All right: everything else stays as it is.")

_LOCK = Words(
    "锁定和解锁在草稿里做：点那一栏旁边的锁。锁定以后，谁也改不了它，我也不会动。",
    "Lock and unlock a field with the lock beside it in the draft: a locked field never changes, and I leave it alone.",
)

ENGLISH_HINTS: Sequence[tuple[str, Words]] = (
    (r"(?:un)?lock(?: (?:the|its|my|this|that|up))*(?: (?:it|\w+|opening message|suggested questions))?$", _LOCK),
    (
        (
            r"(?:delete|remove|clear|erase|reset|wipe)(?: (?:everything|all|it|it all|the (?:agent|draft|bot)|all of "
            r"it))?$"
        ),
        START_OVER,
    ),
    (
        (
            r"save(?: (?:it|this|that|everything|the (?:agent|draft)|my (?:agent|changes)|changes))*$|(?:is it|are "
            r"you) saved\b.*|where (?:is|are) .{2,30}(?:saved|stored|kept)"
        ),
        _SAVED,
    ),
    (r"(?:how (?:do|can) i |where (?:do|can) i )?(?:publish|share|deploy|export|embed|download)\b.{0,40}$", _SHARE),
    (r"(?:.{0,30}\b)?(?:avatar|profile picture|picture of (?:it|him|her)|logo|icon)\b.*", _AVATAR),
    (
        r"(?:use|switch to|change to|set|choose|try|run(?: it)? on|change|which|what)\b.{0,20}\b(?:gpt|claude|gemini|"
        r"qwen|deepseek|llama|mistral|"
        r"glm|chatgpt|llm|language model|models?)\b.*",
        _MODEL,
    ),
    (r"(?:.{0,30}\b)?(?:api )?keys?\b(?! (?:points?|ideas?|facts?|words?|messages?|takeaways?|terms?)).{0,20}$", _KEY),
    (
        r"turn (?:the |its )?temperature (?:up|down)\b.{0,20}$|turn (?:up|down) (?:the |its )?temperature\b.{0,20}$|"
        r"(?:set|change|lower|raise|increase|decrease|reduce)?\s*(?:the |its )?temperature(?: (?:to|is|=)? "
        r"?[\d.]+| (?:up|down|lower|higher))?$"
        r"|(?:.{0,20}\b)?(?:max(?:imum)? (?:tokens|length)|answer length)\b.*",
        _TEMPERATURE,
    ),
    (
        (
            r"(?:upload|attach)\b.*|(?:add|give it|use) (?:a |my |some |the )?(?:knowledge|files?|documents?|"
            r"pdfs?)\b.{0,20}$"
        ),
        _FILES,
    ),
    (
        (
            r"(?:how (?:do|can) i )?(?:test|try|run|start|launch|use)(?: (?:it|this|the (?:agent|bot)|my (?:agent|"
            r"bot)))?(?: out| now)?$"
        ),
        _TEST,
    ),
    (
        (
            r"(?:translate|rewrite|rephrase|reword|proofread)(?: (?:it|this|that|everything|all(?: of it)?|the "
            r"\w+))\b.*|fix the (?:grammar|spelling|typos?).*"
        ),
        _TRANSLATE,
    ),
    (
        (
            r"what (?:did|have) you (?:change|changed|do|done)\b.*|what (?:has )?changed\b.*|show me (?:the changes|"
            r"what changed).*"
        ),
        _CHANGES,
    ),
    (r"who are you\b.*|what are you\b.*|are you (?:an? )?(?:ai|bot|human|llm|robot|real|language model)\b.*", _WHO),
    (
        r"(?:don't|do not|no need to|never|please don't) (?:change|touch|alter|edit|modify) (?:anything|any of|"
        r"the|it|that|my|everything)\b.*"
        r"|(?:don't|do not|never|please don't) (?:rename|delete|remove|replace) (?:it|this|that|him|her|"
        r"the (?:name|greeting|"
        r"description|questions?|suggestions?|instructions?))$"
        r"|(?:keep|leave) (?:the |its |everything|all |it ?)(?:name|description|greeting|instructions?|questions|"
        r"tone|rest|else| ?as (?:it|they) (?:is|are)|like that| )*$",
        _KEPT,
    ),
    (
        r"(?:no,? )?(?:that(?:'s| is| was)|it(?:'s| is)|this is) (?:wrong|not (?:right|it|correct|what i "
        r"(?:meant|wanted|said|asked)(?: for)?)|bad|terrible|worse)$"
        r"|i (?:meant|mean) .{1,40}$|not (?:that|like that|quite)$|wrong$|i (?:don't|do not) like (?:it|this|that)$",
        ASK_WHAT,
    ),
    (r"(?:remove|delete|drop|clear) (?:all|every)(?: of)?(?: the| its)? rules?$|(?:remove|delete) the rules$", _RULES),
    (r"(?:make|do|build|create|i want) (?:another|a new|a different) (?:one|agent|bot|assistant)$|new agent$", ASK_NEW),
)
"""A pattern where a clause begins, and what to say. The first that matches."""

CHINESE_HINTS: Sequence[tuple[str, Words]] = (
    (r"(?:把|将)?.{0,8}(?:锁定|锁上|锁住|解锁|上锁|锁了)(?:一下|吧|它|名字|名称|简介|指令|开场白)*$", _LOCK),
    (r"(?:其他|别的|其余|剩下)的?(?:都|就|先)*(?:不要动|别动|不动|不变|不用改|别改|不要改|保持不变|保留).*", _KEPT),
    (
        (
            r"(?:全部|全都|都|所有|一切|内容)*(?:清空|清除|删除|删掉|重置)(?:全部|所有|一切|草稿|智能体|内容|的|"
            r"了)*$|(?:全部|都)?重来(?:一[遍次])?$|重做|重新做$|重新来过?$"
        ),
        START_OVER,
    ),
    (r"(?:帮我)?保存(?:一下|了|草稿|智能体|了吗|起来)*$|(?:怎么|如何)保存.*", _SAVED),
    (
        r"(?:怎么|如何|怎样|在哪)?(?:才能)?(?:发布|分享|部署|导出|上线|转发)(?:它|出去|一下|给.*|智能体|了|到.*)*$",
        _SHARE,
    ),
    (r".{0,12}(?:头像|图标|logo).*", _AVATAR),
    (
        (
            r"(?:把|将)?(?:大)?模型.*|(?:换|用|使用|改用|切换|换成|选)(?:到|成|个)?(?:gpt|claude|gemini|qwen|通义|"
            r"千问|deepseek|glm|智谱|chatgpt|大?模型).*"
        ),
        _MODEL,
    ),
    (r".{0,8}(?:密钥|api ?key).*", _KEY),
    (r"(?:把|将)?(?:温度(?:值|参数)?(?:设|调|改|低|高|为|成|降|升).*|回答长度.*)", _TEMPERATURE),
    (
        (
            r"(?:我要|怎么|如何|在哪)?(?:上传|导入).{0,12}$|(?:加|添加|增加|建|用)(?:上|一?个|些)?(?:知识库?|文件|"
            r"文档|资料)$"
        ),
        _FILES,
    ),
    (r"(?:怎么|如何|在哪里?)?(?:测试|试用|试试|试一试|运行|预览|试)(?:它|一下|看看|看|下|一试|智能体|效果)*$", _TEST),
    (
        (
            r"(?:帮我)?(?:把|将)?.{0,6}(?:翻译成|译成|译为|翻成).{1,8}$|(?:内容|文字)(?:改成|换成)(?:英文|"
            r"英语|中文)$|(?:润色|改写|检查语法)(?:一下)?$"
        ),
        _TRANSLATE,
    ),
    (r"(?:你)?(?:刚才|刚刚|都|到底|之前)*(?:改|修改|动|变)了(?:些)?(?:什么|哪些|哪里|啥).*", _CHANGES),
    (r"你是(?:谁|什么|人工|机器人|ai|人|真人).*", _WHO),
    (
        (
            r"(?:不|错|不是|不对|错了|不行|不是这样|这不对|不好|不太对|有问题|你?(?:弄|搞|理解)错了|(?:我)?不是(?:这|"
            r"那)个?(?:意思|样子?)?|(?:我)?不(?:太)?(?:喜欢|满意))(?:的|啊|吧)?$"
        ),
        ASK_WHAT,
    ),
    (r"(?:删除|删掉|去掉|清空|取消)(?:所有|全部)的?(?:规则|限制|要求)$", _RULES),
    (
        r"(?:做|换|来|创建|新建)(?:另外?|别的|新的)?(?:一)?个(?:别的|新的|另外的|其他的)?(?:智能体|机器人|"
        r"助手)?$|新建智能体$"
        r"|(?:把它|将它)?(?:换成|改成|改做|变成)[^，。]{2,12}(?:的|助手|机器人|智能体|老师|教练|顾问|专家)$",
        ASK_NEW,
    ),
)
