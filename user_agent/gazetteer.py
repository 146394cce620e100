"""Names of places that people ask about most, in Chinese and English: enough to tell a place from another word.

A name that is not here can still be one.
"""


def _listed(names: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in names.split(","))


PROVINCES = _listed(
    """
    中国, 北京, 天津, 上海, 重庆, 河北, 山西, 辽宁, 吉林, 黑龙江, 江苏, 浙江, 安徽, 福建, 江西, 山东, 河南, 湖北,
    湖南, 广东, 海南, 四川, 贵州, 云南, 陕西, 甘肃, 青海, 内蒙古, 广西, 西藏, 宁夏, 新疆
    """
)
"""China and its provinces, in Chinese."""

CITIES_OF_CHINA = _listed(
    """
    石家庄, 唐山, 秦皇岛, 邯郸, 邢台, 保定, 张家口, 承德, 沧州, 廊坊, 衡水, 太原, 大同, 阳泉, 长治, 晋城, 朔州, 晋中,
    运城, 忻州, 临汾, 吕梁, 呼和浩特, 包头, 乌海, 赤峰, 通辽, 鄂尔多斯, 呼伦贝尔, 巴彦淖尔, 乌兰察布, 兴安盟,
    锡林郭勒, 阿拉善, 沈阳, 大连, 鞍山, 抚顺, 本溪, 丹东, 锦州, 营口, 阜新, 辽阳, 盘锦, 铁岭, 朝阳, 葫芦岛, 长春,
    四平, 辽源, 通化, 白山, 松原, 白城, 延边, 延吉, 哈尔滨, 齐齐哈尔, 鸡西, 鹤岗, 双鸭山, 大庆, 伊春, 佳木斯, 七台河,
    牡丹江, 黑河, 绥化, 大兴安岭, 漠河, 南京, 无锡, 徐州, 常州, 苏州, 南通, 连云港, 淮安, 盐城, 扬州, 镇江, 泰州,
    宿迁, 昆山, 江阴, 张家港, 常熟, 太仓, 杭州, 宁波, 温州, 嘉兴, 湖州, 绍兴, 金华, 衢州, 舟山, 台州, 丽水, 义乌,
    乌镇, 桐乡, 萧山, 余杭, 莫干山, 千岛湖, 合肥, 芜湖, 蚌埠, 淮南, 马鞍山, 淮北, 铜陵, 安庆, 黄山, 滁州, 阜阳, 宿州,
    六安, 亳州, 池州, 宣城, 福州, 厦门, 莆田, 三明, 泉州, 漳州, 南平, 龙岩, 宁德, 武夷山, 鼓浪屿, 南昌, 景德镇, 萍乡,
    九江, 新余, 鹰潭, 赣州, 吉安, 宜春, 抚州, 上饶, 庐山, 婺源, 济南, 青岛, 淄博, 枣庄, 东营, 烟台, 潍坊, 济宁, 泰安,
    威海, 日照, 临沂, 德州, 聊城, 滨州, 菏泽, 泰山, 曲阜, 蓬莱, 郑州, 开封, 洛阳, 平顶山, 安阳, 鹤壁, 新乡, 焦作,
    濮阳, 许昌, 漯河, 三门峡, 南阳, 商丘, 信阳, 周口, 驻马店, 济源, 嵩山, 少林寺, 武汉, 黄石, 十堰, 宜昌, 襄阳, 鄂州,
    荆门, 孝感, 荆州, 黄冈, 咸宁, 随州, 恩施, 仙桃, 潜江, 天门, 神农架, 武当山, 长沙, 株洲, 湘潭, 衡阳, 邵阳, 岳阳,
    常德, 张家界, 益阳, 郴州, 永州, 怀化, 娄底, 湘西, 凤凰古城, 衡山, 广州, 韶关, 深圳, 珠海, 汕头, 佛山, 江门, 湛江,
    茂名, 肇庆, 惠州, 梅州, 汕尾, 河源, 阳江, 清远, 东莞, 中山, 潮州, 揭阳, 云浮, 顺德, 新会, 高要, 南宁, 柳州, 桂林,
    梧州, 北海, 防城港, 钦州, 贵港, 玉林, 百色, 贺州, 河池, 来宾, 崇左, 阳朔, 涠洲岛, 海口, 三亚, 三沙, 儋州, 文昌,
    琼海, 万宁, 陵水, 成都, 自贡, 攀枝花, 泸州, 德阳, 绵阳, 广元, 遂宁, 内江, 乐山, 南充, 眉山, 宜宾, 广安, 达州,
    雅安, 巴中, 资阳, 阿坝, 甘孜, 凉山, 西昌, 会理, 九寨沟, 峨眉山, 稻城, 康定, 都江堰, 青城山, 贵阳, 六盘水, 遵义,
    安顺, 毕节, 铜仁, 黔东南, 黔南, 黔西南, 昆明, 曲靖, 玉溪, 保山, 昭通, 丽江, 普洱, 临沧, 楚雄, 红河, 文山,
    西双版纳, 大理, 德宏, 怒江, 迪庆, 香格里拉, 腾冲, 泸沽湖, 玉龙雪山, 拉萨, 日喀则, 昌都, 林芝, 山南, 那曲, 阿里,
    珠穆朗玛峰, 西安, 铜川, 宝鸡, 咸阳, 渭南, 延安, 汉中, 榆林, 安康, 商洛, 华山, 兰州, 嘉峪关, 金昌, 天水, 武威,
    张掖, 平凉, 酒泉, 庆阳, 定西, 陇南, 临夏, 甘南, 敦煌, 西宁, 海东, 玉树, 果洛, 海西, 格尔木, 青海湖, 茶卡盐湖,
    银川, 石嘴山, 吴忠, 固原, 中卫, 乌鲁木齐, 克拉玛依, 吐鲁番, 哈密, 昌吉, 博尔塔拉, 阿克苏, 喀什, 和田, 伊犁, 塔城,
    阿勒泰, 石河子, 喀纳斯, 香港, 澳门, 台湾, 台北, 高雄, 台中, 台南, 新竹, 基隆, 花莲, 垦丁, 桃园
    """
)
"""Cities of China, and sights that have a weather of their own, in Chinese."""

