"""Which template is offered to whom: the one that was clearly meant, and none to anybody who wants something else."""

import pytest

from agentfabric.service.gallery import FOLDER, Gallery
from builder_core.templates import nearest
from tests.client import Client, text_of
from tests.test_gallery import TOOLS

ZH = {
    "国庆带爸妈去成都，做个行程助手": "travel",
    "做一个旅行规划的智能体": "travel",
    "做个能读合同并回答问题的助手": "documents",
    "上传公司制度，员工问什么就答什么": "documents",
    "帮我分析销售数据做图表": "analyst",
    "我每周要做销售报表，帮我看懂财务报表": "analyst",
    "中译英助手": "translator",
    "帮我把论文翻成英文": "translator",
    "陪我练口语的外教": "english",
    "我想提高英语水平": "english",
    "开会录音转成纪要": "minutes",
    "帮我整理会议内容": "minutes",
    "什么都会的万能助理": "multitool",
    "给女儿讲睡前故事的": "storybook",
    "写儿童绘本并配图": "storybook",
    "用我的照片生成古风写真": "portrait",
    "金庸风格的武侠游戏": "rpg",
    "我心情不好想找人聊聊": "listener",
    "做一个安慰人的": "listener",
    "給阿里雲 ECS 續費": "cloudops",
    "写代码的助手": None,
    "不要翻译，只要润色中文": None,
    "做一个写旅行小说的": None,
    "帮我写英语邮件": None,
    "写短视频文案，情绪饱满": None,
    "一个管理表格的财务助手，按资料填写": None,
    "旅游局的舆情监测": None,
    "不要旅行，我要一个记账的": None,
    "做一个讲故事营销的文案": None,
    "编程老师": None,
}
EN = {
    "Plan my holidays": "travel",
    "a trip planner for families": "travel",
    "An assistant that answers questions about our employee handbook": "documents",
    "something that can chat with my PDFs": "documents",
    "analyse my sales data and make charts": "analyst",
    "Excel helper that computes statistics": "analyst",
    "Chinese to English translation bot": "translator",
    "translate emails from German": "translator",
    "a language tutor for English": "english",
    "an English speaking partner": "english",
    "write up our meetings": "minutes",
    "turn recordings of meetings into action items": "minutes",
    "an assistant that can do everything": "multitool",
    "illustrated children's stories": "storybook",
    "tell stories to my daughter at night": "storybook",
    "turn my selfie into portraits": "portrait",
    "Dungeons and Dragons game master": "rpg",
    "Someone to talk to when I feel down": "listener",
    "an empathetic listener": "listener",
    "renew my ECS instances": "cloudops",
    "A coding assistant": None,
    "wait five minutes then remind me": None,
    "It should not translate anything, just proofread": None,
    "not a translator, a proofreader": None,
    "An agent for our sales team that reads csv leads and sends mail": None,
    "An agent that writes portrait poems": None,
    "business trip expenses": None,
    "write blog posts about travel": None,
    "schedule meetings for me": None,
    "English grammar checker": None,
}


async def test_what_people_say_means_one_template_or_none() -> None:
    templates = await Gallery(FOLDER, TOOLS).all()
    found = {said: nearest(templates, said) for said in {**ZH, **EN}}
    wrong = {said: template and template.id for said, template in found.items()}
    assert {said: wrong[said] for said, meant in {**ZH, **EN}.items() if wrong[said] != meant} == {}


@pytest.mark.parametrize(
    ("language", "said", "name"),
    [
        ("zh", "帮我分析销售数据做图表", "数据分析师"),
        ("zh", "用我的照片生成古风写真", "写真馆"),
        ("zh", "做一个写旅行小说的", ""),
        ("en", "turn recordings of meetings into action items", "Minutes Writer"),
        ("en", "It should not translate anything, just proofread", ""),
    ],
)
async def test_the_builder_offers_it_and_nothing_to_others(client: Client, language: str, said: str, name: str) -> None:
    agent = (await client.post("/api/agents", json={"language": language}))["id"]
    told = text_of(await client.tell_builder(agent, said, language))
    offered = "有一个很接近的模板" if language == "zh" else "template close to"
    assert (offered in told, f"**{name}**" in told) == (bool(name), bool(name))
    if name:
        await client.tell_builder(agent, "就用模板吧" if language == "zh" else "Use the template", language)
        assert (await client.get(f"/api/agents/{agent}"))["config"]["name"] == name
