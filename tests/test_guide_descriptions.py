"""First descriptions: each utterance with the agent it makes, or that it makes none and is answered with a question."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from builder_core.rules.replies import INVITATION
from tests.fakes.draft import MemoryDraft
from tests.guided import calls_of, talk
from tests.test_guide_builder import EN, answer_of, patch_of, take_turn
from user_agent.config import AgentConfig
from user_agent.messages import user_message


@dataclass(frozen=True)
class Described:
    """`lines` stand in the instruction; `tools` are all that are on."""

    said: str
    name: str
    description: str
    lines: tuple[str, ...] = ()
    tools: set[str] = field(default_factory=set[str])


DESCRIBED = [
    Described(
        "我想做一个给小学生讲历史故事的机器人，语气要生动有趣",
        "历史故事助手",
        "给小学生讲历史故事。",
        ("- 给小学生讲历史故事。", "- 语气要生动有趣。"),
    ),
    Described(
        "an assistant for my bakery that answers customers' questions about opening hours and allergens",
        "Opening Hour Assistant",
        "Answers customers' questions about opening hours and allergens, for your bakery.",
        ("- Answer customers' questions about opening hours and allergens.",),
    ),
    Described(
        "I want an agent for my website",
        "Website Assistant",
        "Answers questions about your website.",
        ("- Help with everything around the user's website.",),
    ),
    Described(
        "an agent for our website that answers questions about bicycles",
        "Bicycle Assistant",
        "Answers questions about bicycles, for your website.",
        ("- Answer questions about bicycles.", "- Help with everything around the user's website."),
    ),
    Described(
        "a support agent for my website's visitors",
        "Support Agent",
        "A support agent for your website's visitors.",
        ("- Fit words, length and examples to the user's website's visitors.",),
    ),
    Described(
        "帮我做一个给我们公司网站用的智能体",
        "公司网站助手",
        "解答关于公司网站的各种问题。",
        ("- 围绕公司网站，讲解、出主意、给例子，把事情办到能直接用的程度。",),
    ),
    Described(
        "I want an agent that answers questions from our documents: opening hours, allergens, orders",
        "Question Assistant",
        "Answers questions from your documents: opening hours, allergens, orders.",
        ("- Answer questions from the user's documents: opening hours, allergens, orders.",),
    ),
    Described(
        "I need a research assistant who summarises papers, cites sources and speaks German",
        "Research Assistant",
        "A research assistant that summarises papers and cites sources.",
        ("- Summarise papers.", "- Cite sources.", "- Language of answers: always German."),
    ),
    Described(
        "I want a bot that helps me cook dinner, no weather please", "Dinner Cook", "Cooks dinner.", ("- Cook dinner.",)
    ),
    Described(
        "call it Luna, she should help me sleep better",
        "Luna",
        "Helps you sleep better.",
        ("- Help the user sleep better.",),
    ),
    Described(
        "Can you make me something for my kids to practise maths?",
        "Maths Assistant",
        "Helps your kids practise maths.",
        ("- Help the user's kids practise maths.",),
        tools={"calculator"},
    ),
    Described(
        "Make a fitness coach named Rocky who is tough but fair and only answers in Spanish",
        "Rocky",
        "A fitness coach.",
        (
            "- Tone: direct and strict: name what is wrong.",
            "- Language of answers: always Spanish.",
            "- Fair.",
        ),
    ),
    Described(
        (
            "Hello! I'd love an assistant that can summarize long articles for me, translate them into Chinese and "
            "quiz me on them afterwards. Thanks!"
        ),
        "Article Summarizer",
        "Summarizes long articles for you, translates them into Chinese and quizzes you on them afterwards.",
        (
            "- Summarize long articles for the user.",
            "- Translate them into Chinese.",
            "- Quiz the user on them afterwards.",
        ),
    ),
    Described(
        "You are a senior Python developer. Review code and suggest improvements.",
        "Senior Python Developer",
        "A senior Python developer.",
        ("- Review code and suggest improvements.",),
    ),
    Described(
        "My agent should be able to tell me the weather, calculate tips and remind me to drink water",
        "Weather Assistant",
        "Tells you the weather, calculates tips and reminds you to drink water.",
        (
            "- Tell the user the weather.",
            "- Calculate tips.",
            "- Remind the user to drink water.",
        ),
        tools={"calculator", "weather"},
    ),
    Described(
        (
            "Create an assistant for lawyers that drafts contracts, checks clauses and explains legal terms. Don't "
            "give legal advice. Always cite the law."
        ),
        "Contract Writer",
        "Drafts contracts, checks clauses and explains legal terms, for lawyers.",
        (
            "- Draft contracts.",
            "- Check clauses.",
            "- Explain legal terms.",
            "- Don't give legal advice.",
            "- Always cite the law.",
        ),
    ),
    Described(
        "I'd like a math tutor for 8th graders; it must not give the answer right away",
        "Math Tutor",
        "A math tutor for 8th graders.",
        ("- Do not give the answer right away.",),
        tools={"calculator"},
    ),
    Described("Stock market analyst", "Stock Market Analyst", "A stock market analyst."),
    Described(
        "Interview prep coach for software engineers",
        "Interview Prep Coach",
        "An interview prep coach for software engineers.",
    ),
    Described("Act as a stand-up comedian", "Stand-up Comedian", "A stand-up comedian."),
    Described("I want to lose weight", "Weight Coach", "Helps you lose weight.", ("- Help the user lose weight.",)),
    Described(
        "A chatbot which pretends to be Albert Einstein",
        "Albert Einstein",
        "Speaks and answers as Albert Einstein.",
        (
            "- Speak and answer as Albert Einstein would.",
            "- Tone: like Albert Einstein.",
        ),
    ),
    Described(
        "Could you please create a agent to help elderly people use their smartphone?",
        "Smartphone Assistant",
        "Helps elderly people use their smartphone.",
        ("- Help elderly people use their smartphone.",),
    ),
    Described(
        "Build me an agent. It plans meals. It knows what's in season. It avoids nuts because my son is allergic.",
        "Meal Planner",
        "Plans meals and tells you about what's in season.",
        (
            "- Plan meals.",
            "- Tell the user about what's in season.",
            "- Avoid nuts because my son is allergic.",
        ),
    ),
    Described(
        "I want an agent that doesn't use the calculator and tells stories",
        "Story Assistant",
        "Tells stories.",
        ("- Tell stories.",),
    ),
    Described(
        "Name: Sparky. Purpose: explain electricity to kids.",
        "Sparky",
        "Explains electricity to kids.",
        ("- Explain electricity to kids.",),
    ),
    Described(
        (
            "I want an agent that can talk about movies like a film critic, recommend three films at a time, never "
            "spoil the ending, and reply in under 100 words"
        ),
        "Movie Assistant",
        "Talks about movies like a film critic and recommends three films at a time.",
        (
            "- Talk about movies like a film critic.",
            "- Recommend three films at a time.",
            "- Never spoil the ending.",
            "- Reply in under 100 words.",
        ),
    ),
    Described(
        "a bot that answers customer questions about shipping in a friendly tone",
        "Shipping Assistant",
        "Answers customer questions about shipping in a friendly tone.",
        ("- Answer customer questions about shipping in a friendly tone.",),
    ),
    Described("我想做一个帮我做菜的助手，不要天气", "做菜助手", "帮你做菜。", ("- 做菜。",)),
    Described("给孩子练数学的", "数学助手", "给孩子练数学。", ("- 给孩子练数学。",), tools={"calculator"}),
    Described(
        "做个客服，我开了一家网上鞋店，要礼貌，千万别承诺退款",
        "客服",
        "你的客服，有问题随时问。",
        (
            "- 语气：礼貌、得体，称呼对方为“您”。",
            "- 千万别承诺退款。",
            "- 用户开了一家网上鞋店。",
        ),
    ),
    Described(
        "幫我做一個旅遊規劃助手，可以查天氣",
        "旅遊規劃助手",
        "能查天氣的旅遊規劃助手。",
        ("- 查天氣。",),
        tools={"weather"},
    ),
    Described("我想要一個教英文的老師，對象是小學生", "英文老師", "为小學生准备的，能教英文的老師。", ("- 教英文。",)),
    Described("剧本杀主持人", "剧本杀主持人", "你的剧本杀主持人，专注剧本杀，有问题随时问。"),
    Described("做一个不用工具、只陪我聊天的智能体", "我的助手", "只陪你聊天。", ("- 只陪用户聊天。",)),
    Described(
        "做一个能报各地时间、算汇率的机器人",
        "各地时间助手",
        "帮你报各地时间、算汇率。",
        (
            "- 报各地时间。",
            "- 算汇率。",
        ),
        tools={"calculator", "current_time"},
    ),
    Described(
        "希望它能告诉我天气，算小费，提醒我喝水",
        "天气助手",
        "告诉你天气、算小费、提醒你喝水。",
        (
            "- 告诉用户天气。",
            "- 算小费。",
            "- 提醒用户喝水。",
        ),
        tools={"calculator", "weather"},
    ),
    Described(
        "给律师用的合同助手：起草合同、审条款、解释法律术语。不要给法律意见。回答必须引用法条",
        "合同助手",
        "为律师准备的，能起草合同、审条款、解释法律术语的合同助手。",
        (
            "- 起草合同。",
            "- 审条款。",
            "- 解释法律术语。",
            "- 不要给法律意见。",
            "- 回答必须引用法条。",
        ),
    ),
    Described("面试官", "面试官", "你的面试官，有问题随时问。"),
    Described("扮演一个脱口秀演员", "脱口秀演员", "你的脱口秀演员，专注脱口秀，有问题随时问。"),
    Described(
        "一个模仿鲁迅说话的聊天机器人",
        "鲁迅",
        "以鲁迅的口吻和你聊天。",
        (
            "- 始终像鲁迅那样说话和回答。",
            "- 语气：像鲁迅那样说话。",
        ),
    ),
    Described("能不能做个教老年人用手机的助手？", "手机助手", "教老年人用手机。", ("- 教老年人用手机。",)),
    Described(
        "HR助手，回答年假、病假和工资的问题",
        "HR助手",
        "能回答年假、病假和工资的问题的 HR 助手。",
        ("- 回答年假、病假和工资的问题。",),
    ),
    Described("做个讲故事的，不需要计算器", "故事助手", "帮你讲故事。", ("- 讲故事。",)),
    Described("名字：小电。用途：给小朋友讲电学知识", "小电", "给小朋友讲电学知识。", ("- 给小朋友讲电学知识。",)),
    Described(
        "我要个日语老师，名字叫由纪，她说日语和中文",
        "由纪",
        "你的日语老师，专注日语，有问题随时问。",
        ("- 她说日语和中文。",),
    ),
    Described("我需要报税方面的帮助", "报税助手", "解答关于报税的各种问题。"),
    Described(
        "想要一个懂红酒的，能推荐搭配，别推荐太贵的",
        "红酒助手",
        "围绕红酒，帮你推荐搭配。",
        (
            "- 推荐搭配。",
            "- 别推荐太贵的。",
        ),
    ),
    Described(
        "我是一名初中老师，想要一个帮我出题的助手，题目要分难度，最好带解析",
        "出题助手",
        "帮你出题。",
        (
            "- 出题。",
            "- 题目要分难度。",
            "- 用户是一名初中老师。",
            "- 最好带解析。",
        ),
    ),
    Described(
        "我想让它每天早上告诉我天气和日期",
        "天气和日期助手",
        "每天早上告诉你天气和日期。",
        ("- 每天早上告诉用户天气和日期。",),
        tools={"current_time", "weather"},
    ),
    Described("创建一个名为“诗酒年华”的古诗词助手", "诗酒年华", "你的古诗词助手，专注古诗词，有问题随时问。"),
    Described(
        "a bot for my restaurant that takes reservations",
        "Reservation Assistant",
        "Takes reservations, for your restaurant.",
        ("- Take reservations.",),
    ),
    Described(
        "I'm looking for an agent who can help me study for exams",
        "Exam Tutor",
        "Helps you study for exams.",
        ("- Help the user study for exams.",),
    ),
    Described(
        "I want to make an agent that helps people learn to code",
        "Code Assistant",
        "Helps people learn to code.",
        ("- Help people learn to code.",),
    ),
    Described(
        "I want an agent which translates text between Chinese and English",
        "Text Translator",
        "Translates text between Chinese and English.",
        ("- Translate text between Chinese and English.",),
    ),
    Described(
        "I want an AI that roleplays as a medieval knight",
        "Medieval Knight",
        "A medieval knight.",
        ("- Tone: like a medieval knight.",),
    ),
    Described(
        "A homework helper for children, that explains step by step and never gives away the answer",
        "Homework Helper",
        "A homework helper for children that explains step by step.",
        (
            "- Explain step by step.",
            "- Never give away the answer.",
        ),
    ),
    Described(
        "I want an agent that speaks like Yoda",
        "Yoda",
        "Speaks and answers as Yoda.",
        (
            "- Speak and answer as Yoda would.",
            "- Tone: like Yoda.",
        ),
    ),
    Described("我需要一个私人教练", "私人教练", "你的私人教练，有问题随时问。"),
    Described(
        "做一个根据冰箱里的食材推荐菜谱的助手",
        "菜谱助手",
        "帮你根据冰箱里的食材推荐菜谱。",
        ("- 根据冰箱里的食材推荐菜谱。",),
    ),
    Described("给我的餐厅做一个订位机器人", "订位机器人", "为餐厅准备的订位机器人，专注订位，有问题随时问。"),
    Described("给咖啡店做个客服", "客服", "为咖啡店准备的客服，有问题随时问。"),
    Described("帮我做一个上班族的减脂餐助手", "减脂餐助手", "为上班族准备的减脂餐助手，专注减脂餐，有问题随时问。"),
    Described("我想做一个教人编程的机器人", "编程助手", "教人编程。", ("- 教人编程。",)),
    Described("每天给我鼓励的机器人", "鼓励助手", "每天给你鼓励。", ("- 每天给用户鼓励。",)),
    Described("给5岁女儿讲故事的助手", "故事助手", "给5岁女儿讲故事。", ("- 给5岁女儿讲故事。",)),
    Described("扮演中世纪骑士的角色扮演机器人", "中世纪骑士", "你的中世纪骑士，有问题随时问。"),
    Described("讲笑话的", "笑话助手", "帮你讲笑话。", ("- 讲笑话。",)),
    Described("用简单的话解释理财的顾问", "理财顾问", "能用简单的话解释理财的顾问。", ("- 用简单的话解释理财。",)),
    Described("会算数学题的老师", "数学题老师", "能算数学题的老师。", ("- 算数学题。",), tools={"calculator"}),
    Described(
        "做一个辅导小学生作业的老师，一步一步讲，不要直接给答案",
        "作业老师",
        "能辅导小学生作业的老师。",
        (
            "- 辅导小学生作业。",
            "- 不要直接给答案。",
            "- 一步一步讲。",
        ),
    ),
    Described(
        "像尤达大师一样说话的机器人",
        "尤达大师",
        "以尤达大师的口吻和你聊天。",
        (
            "- 始终像尤达大师那样说话和回答。",
            "- 语气：像尤达大师那样说话。",
        ),
    ),
    Described(
        "帮我做一个智能体，功能：1.查天气 2.算汇率 3.推荐景点",
        "天气助手",
        "帮你查天气、算汇率、推荐景点。",
        (
            "- 查天气。",
            "- 算汇率。",
            "- 推荐景点。",
        ),
        tools={"calculator", "weather"},
    ),
    Described(
        "I want an agent that: 1) plans trips 2) checks weather 3) recommends food",
        "Trip Planner",
        "Plans trips, checks weather and recommends food.",
        (
            "- Plan trips.",
            "- Check weather.",
            "- Recommend food.",
        ),
        tools={"weather"},
    ),
    Described("宠物医生", "宠物医生", "你的宠物医生，专注宠物，有问题随时问。"),
    Described("有没有能帮我记账的", "记账助手", "帮你记账。", ("- 记账。",)),
    Described("搞个能聊天的", "聊天助手", "帮你聊天。", ("- 聊天。",)),
    Described("Hi! I want an agent that plans trips", "Trip Planner", "Plans trips.", ("- Plan trips.",)),
    Described("Hello. I need a cooking assistant.", "Cooking Assistant", "A cooking assistant."),
    Described(
        "I need help. Make me an agent that tracks my habits.",
        "Habit Tracker",
        "Tracks your habits.",
        ("- Track the user's habits.",),
    ),
    Described("你好！我想做一个旅行助手", "旅行助手", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("您好。做一个记账助手", "记账助手", "你的记账助手，专注记账，有问题随时问。"),
    Described(
        "我是老师。我想做一个批改作文的助手",
        "作文助手",
        "帮你批改作文。",
        (
            "- 批改作文。",
            "- 用户是老师。",
        ),
    ),
    Described("谢谢！我想做一个旅行助手", "旅行助手", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("做一个旅行助手，谢谢", "旅行助手", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("I'd like a travel assistant, thanks!", "Travel Assistant", "A travel assistant."),
    Described("Please make a travel assistant. Thank you!", "Travel Assistant", "A travel assistant."),
    Described("I want a travel agent, please", "Travel Agent", "A travel agent."),
    Described(
        "I'm a teacher and I need an assistant that writes quizzes",
        "Quiz Writer",
        "Writes quizzes.",
        (
            "- Write quizzes.",
            "- Keep in mind what the user told: “I'm a teacher”.",
        ),
    ),
    Described(
        "We are a hotel. We need a concierge bot that recommends restaurants",
        "Concierge Bot",
        "A concierge bot that recommends restaurants.",
        (
            "- Recommend restaurants.",
            "- Keep in mind what the user told: “We are a hotel”.",
        ),
    ),
    Described("I want you to create an agent that plans trips", "Trip Planner", "Plans trips.", ("- Plan trips.",)),
    Described("I'd like you to be my English tutor", "English Tutor", "An English tutor."),
    Described("Be my English tutor", "English Tutor", "An English tutor."),
    Described("teach me French", "French Tutor", "Teaches you French.", ("- Teach the user French.",)),
    Described("I want an agent that plans trips without weather", "Trip Planner", "Plans trips.", ("- Plan trips.",)),
    Described(
        "I want an agent that plans trips, no weather tool needed", "Trip Planner", "Plans trips.", ("- Plan trips.",)
    ),
    Described("travel planner with weather", "Travel Planner", "A travel planner.", tools={"weather"}),
    Described(
        "travel planner, with weather and calculator",
        "Travel Planner",
        "A travel planner.",
        tools={"weather", "calculator"},
    ),
    Described(
        "An agent that tells me whether to take an umbrella",
        "Weather Assistant",
        "Tells you whether to take an umbrella.",
        ("- Tell the user whether to take an umbrella.",),
        tools={"weather"},
    ),
    Described(
        "An agent named Ada who teaches programming and is patient",
        "Ada",
        "Teaches programming.",
        (
            "- Teach programming.",
            "- Tone: patient, gentle and encouraging.",
        ),
    ),
    Described("我想要一个旅行助手，叫它阿福", "阿福", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("做一个叫“阿福”的旅行助手", "阿福", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("给旅行助手起名叫阿福", "阿福", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("旅行助手，名字：阿福", "阿福", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("帮我创建一个助手，用来规划旅行，不要用天气工具", "旅行助手", "帮你规划旅行。", ("- 规划旅行。",)),
    Described("做一个旅行助手，不用天气", "旅行助手", "你的旅行助手，专注旅行，有问题随时问。"),
    Described(
        "做一个旅行助手，不需要计算器，但要能查天气",
        "旅行助手",
        "能查天气的旅行助手。",
        ("- 查天气。",),
        tools={"weather"},
    ),
    Described("做一个不查天气的旅行助手", "旅行助手", "你的旅行助手，专注旅行，有问题随时问。"),
    Described(
        "规划旅行但不推荐酒店的助手",
        "旅行助手",
        "帮你规划旅行。",
        (
            "- 规划旅行。",
            "- 不推荐酒店。",
        ),
    ),
    Described(
        "一个会做饭的助手，语气轻松幽默",
        "做饭助手",
        "帮你做饭。",
        (
            "- 做饭。",
            "- 语气：轻松、口语化；活泼、幽默，但不离题。",
        ),
    ),
    Described("能写诗的智能体", "写诗助手", "帮你写诗。", ("- 写诗。",)),
    Described("会写诗的", "写诗助手", "帮你写诗。", ("- 写诗。",)),
    Described("教我法语", "法语助手", "教你法语。", ("- 教用户法语。",)),
    Described("当我的英语老师", "英语老师", "你的英语老师，专注英语，有问题随时问。"),
    Described("你来当我的英语老师", "英语老师", "你的英语老师，专注英语，有问题随时问。"),
    Described(
        "做一个帮助小学生学习数学的助手",
        "数学助手",
        "帮助小学生学习数学。",
        ("- 帮助小学生学习数学。",),
        tools={"calculator"},
    ),
    Described(
        "做一个帮小学生学数学的助手", "数学助手", "帮小学生学数学。", ("- 帮小学生学数学。",), tools={"calculator"}
    ),
    Described("想给我妈做一个养生助手", "养生助手", "为你妈妈准备的养生助手，专注养生，有问题随时问。"),
    Described("给我爸妈做个聊天机器人", "聊天机器人", "为你爸妈准备的聊天机器人，有问题随时问。"),
    Described("我们公司需要一个前台接待机器人", "前台接待机器人", "你的前台接待机器人，专注前台接待，有问题随时问。"),
    Described("我想让AI帮我写论文", "论文助手", "帮你写论文。", ("- 写论文。",)),
    Described("我想要AI帮我看合同", "合同助手", "帮你看合同。", ("- 看合同。",)),
    Described("能帮我写论文的AI", "论文助手", "帮你写论文。", ("- 写论文。",)),
    Described("帮我做一个关于星座的助手", "星座助手", "解答关于星座的各种问题。"),
    Described("做一个星座运势助手吧", "星座运势助手", "你的星座运势助手，专注星座运势，有问题随时问。"),
    Described("能查天气的", "天气助手", "帮你查天气。", ("- 查天气。",), tools={"weather"}),
    Described("查天气", "天气助手", "帮你查天气。", ("- 查天气。",), tools={"weather"}),
    Described("做一個寫作助手", "寫作助手", "你的寫作助手，专注寫作，有问题随时问。"),
    Described(
        "我想要一個旅行助手，要會查天氣，語氣輕鬆",
        "旅行助手",
        "能查天氣的旅行助手。",
        (
            "- 查天氣。",
            "- 语气：轻松、口语化。",
        ),
        tools={"weather"},
    ),
    Described("給小朋友講故事的助手", "故事助手", "給小朋友講故事。", ("- 給小朋友講故事。",)),
    Described(
        "做一个travel planner，能check weather",
        "travel planner",
        "能 check weather 的 travel planner。",
        ("- check weather。",),
        tools={"weather"},
    ),
    Described("make一个旅行助手", "旅行助手", "你的旅行助手，专注旅行，有问题随时问。"),
    Described("I want 一个旅行助手", "旅行助手", "你的旅行助手，专注旅行，有问题随时问。"),
    Described(
        "Could someone build me a sous-chef that works out what to do with leftovers?",
        "Sous-chef",
        "A sous-chef that works out what to do with leftovers.",
        ("- Work out what to do with leftovers.",),
    ),
    Described(
        "assistant to practise job interviews in German",
        "Job Interview Coach",
        "Helps you practise job interviews in German.",
        ("- Help the user practise job interviews in German.",),
    ),
    Described(
        "A grumpy librarian who recommends crime novels",
        "Grumpy Librarian",
        "A grumpy librarian that recommends crime novels.",
        ("- Recommend crime novels.",),
    ),
    Described(
        "it should explain tax letters in plain words",
        "Tax Letter Explainer",
        "Explains tax letters in plain words.",
        ("- Explain tax letters in plain words.",),
    ),
    Described(
        "I want something that turns meeting notes into action items, no calculator",
        "Meeting Note Assistant",
        "Turns meeting notes into action items.",
        ("- Turn meeting notes into action items.",),
    ),
    Described(
        "A bot called Pip that tells bedtime stories, but nothing scary",
        "Pip",
        "Tells bedtime stories.",
        (
            "- Tell bedtime stories.",
            "- Nothing scary.",
        ),
    ),
    Described(
        "Teach me how to play the ukulele",
        "Ukulele Tutor",
        "Teaches you how to play the ukulele.",
        ("- Teach the user how to play the ukulele.",),
    ),
    Described(
        "My students need a history quizmaster. It asks ten questions and then gives a score.",
        "History Quizmaster",
        "A history quizmaster that asks ten questions and gives a score.",
        (
            "- Ask ten questions.",
            "- Give a score.",
        ),
    ),
    Described("dog training", "Dog Training Assistant", "Answers questions about dog training."),
    Described(
        "Pretend you are Sherlock Holmes",
        "Sherlock Holmes",
        "Speaks and answers as Sherlock Holmes.",
        ("- Speak and answer as Sherlock Holmes would.",),
    ),
    Described(
        "An agent to compare phone plans, calculate the yearly cost and always show sources",
        "Phone Plan Assistant",
        "Compares phone plans, calculates the yearly cost and shows sources.",
        (
            "- Compare phone plans.",
            "- Calculate the yearly cost.",
            "- Show sources.",
        ),
        tools={"calculator"},
    ),
    Described(
        "is there a way to get a bot for D&D character sheets",
        "D&D Character Sheets Assistant",
        "Answers questions about D&D character sheets.",
    ),
    Described("I need a wingman", "Wingman", "A wingman."),
    Described("Tell me a joke", "Joke Assistant", "Tells you a joke.", ("- Tell the user a joke.",)),
    Described("帮我弄个能看体检报告的助手呗", "体检报告助手", "帮你看体检报告。", ("- 看体检报告。",)),
    Described("我想找个人陪我聊日语", "日语助手", "陪你聊日语。", ("- 陪用户聊日语。",)),
    Described(
        "专门写朋友圈文案的，语气俏皮，多用表情",
        "朋友圈文案助手",
        "帮你写朋友圈文案。",
        (
            "- 写朋友圈文案。",
            "- 多用表情。",
            "- 语气：活泼、幽默，但不离题。",
        ),
    ),
    Described(
        "名称：账房先生；功能：记账、算预算、月底出报告",
        "账房先生",
        "帮你记账、算预算、月底出报告。",
        (
            "- 记账。",
            "- 算预算、月底出报告。",
        ),
        tools={"calculator"},
    ),
    Described(
        "帮老人看药品说明书的助手，字要大，话要简单",
        "药品说明书助手",
        "帮老人看药品说明书。",
        (
            "- 帮老人看药品说明书。",
            "- 话要简单。",
            "- 字要大。",
        ),
    ),
    Described(
        "要一个法语翻译，中法互译，语气正式",
        "法语翻译",
        "你的法语翻译，专注法语，有问题随时问。",
        (
            "- 语气：正式、严谨，不用口语和表情符号。",
            "- 中法互译。",
        ),
    ),
    Described("小红书", "小红书助手", "解答关于小红书的各种问题。"),
    Described(
        "搞一个面向留学生的租房顾问，能算房租汇率",
        "租房顾问",
        "为留学生准备的，能算房租汇率的租房顾问。",
        ("- 算房租汇率。",),
        tools={"calculator"},
    ),
    Described(
        "我要一個幫我寫履歷的助手，語氣專業一點",
        "履歷助手",
        "帮你寫履歷。",
        (
            "- 寫履歷。",
            "- 语气：专业、客观，用词准确。",
        ),
    ),
    Described("幫我做一個貓咪行為顧問", "貓咪行為顧問", "你的貓咪行為顧問，专注貓咪行為，有问题随时问。"),
]


async def each_is_answered_by_the_guide(config: AgentConfig) -> None:
    """Each suggested question leads to a call of a tool that is on and needs no key; without one there are none."""
    usable = {"weather", "calculator", "current_time", "RenewInstance"} & set(config.enabled_tools)
    assert bool(config.prompt_recommend) is bool(usable)
    assert len(set(config.prompt_recommend)) == len(config.prompt_recommend) <= 4
    for question in config.prompt_recommend:
        events = await talk(question, tools=config.enabled_tools, language=config.language)
        assert {name for name, _ in calls_of(events)} <= usable and calls_of(events), question


@pytest.mark.parametrize("case", DESCRIBED, ids=lambda case: case.said[:40])
async def test_a_description_makes_the_agent_it_describes(case: Described) -> None:
    draft = MemoryDraft()
    await take_turn(draft, user_message(case.said))
    config = draft.config
    assert (config.name, config.description, set(config.enabled_tools)) == (case.name, case.description, case.tools)
    lines = config.instruction.splitlines()
    assert [line for line in case.lines if line not in lines] == []
    assert config.prologue
    await each_is_answered_by_the_guide(config)


NO_AGENT = [
    "something fun",
    "asdfghjkl",
    "ok",
    "随便做个好玩的",
    "我不知道，你有什么建议",
    "你能做什么",
    "啊啊啊啊",
    "😀",
    "可以帮我吗？",
    "怎么做一个智能体？",
    "是",
    "Ich möchte einen Reiseassistenten",
    "asdf qwer",
    "lorem ipsum dolor sit amet",
    "吃什么",
    "帮我想想",
    "what can you do?",
    "hello",
    "thanks",
    "🎉🎉",
    "?",
    "yes",
    "42",
    "我想做个智能体",
    "做一个AI助手",
    "can you build me an agent?",
    "谢谢",
    "more formal",
    "语气正式一点",
]


@pytest.mark.parametrize("said", NO_AGENT)
async def test_what_describes_no_agent_makes_none_and_is_asked_about(said: str) -> None:
    draft = MemoryDraft()
    events = await take_turn(draft, user_message(said))
    assert patch_of(events) == {}
    assert answer_of(events).endswith((INVITATION.zh, INVITATION.en))


@pytest.mark.parametrize(
    ("said", "tool", "words"),
    [
        ("I want an agent that plans trips without weather", "weather", ("weather", "Hangzhou")),
        ("a bot that helps me cook dinner, no weather please", "weather", ("weather", "Hangzhou")),
        ("an agent that doesn't use the calculator and tells stories", "calculator", ("calculator", "2,480")),
        ("a travel planner but don't use the weather tool", "weather", ("weather", "Hangzhou")),
        ("做一个旅行助手，不用天气", "weather", ("天气", "杭州")),
        ("做一个不查天气的旅行助手", "weather", ("天气", "杭州")),
        ("做个讲故事的，不需要计算器", "calculator", ("计算", "2480")),
        ("做一個旅行助手，不要天氣", "weather", ("天氣", "天气", "杭州")),
    ],
)
async def test_a_tool_that_is_refused_is_neither_on_nor_shown(said: str, tool: str, words: tuple[str, ...]) -> None:
    draft = MemoryDraft()
    await take_turn(draft, user_message(said))
    config = draft.config
    assert config.instruction and tool not in config.enabled_tools
    shown = " ".join((config.name, config.description, config.prologue, *config.prompt_recommend))
    assert [word for word in words if word in shown] == []


async def test_what_no_rule_can_take_apart_becomes_a_plain_agent_with_the_words_as_they_are() -> None:
    draft = MemoryDraft()
    said = "I want a bot that can answer in both English and Chinese"
    await take_turn(draft, user_message(said))
    assert (draft.config.name, draft.config.description) == ("My Assistant", "Your own assistant.")
    assert f"“{said}”" in draft.config.instruction


STARTERS = {
    ("en", "travel"): ("Weekend Trip Planner", "What is the weather like in Hangzhou this weekend?"),
    ("en", "read"): ("Document Reader", ""),
    ("en", "learn"): ("Chinese Tutor", ""),
    ("en", "write"): ("Social Media Post Writer", ""),
    ("zh", "travel"): ("周末出行助手", "杭州这个周末天气怎么样？"),
    ("zh", "read"): ("文件助手", ""),
    ("zh", "learn"): ("英语助手", ""),
    ("zh", "write"): ("社交媒体文案助手", ""),
}
"""What the cards of the empty page make: a name, and the question suggested first, where the guide can answer any."""


@pytest.mark.parametrize(("language", "card"), STARTERS)
async def test_the_cards_of_the_empty_page_make_what_they_promise(language: str, card: str) -> None:
    texts = json.loads((Path("i18n") / f"{language}.json").read_text("utf-8"))
    draft = MemoryDraft()
    await take_turn(draft, user_message(texts[f"ui.starter_{card}_text"]))
    name, question = STARTERS[language, card]
    assert draft.config.name == name
    assert next(iter(draft.config.prompt_recommend), "") == question
    await each_is_answered_by_the_guide(draft.config)
    assert "我" not in draft.config.instruction.replace("我的", "")


@pytest.mark.parametrize(
    ("said", "questions"),
    [
        (
            "an agent that knows the weather in Kyoto and Osaka for my trips",
            ("What is the weather like in Kyoto this weekend?", "Will it rain in Kyoto tomorrow?"),
        ),
        ("做一个查成都天气的助手", ("成都明天会下雨吗？", "成都今天天气怎么样？")),
        ("做一個查天氣的跑步教練", ("杭州明天适合跑步吗？", "杭州明天会下雨吗？")),
        ("a bot that splits restaurant bills with a calculator", ("What is 386 divided by 4?", "What is 15% of 80?")),
        ("帮我做一个聚餐分摊账单、会计算的助手", ("386 除以 4 等于多少？", "(12.5+3)×4 等于多少？")),
        ("a world clock for my remote team", ("What time is it in Tokyo now?",)),
        ("an agent that writes poems about autumn", ()),
        ("做一个写诗的助手", ()),
        ("高德天气助手", ()),
    ],
)
async def test_suggested_questions_are_of_the_agents_topic_and_places(said: str, questions: tuple[str, ...]) -> None:
    draft = MemoryDraft()
    await take_turn(draft, user_message(said))
    assert draft.config.instruction
    assert set(questions) <= set(draft.config.prompt_recommend), draft.config.prompt_recommend
    await each_is_answered_by_the_guide(draft.config)


async def test_a_new_description_leaves_no_question_of_the_agent_before() -> None:
    draft = MemoryDraft(EN)
    await take_turn(draft, user_message("I want an agent that writes poems"))
    assert draft.config.prompt_recommend == ()