DISTRICTS = _listed(
    """
    浦东, 浦东新区, 徐汇, 静安, 黄浦, 虹口, 闵行, 松江, 嘉定, 青浦, 崇明, 陆家嘴, 朝阳区, 海淀, 海淀区, 西城区,
    东城区, 丰台, 通州, 昌平, 顺义, 大兴, 天河, 南山, 福田, 宝安, 龙岗, 番禺, 西湖, 西湖区, 滨江, 武侯, 渝中, 江北,
    五台山, 恒山, 长白山, 雪乡, 北戴河, 白洋淀, 雄安, 平遥, 壶口, 普陀山
    """
)
"""Districts and sights that can follow a city's name, in Chinese: 杭州西湖区."""

COUNTRIES = _listed(
    """
    日本, 韩国, 朝鲜, 蒙古, 新加坡, 马来西亚, 泰国, 越南, 老挝, 柬埔寨, 缅甸, 菲律宾, 印度尼西亚, 印尼, 文莱, 印度,
    巴基斯坦, 孟加拉国, 尼泊尔, 不丹, 斯里兰卡, 马尔代夫, 哈萨克斯坦, 乌兹别克斯坦, 吉尔吉斯斯坦, 塔吉克斯坦,
    土库曼斯坦, 阿富汗, 伊朗, 伊拉克, 土耳其, 以色列, 约旦, 黎巴嫩, 叙利亚, 沙特, 沙特阿拉伯, 阿联酋, 卡塔尔, 科威特,
    阿曼, 也门, 巴林, 英国, 英格兰, 苏格兰, 威尔士, 爱尔兰, 法国, 德国, 西班牙, 葡萄牙, 意大利, 瑞士, 奥地利, 荷兰,
    比利时, 卢森堡, 丹麦, 瑞典, 挪威, 芬兰, 冰岛, 波兰, 捷克, 斯洛伐克, 匈牙利, 罗马尼亚, 保加利亚, 希腊, 塞尔维亚,
    克罗地亚, 斯洛文尼亚, 乌克兰, 白俄罗斯, 俄罗斯, 爱沙尼亚, 拉脱维亚, 立陶宛, 格鲁吉亚, 亚美尼亚, 阿塞拜疆, 美国,
    加拿大, 墨西哥, 古巴, 巴拿马, 哥斯达黎加, 巴西, 阿根廷, 智利, 秘鲁, 哥伦比亚, 委内瑞拉, 厄瓜多尔, 玻利维亚,
    乌拉圭, 埃及, 摩洛哥, 突尼斯, 阿尔及利亚, 利比亚, 苏丹, 埃塞俄比亚, 肯尼亚, 坦桑尼亚, 尼日利亚, 加纳, 南非,
    津巴布韦, 赞比亚, 马达加斯加, 毛里求斯, 澳大利亚, 澳洲, 新西兰, 斐济, 南极, 北极
    """
)
"""Countries beyond China, in Chinese."""

