"""Chinese words as far as the rules need them, in simplified characters."""

import re

from user_agent.chinese import fold

ROLE_NOUN = (
    r"(?:智能体|小助手|助手|助理|机器人|老师|教师|教练|顾问|专家|管家|客服|向导|导游|翻译|编辑|作家|写手|医生|律师|秘书|军师|"
    r"规划师|设计师|分析师|营养师|咨询师|心理师|厨师|摄影师|理财师|工程师|会计师?|大厨|伙伴|搭子|陪练|朋友|达人|大师|先生|小姐|生成器|计算器|百科|管理员|主持人|"
    r"面试官|评论家|诗人|演员|程序员|架构师|产品经理|经理|主播|播音员|裁判|侦探|记者|学者|教授|导师|私教|保姆|阿姨|奶奶|爷爷|店员|前台|接待员?|销售员?|"
    r"作者|画家|歌手|园丁|(?:影评|乐评|书评|剧评|经纪|代理|主理|策展|中间|引路)人|药剂师|护士|兽医|博士|研究员|主编|校对|笔友|玩伴|树洞|闺蜜|agent|bot|chatbot|assistant|planner|coach|tutor|helper|ai)"
)
VERBS = (
    "规划|计划|安排|制定|查询|查找|查|搜索|搜集|找出|找|写|撰写|创作|生成|翻译|推荐|分析|总结|概括|解答|回答|回复|解释|讲解|讲|教|学习|学|练习|练|背|"
    "管理|整理|记录|记账|记|提醒|检查|修改|润色|校对|批改|批|算|计算|换算|设计|制作|处理|提供|介绍|监控|跟踪|追踪|对比|比较|评估|评|审核|审查|审|阅读|读|"
    "了解|知道|预订|订|购买|挑选|挑|选|陪伴|陪|辅导|指导|诊断|识别|提取|编写|编辑|编|策划|组织|聊天|聊|讨论|续费|播报|报|看懂|看|做|帮助|帮|画|唱|起草|拟|"
    "出题|出|备考|准备|考|减肥|减脂|健身|锻炼|开发|测试|调试|运营|营销|推广|销售|接待|答疑|答|解决|解读|解|改|纠正|鼓励|安慰|倾听|监督|督促|模仿|扮演|"
    "分享|收集|归纳|梳理|预测|预约|点评|辩论|面试|采访|主持|搭配|养|种|照顾|培训|训练|考考|玩|讲述|告诉|给出|给|说|描述|模拟|维护|统计|汇总|调研|研究|建议|支持|"
    "选购|代写|续写|改写|扩写|缩写|朗读|听写|默写|背诵|协助|引导|带|催|盯|存|做饭|做菜|烹饪|理财|投资|报税|保存|转换|定制"
)
VERB = re.compile(rf"^(?:{VERBS})")
PEOPLE = (
    r"(?:孩子|小孩|儿童|朋友|学生|小学生|中学生|大学生|老人|人|者|家长|新手|员工|客户|用户|同事|团队|族|党|女儿|儿子|妈妈|妈|爸爸|爸|爸妈|父母|宝宝|老婆|老公|"
    r"奶奶|爷爷|公司|店|餐厅|家庭|女生|男生|宝妈|员|师|迷|控|爱好者|群体|生)"
)
OWN_ACT = re.compile(r"^(?=学|练|备考|准备|减肥|减脂|考(?!考|我|用户|你|验)|背|健身|锻炼)")
"""Before what a person does themselves: an agent helps them with it."""


def task_object(task: str) -> str:
    """What a task is done to: "规划周末旅行" -> "周末旅行"; as it is written."""
    simple = fold(task)
    found = _object(simple)
    at = simple.find(found)
    return task[at : at + len(found)] if at >= 0 else found


def _object(task: str) -> str:
    bare = re.sub(rf"^(?:根据|按照|按|用|在|通过|利用|每天|从|把)[^，、]*?(?=(?:{VERBS}).+)", "", task)
    helped = re.match(
        rf"^(?:教|帮助?|陪|给|提醒|告诉|带|让|辅导|为)(?:我们?|你|[^，、]{{0,6}}?{PEOPLE})(?P<what>.{{2,}})$", bare
    )
    bare = helped["what"] if helped else bare
    without_verb = re.sub(r"^(?:使用|用)(?=.{2})", "", VERB.sub("", bare) if VERB.match(bare) else bare)
    bare = bare if helped and len(without_verb) < 2 else without_verb
    return re.sub(
        r"^(?:我的|各种|一些|一下|一[首篇个份些段张句]|[我你人])+(?:[^的]{1,4}的(?=.{1,4}$))?", "", bare
    ).strip()
