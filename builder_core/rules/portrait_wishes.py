"""How people ask the guide for a picture of the agent: "draw it an avatar with a fox", "画个头像"."""

from builder_core.rules.edits import Rule, rule
from builder_core.rules.plan import Plan
from user_agent.words import Words

_NO_KEY = Words(
    "画头像需要画图的密钥，可以在“配置 → 工具 → 画图”里填写；在那之前它用名字的字母图，也可以在“配置”里上传图片。",
    "Drawing a picture needs a key: enter it under Configure, Tools, Draw pictures. Until then the agent shows a drawn "
    "monogram, or what you upload under Configure.",
)


def _draw(plan: Plan, value: str) -> bool:
    """Ask for the picture where something can draw it: the tool that draws for agents has the same keys."""
    if any(offer.tool.name == "image_gen" and not offer.waits_for for offer in plan.catalogue):
        plan.portrait = value.strip(" :：,，")
    else:
        plan.tell(_NO_KEY)
    return True


_PICTURE = r"(?:avatar|logo|icon|profile (?:picture|image|photo)|portrait|picture of (?:it|him|her))"

ENGLISH_PORTRAIT = rule(
    rf"(?:draw|paint|create|generate|design|make)(?: (?:me|it|him|her|us))? "
    rf"(?:(?:a|an|the|its|his|her|another|new|nice|better|other) )*{_PICTURE}"
    r"(?: for (?:it|him|her|(?:my|the) agent))?"
    r"(?: (?:of|with|showing|that shows) (?P<value>.+))?$",
    _draw,
)
CHINESE_PORTRAIT: Rule = rule(
    r"(?:请)?(?:帮我|给它|为它|给他|给她)*(?:重新)?(?:画|绘|设计|生成|制作)(?:一?[个张幅]|出)?(?P<value>.{0,30}?)(?:的)?"
    r"(?:头像|图标|logo)$",
    _draw,
)