CITIES_ABROAD = _listed(
    """
    东京, 大阪, 京都, 名古屋, 札幌, 福冈, 横滨, 神户, 奈良, 广岛, 仙台, 冲绳, 北海道, 富士山, 箱根, 镰仓, 首尔, 釜山,
    济州岛, 济州, 仁川, 平壤, 乌兰巴托, 曼谷, 清迈, 普吉岛, 普吉, 芭提雅, 苏梅岛, 河内, 胡志明市, 岘港, 芽庄, 金边,
    暹粒, 吴哥窟, 仰光, 万象, 琅勃拉邦, 吉隆坡, 槟城, 马六甲, 沙巴, 雅加达, 巴厘岛, 马尼拉, 长滩岛, 宿务, 新德里,
    德里, 孟买, 班加罗尔, 加尔各答, 金奈, 加德满都, 科伦坡, 马累, 达卡, 伊斯兰堡, 卡拉奇, 喀布尔, 德黑兰, 巴格达,
    迪拜, 阿布扎比, 多哈, 利雅得, 麦加, 安曼, 贝鲁特, 大马士革, 耶路撒冷, 特拉维夫, 伊斯坦布尔, 安卡拉, 伦敦,
    曼彻斯特, 利物浦, 伯明翰, 爱丁堡, 格拉斯哥, 剑桥, 牛津, 都柏林, 巴黎, 里昂, 马赛, 尼斯, 戛纳, 波尔多, 图卢兹,
    斯特拉斯堡, 普罗旺斯, 柏林, 慕尼黑, 法兰克福, 汉堡, 科隆, 斯图加特, 德累斯顿, 莱比锡, 马德里, 巴塞罗那, 塞维利亚,
    瓦伦西亚, 里斯本, 波尔图, 罗马, 米兰, 威尼斯, 佛罗伦萨, 那不勒斯, 都灵, 博洛尼亚, 西西里, 苏黎世, 日内瓦, 伯尔尼,
    卢塞恩, 因特拉肯, 维也纳, 萨尔茨堡, 阿姆斯特丹, 鹿特丹, 海牙, 布鲁塞尔, 布鲁日, 哥本哈根, 斯德哥尔摩, 奥斯陆,
    卑尔根, 赫尔辛基, 雷克雅未克, 华沙, 克拉科夫, 布拉格, 布达佩斯, 布加勒斯特, 索菲亚, 雅典, 圣托里尼, 贝尔格莱德,
    萨格勒布, 基辅, 明斯克, 莫斯科, 圣彼得堡, 海参崴, 符拉迪沃斯托克, 伊尔库茨克, 贝加尔湖, 新西伯利亚, 纽约, 洛杉矶,
    旧金山, 西雅图, 芝加哥, 波士顿, 华盛顿, 费城, 迈阿密, 休斯敦, 休斯顿, 达拉斯, 奥斯汀, 亚特兰大, 拉斯维加斯,
    圣地亚哥, 丹佛, 凤凰城, 底特律, 奥兰多, 波特兰, 新奥尔良, 夏威夷, 檀香山, 火奴鲁鲁, 硅谷, 加州, 加利福尼亚, 德州,
    佛罗里达, 阿拉斯加, 纽约州, 美国东部, 美国西部, 美东, 美西, 温哥华, 多伦多, 蒙特利尔, 渥太华, 卡尔加里, 魁北克,
    墨西哥城, 坎昆, 哈瓦那, 里约热内卢, 里约, 圣保罗, 巴西利亚, 布宜诺斯艾利斯, 利马, 波哥大, 开罗, 亚历山大,
    卡萨布兰卡, 马拉喀什, 内罗毕, 约翰内斯堡, 开普敦, 拉各斯, 亚的斯亚贝巴, 悉尼, 墨尔本, 布里斯班, 珀斯, 阿德莱德,
    堪培拉, 黄金海岸, 凯恩斯, 塔斯马尼亚, 奥克兰, 惠灵顿, 皇后镇, 基督城
    """
)
"""Cities beyond China, in Chinese."""

