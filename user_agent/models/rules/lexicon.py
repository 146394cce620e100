"""Words as data: which of them can stand around a place's name, and which are never one. Chinese and English."""

from typing import Literal

from user_agent.gazetteer import (
    CITIES_ABROAD,
    CITIES_EN,
    CITIES_OF_CHINA,
    COUNTRIES,
    COUNTRIES_EN,
    DISTRICTS,
    PROVINCES,
)

Kind = Literal["place", "name", "at", "join", "about", "sky", "glue", "here", "there", "noise", "number", "end"]
"""What a word is to a question about a place.

`place` is a known name and `name` an unknown word; `at` leads to a place, `about` (weather, time) follows one or
leads to it, `sky` (rainy, cold) tells of one; `glue` can surround the answer to "Which city?", `noise` cannot.
"""

PLACES_ZH = PROVINCES | CITIES_OF_CHINA | DISTRICTS | COUNTRIES | CITIES_ABROAD
PLACES_EN = COUNTRIES_EN | CITIES_EN
WIDE_ZH = PROVINCES | COUNTRIES
"""What contains cities: followed by another name at once, it says where that one is."""


def _words(kind: Kind, words: str) -> dict[str, Kind]:
    return dict.fromkeys(words.split(), kind)


LEXICON: dict[str, Kind] = {
    # Chinese
    **_words("about", "天气预报 天气 气温 温度 气候 湿度 时间 时刻 日期 时差 预报"),
    **_words(
        "sky",
        "下雨 下雪 有雨 有雪 带伞 打伞 雨伞 雨衣 冷不冷 热不热 冷吗 热吗 更冷 更热 几度 多少度 零下 "
        "刮风 风大 风力 风速 台风 降温 升温 降水 "
        "雨大 暴雨 大雨 小雨 雷雨 大雪 下暴雨 下大雨 下大雪 会下暴雨 潮湿 干燥 羽绒服 短袖 大衣 "
        "毛衣 晴天 阴天 多云 暴雨 "
        "雾霾 体感 穿什么 穿衣 外套 暖和 凉快 寒冷 炎热 闷热 "
        "会下雨 会下雪 最高气温 最低气温 最高温度 "
        "最低温度 最高 最低 几点钟 几点 几号 几月 星期几 周几 礼拜几 白天",
    ),
    **_words("at", "飞往 前往 抵达 到达 住在 位于 出发去 换成 改成 我在 我住在 我住 人在 是在"),
    **_words("join", "以及 还有 还是 或者 对比 相比 、"),
    **_words("there", "那边 那里 那儿 当地 该地 哪边"),
    **_words("here", "这边 这里 这儿 本地 我这 我家 家里 外面 户外 室外 窗外 附近 身边"),
    **_words(
        "glue",
        "那么 请问 谢谢 多谢 谢啦 感谢 麻烦 我想知道 想知道 我要 我想 我是 应该是 就是 再查 也查 "
        "查一下 查下 查查 看看 看一下 一下 "
        "你好 您好 嗨 嗯 好的 哦 城市 这个 那个 呢 吧 再看 顺便 不是 说的是",
    ),
    **_words(
        "noise",
        "请问一下 帮忙 帮我 给我 替我 你觉得 你知道 你能 你可以 您能 能不能 能否 会不会 可不可以 "
        "可以 想问问 想问 我们 我们家 查一查 查询 看下 "
        "告诉我 告诉 说说 说一下 讲讲 讲一下 聊聊 问一下 问下 播报 知道 关于 和家人 和朋友 如果 "
        "需要 高德 怎么样 怎样 咋样 如何 什么样 "
        "一般 大概 大约 适合 适不适合 情况 比较 比一比 哪个 哪里 哪儿 哪天 哪些 多少 什么 怎么 "
        "为什么 为啥 是不是 有没有 要不要 需不需要 "
        "应该 可能 不错 真好 很好 好不好 喜欢 讨厌 希望 觉得 心情 关系 原因 关心 爸妈 父母 爸爸 "
        "妈妈 家人 朋友 老家 公司 学校 同学 老婆 "
        "老公 孩子 客户 女朋友 男朋友 出差 旅游 旅行 度假 爬山 开会 参加 出海 出门 出行 出去 跑步 "
        "游玩 散步 洗车 晒被子 约会 打球 露营 钓鱼 "
        "准备 打算 计划 季节 时候 小时 分钟 随便 算了 不知道 不用 不要 不想 没有 没事 不是 再见 "
        "拜拜 笑话 故事 谁 你 一个 一些 一点 "
        "影响 形成 产生 解释 介绍 科普 意思 建议 攻略 航班 火车 飞机 高铁 会议 比赛 电影 商店 "
        "博物馆 银行 超市 今年 去年 刚才 昨天 "
        "更热 更冷 更好 更暖和 空气质量 日出 日落 紫外线 洗衣服 的话 是否 衣服 雨 雪 冷 热 晴 风 "
        "大概 真的 其实 一直 已经 "
        "最近 那曲吗 几个 还差 差几个 差多少 相差 多久 距离 还有几天 多少天 哪一年 哪年 哪一天 今天",
    ),
    # English
    **_words("about", "weather forecast temperature temperatures temp wether whether climate humidity time date clock"),
    **_words(
        "sky",
        "rain raining rainy rains snow snowing snowy sunny cloudy windy hot cold warm chilly "
        "freezing humid foggy stormy wet dry "
        "umbrella coat jacket raincoat sweater hotter colder warmer cooler wind winds degrees storm sun shine wear "
        "warmest coldest hottest day night morning late dark",
    ),
    **_words("at", "in at on near around for of to visit visiting towards"),
    **_words("join", "and or & vs vs. versus than , compared with"),
    **_words("there", "there"),
    **_words("here", "here home outside outdoors my local"),
    **_words(
        "glue",
        "the city what how about i i'm im am live i'd then now please pls plz thanks thank so ok "
        "okay oh it's its that's let's say "
        "try also too again instead maybe um hmm well sorry meant mean no hi hello hey yes actually",
    ),
    **_words(
        "noise",
        "a an me you your our we us it he she they them this that these those is are was were be "
        "been being do does did will "
        "would should could can may might must shall have has had get gets got give tell show check "
        "know find see look need want "
        "like love hate enjoy prefer take bring wear go going gonna come coming fly flying head "
        "heading travel traveling "
        "travelling trip move moving drive driving leave leaving stay staying planning plan which "
        "who why when where whats what's "
        "hows how's who's where's when's i've i'll you're there's isn't don't doesn't won't can't "
        "never mind nice good great "
        "bad best better worse very really quite just only still even much many more most less "
        "sunnier wetter drier windier rainier lot "
        "lots any some all every each "
        "other another same different next last current currently long short high low highest "
        "lowest average maximum minimum "
        "max min like than expected expect going celsius fahrenheit english chinese general detail "
        "details degrees percent "
        "causes cause caused because if whether report update info information data app channel "
        "service station details love "
        "something anything nothing everything someone joke jokes story poem song email letter "
        "essay code recipe movie film book "
        "music word words capital sounds cool sure fine wow lol haha bye yes nope yep yeah right wrong true false done "
        "from by up out off over under into onto as but not with without during until till since "
        "between next after before "
        "long-term zone zones difference different ahead behind hour hours minute minutes second "
        "seconds year years month months "
        "open opens close closes start starts begin begins end ends arrive depart meeting flight "
        "train bus museum store shop bank "
        "bed general fact case advance time's summer winter spring autumn fall season outdoor "
        "indoors area region country place "
        "town village world amap run running walk walking picnic wedding birthday party holiday "
        "vacation weekend wash car "
        "good-bye goodbye help question chance chances likely going probability possible there'll "
        "it'll zip code sunrise sunset "
        "tell us, let out air quality aqi uv pollen index enough too, fact think thinking feel "
        "feels today's changing change",
    ),
}

GLUE_ZH = frozenset("那请我在去到是再也就想要查看呢吧啊呀的了哦嗯吗嘛哈")
"""Single characters that can surround an answer."""
LEADING_ZH = frozenset("你他她它请想要查看问给再也就那这从往用有会能可了的呢我是对跟替让去到在飞来住又还都嗨哈")
TRAILING_ZH = frozenset("的呢吗了吧啊呀嘛呗哦玩会能要有还又很是都来行好么咋下冷热晴雨雪风湿大多想更高低去")
"""What a name is stripped of at its ends, where more than one character remains."""
SUFFIXES_ZH = "特别行政区|自治区|自治州|市区|新区|街道|地区|市|省|区|县|镇|乡|村|岛"
