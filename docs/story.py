"""The story that the pictures of the README tell: what a person writes, and what the fake model answers."""

from typing import Literal

Language = Literal["zh", "en"]

WISH = {
    "en": "I want an agent that plans weekend trips and knows the weather",
    "zh": "我想要一个能规划周末出行、会查天气的智能体",
}
QUESTION = {"en": "We are in Hangzhou on Saturday. Rain or shine?", "zh": "周六我们在杭州，会下雨吗？"}
DRAFT = {
    "en": {
        "name": "Weekend Compass",
        "description": "Plans relaxed weekend trips, with the weather in mind.",
        "instruction": "You plan weekend trips for people who want to rest, not to tick off sights.\n\n"
        "- Ask where they start and how far they like to go.\n- Look up the weather before you suggest anything.\n"
        "- Give one plan for sunshine and one for rain, with times and a place to eat.",
        "language": "en",
        "prologue": "Hello! Where shall we go this weekend?",
        "prompt_recommend": [
            "A quiet Saturday near Hangzhou",
            "Two days with small children",
            "What if it rains?",
            "Help me pack",
        ],
        "proposed": ["name", "prologue", "prompt_recommend"],
    },
    "zh": {
        "name": "周末指南针",
        "description": "看着天气，规划不赶路的周末出行。",
        "instruction": "你为想好好休息的人规划周末，而不是赶景点。\n\n- 先问从哪里出发、愿意走多远。\n"
        "- 给建议之前先查天气。\n- 晴天一个方案，雨天一个方案，写明时间和吃饭的地方。",
        "language": "zh",
        "prologue": "你好！这个周末想去哪里走走？",
        "prompt_recommend": ["杭州附近安静的一天", "带小孩玩两天", "下雨怎么办？", "帮我列行李清单"],
        "proposed": ["name", "prologue", "prompt_recommend"],
    },
}
BUILT = {
    "en": "Done. It looks up the weather before it suggests anything. Should it keep to a budget as well?",
    "zh": "填好了。它会先查天气，再给建议。要不要让它也考虑预算？",
}
PLACE = {"en": "Hangzhou", "zh": "杭州"}
ANSWER = {
    "en": "**Take an umbrella:** light rain is likely on Saturday, 17–25 °C.\n\n"
    "1. **Morning** – the tea museum in Longjing, dry and quiet.\n2. **Noon** – noodles at Manjuelong.\n"
    "3. **Afternoon** – if it clears, walk the Nine Creeks; if not, the silk museum.\n\n"
    "Sunday looks sunny: keep the lake for then.",
    "zh": "**带上伞：**周六多半有小雨，17–25 °C。\n\n1. **上午**：龙井的茶叶博物馆，室内，人少。\n"
    "2. **中午**：满觉陇吃片儿川。\n3. **下午**：雨停就走九溪，不停就去丝绸博物馆。\n\n周日放晴，西湖留到那天。",
}
NEW_NAME = {"en": "Slow Saturdays", "zh": "慢周末"}
RENAME = {"en": f"Call it {NEW_NAME['en']}", "zh": f"改名叫{NEW_NAME['zh']}"}
RENAMED = {"en": "It is called Slow Saturdays now.", "zh": "现在叫慢周末了。"}
MORE = {
    "en": (
        ("What should two small children pack for a lake?", "Swim things, a spare set of clothes, and a ball."),
        ("A rainy Sunday with my parents", "A long breakfast, then the silk museum."),
    ),
    "zh": (
        ("带两个小孩去湖边要准备什么？", "泳衣、一套替换的衣服，再带一个球。"),
        ("下雨的周日陪爸妈去哪？", "先慢慢吃早茶，再去丝绸博物馆。"),
    ),
}
CHART_WISH = {"en": "Draw the three days as a chart", "zh": "把这三天画成图"}
CHARTED = {
    "en": "Saturday is the warmest of the three, and the only one with rain.",
    "zh": "周六最暖和，也只有周六有雨。",
}
CHART = """
import matplotlib.pyplot as plt
days, high, low = {days}, [24, 25, 22], [16, 17, 14]
figure, axes = plt.subplots(figsize=(7, 3))
axes.fill_between(days, low, high, color="#5b5bd6", alpha=0.18)
axes.plot(days, high, color="#5b5bd6", marker="o")
axes.plot(days, low, color="#5b5bd6", marker="o")
axes.set_title({title!r})
axes.set_ylabel("°C")
axes.spines[["top", "right"]].set_visible(False)
plt.show()
"""
CHART_WORDS = {
    "en": {"days": ["Friday", "Saturday", "Sunday"], "title": "Hangzhou, high and low"},
    "zh": {"days": ["周五", "周六", "周日"], "title": "杭州的最高和最低气温"},
}
SEND_WISH = {"en": "Send Anna the plan by SMS", "zh": "把计划用短信发给小安"}
SEND = {
    "en": {"body": {"To": "+44 20 7946 0018", "Body": "Saturday 9:00, Longjing tea museum. Bring an umbrella!"}},
    "zh": {"body": {"To": "+86 571 5550 0018", "Body": "周六 9 点，龙井茶叶博物馆见，记得带伞！"}},
}
SENDING = {"en": "I have written it. It goes out when you allow it.", "zh": "写好了，你允许之后就发出。"}
MESSAGES_API = {
    "openapi": "3.0.1",
    "info": {"title": "Messages", "version": "1"},
    "servers": [{"url": "https://messages.example.com"}],
    "paths": {
        "/Messages": {
            "post": {
                "operationId": "send_message",
                "summary": "Send a message",
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "properties": {"To": {"type": "string"}, "Body": {"type": "string"}},
                                "required": ["To", "Body"],
                            }
                        }
                    }
                },
                "responses": {"200": {"description": "It is queued."}},
            }
        }
    },
}
GUIDE = {
    "en": (
        "Lake huts.md",
        "# Lake huts\n\n## Booking\n\nA hut for four costs 38 euros a night. Book at the kiosk or by phone until noon "
        "of the day before.\n\n## Dogs\n\nDogs are welcome in huts 3 and 4, on a lead.\n",
        "Can we bring the dog to the huts?",
        "Yes: dogs are welcome in huts 3 and 4, on a lead [1]. A hut for four costs 38 euros a night; book by noon of "
        "the day before [2].",
    ),
    "zh": (
        "湖边小屋.md",
        "# 湖边小屋\n\n## 预订\n\n四人小屋每晚 380 元，前一天中午之前在售票处或打电话预订。\n\n## 宠物\n\n"
        "三号和四号小屋可以带狗，须牵绳。\n",
        "小屋可以带狗吗？",
        "可以：三号和四号小屋可以带狗，须牵绳 [1]。四人小屋每晚 380 元，前一天中午之前预订 [2]。",
    ),
}