COUNTRIES_EN = _listed(
    """
    china, japan, korea, south korea, north korea, mongolia, singapore, malaysia, thailand, vietnam, laos, cambodia,
    myanmar, philippines, indonesia, india, pakistan, bangladesh, nepal, bhutan, sri lanka, maldives, kazakhstan,
    uzbekistan, afghanistan, iran, iraq, turkey, israel, jordan, lebanon, syria, saudi arabia, uae,
    united arab emirates, qatar, kuwait, oman, yemen, bahrain, uk, u.k, united kingdom, england, scotland, wales,
    britain, great britain, northern ireland, ireland, france, germany, spain, portugal, italy, switzerland, austria,
    netherlands, holland, belgium, luxembourg, denmark, sweden, norway, finland, iceland, greenland, poland, czechia,
    czech republic, slovakia, hungary, romania, bulgaria, greece, serbia, croatia, slovenia, ukraine, belarus, russia,
    estonia, latvia, lithuania, malta, cyprus, usa, u.s.a, u.s, us, united states, america, canada, mexico, cuba,
    jamaica, panama, costa rica, brazil, argentina, chile, peru, colombia, venezuela, ecuador, bolivia, uruguay,
    egypt, morocco, tunisia, algeria, libya, ethiopia, kenya, tanzania, uganda, nigeria, ghana, south africa,
    zimbabwe, zambia, madagascar, mauritius, australia, new zealand, fiji, hong kong, macau, macao, taiwan, tibet,
    xinjiang, alabama, alaska, arizona, arkansas, california, colorado, connecticut, delaware, florida, hawaii, idaho,
    illinois, indiana, iowa, kansas, kentucky, louisiana, maine, maryland, massachusetts, michigan, minnesota,
    mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey, new mexico, north carolina,
    north dakota, ohio, oklahoma, oregon, pennsylvania, rhode island, south carolina, south dakota, tennessee, texas,
    utah, vermont, virginia, west virginia, wisconsin, wyoming, ontario, quebec, british columbia, alberta, manitoba,
    nova scotia, new south wales, queensland, bavaria, catalonia, tuscany, sicily, bali, okinawa, hokkaido
    """
)
"""Countries, states and large regions, in English and lower case: what can follow a city's name after a comma."""

CITIES_EN = _listed(
    """
    beijing, shanghai, guangzhou, shenzhen, hangzhou, nanjing, suzhou, chengdu, chongqing, tianjin, wuhan, xi'an,
    xian, qingdao, xiamen, dalian, harbin, kunming, lhasa, sanya, guilin, lijiang, dali, changsha, ningbo, urumqi,
    shenyang, zhengzhou, jinan, hefei, fuzhou, nanning, guiyang, haikou, hohhot, lanzhou, yinchuan, xining, taiyuan,
    zhuhai, dongguan, foshan, wuxi, taipei, kaohsiung, kowloon, tokyo, osaka, kyoto, nagoya, sapporo, fukuoka,
    yokohama, kobe, nara, hiroshima, sendai, seoul, busan, incheon, jeju, pyongyang, ulaanbaatar, bangkok, chiang mai,
    phuket, pattaya, koh samui, hanoi, ho chi minh city, saigon, da nang, hoi an, phnom penh, siem reap, yangon,
    vientiane, kuala lumpur, penang, jakarta, manila, cebu, new delhi, delhi, mumbai, bangalore, bengaluru, chennai,
    kolkata, hyderabad, jaipur, goa, kathmandu, colombo, dhaka, karachi, lahore, islamabad, kabul, tehran,
    baghdad, dubai, abu dhabi, doha, riyadh, jeddah, mecca, amman, beirut, damascus, jerusalem, tel aviv, istanbul,
    ankara, antalya, london, manchester, liverpool, birmingham, leeds, bristol, edinburgh, glasgow, cardiff, belfast,
    oxford, cambridge, brighton, york, dublin, galway, paris, lyon, marseille, bordeaux, toulouse, strasbourg, lille,
    nantes, cannes, berlin, munich, frankfurt, hamburg, cologne, stuttgart, dresden, leipzig, dusseldorf, düsseldorf,
    münchen, köln, nuremberg, madrid, barcelona, seville, valencia, malaga, málaga, bilbao, granada, ibiza, lisbon,
    porto, rome, milan, venice, florence, naples, turin, bologna, verona, pisa, palermo, zurich, zürich, geneva, bern,
    basel, lucerne, vienna, salzburg, innsbruck, amsterdam, rotterdam, the hague, utrecht, brussels, bruges, antwerp,
    copenhagen, stockholm, gothenburg, oslo, bergen, helsinki, reykjavik, reykjavík, tallinn, riga, vilnius, warsaw,
    krakow, kraków, gdansk, prague, brno, bratislava, budapest, bucharest, sofia, athens, santorini, thessaloniki,
    belgrade, zagreb, dubrovnik, ljubljana, sarajevo, kiev, kyiv, lviv, minsk, moscow, saint petersburg,
    st petersburg, st. petersburg, novosibirsk, vladivostok, tbilisi, yerevan, baku, almaty, tashkent, new york,
    new york city, nyc, n.y.c, manhattan, brooklyn, los angeles, la, l.a, san francisco, sf, san diego, san jose,
    oakland, sacramento, seattle, portland, chicago, boston, philadelphia, washington, washington dc, washington d.c,
    d.c, dc, baltimore, pittsburgh, miami, orlando, tampa, atlanta, charlotte, nashville, memphis, new orleans,
    houston, dallas, austin, san antonio, denver, boulder, salt lake city, phoenix, tucson, las vegas, vegas, detroit,
    cleveland, columbus, cincinnati, indianapolis, milwaukee, minneapolis, st. louis, st louis, kansas city, omaha,
    anchorage, honolulu, silicon valley, toronto, vancouver, montreal, montréal, ottawa, calgary, edmonton, winnipeg,
    quebec city, halifax, mexico city, cancun, cancún, guadalajara, tijuana, havana, kingston, nassau, san juan,
    panama city, rio de janeiro, rio, sao paulo, são paulo, brasilia, salvador, buenos aires, santiago, lima, cusco,
    bogota, bogotá, medellin, medellín, quito, caracas, montevideo, cairo, alexandria, casablanca, marrakech,
    marrakesh, tunis, algiers, lagos, abuja, accra, nairobi, addis ababa, dar es salaam, zanzibar, kampala,
    johannesburg, cape town, durban, pretoria, sydney, melbourne, brisbane, perth, adelaide, canberra, gold coast,
    cairns, darwin, hobart, auckland, wellington, christchurch, queenstown
    """
)
"""Cities, in English and lower case. Those that are common words too (Nice, Reading, Bath, Split) are left out."""
