"""Lists by which names of persons are known: given names, Chinese surnames, characters of given names;
and places, which are built of the same characters."""

import re
import unicodedata

from exchange.vault.reading.units import listed

GIVEN = listed("""
aaron abdul abigail adam adrian agnes ahmed aisha alan albert alejandro alex alexander alexandra alexei
alfred ali alice alicia amanda amelia amina amir amy ana anastasia andre andrea andreas andrei andrew
angela anita anna anne annette anthony antoine anton antonio arjun arnaud arthur ashley astrid audrey
barbara beatrice ben benjamin bernard bernd beth bianca bill birgit bob brandon brenda brian bridget
bruno camille carl carla carlos carmen carol carolina caroline catherine cathy cecilia charles chiara
chris christian christina christine christoph christopher claire clara claudia claudio clemens colin
connor craig cynthia dagmar daniel daniela danielle darren dave david deborah denis dennis derek diana
diego dieter dimitri dirk dmitri dmitry dominik donald donna dorothy douglas duncan edith eduardo edward
eileen elena elias elisabeth elizabeth ella ellen emily emma enrique eric erik erika ernst esther eugene
eva evelyn evgeny fabian fatima federico felix fernando filip fiona francesca francesco francis
francisco francois frank franz frederic frederik friedrich fritz gabriel gabriela gary gemma george
gerald gerard gerhard gilbert gina giovanni giulia giuseppe gloria graham greg gregory greta guillaume
gunter gustav guy hannah hans harald harold harry hassan heather heidi heike heinrich heinz helen helena
helga helmut henri henrik henry herbert hiroshi holger howard hugo ian ibrahim igor ina ines inga ingrid
irene irina isaac isabel isabella ivan ivana jack jacob jacqueline jacques jake james jamie jan jane
janet janine jasmine jason javier jean jeff jeffrey jennifer jenny jens jeremy jerome jerry jessica
jesus jill jim joachim joan joanna joao joe joel joerg johan johann johanna johannes john jonas jonathan
jorge jose josef joseph joshua juan juanita judith julia julian juliana julie julien julio jurgen justin
karen karim karin karl karla katarina kate katharina katherine kathleen katja katrin keith kelly kenji
kenneth kevin khalid kim klaus konstantin kristen kristin kurt larry lars laura lauren laurent lea leila
leo leon leonard leonardo leonie lewis liam lilian linda lisa lori louis louise luca lucas lucia lucy
ludwig luis luisa lukas luke lydia madeleine magdalena manfred manuel marc marcel marco marcus margaret
margarita maria marianne marie marina mario marion mark markus marta martha martin martina mary mathias
mathieu matteo matthew matthias maureen maurice max maximilian megan mehmet melanie melissa mia michael
michaela michal michel michelle miguel mihai mike mikhail mila milan miriam mohamed mohammad mohammed
moritz muhammad mustafa nadia nadine nancy natalia natalie natasha nathan neil nicholas nick nicola
nicolas nicole nigel nikita nikolai nina nora norbert norman oleg olga oliver olivia omar oscar otto
pablo paola pamela pascal patricia patrick paul paula pauline pavel pedro peggy peter petra phil philip
philipp philippe pierre pietro piotr priya rachel rafael rahul rainer raj rajesh ralf ralph ramona
raphael raul raymond rebecca regina renate rene ricardo riccardo richard rita robert roberta roberto
robin rodrigo roger roland rolf roman romain ronald rosa rosemary roxana roy ruben rudolf russell ruth
ryan sabine sabrina salma sally sam samantha samir samuel sandra sandro sanjay sara sarah saskia satoshi
scott sean sebastian sergei sergey sergio sharon sheila shirley silke silvia simon simone sofia sonja
sophia sophie stefan stefanie stefano stephan stephanie stephen steve steven stuart sunil susan susanne
suzanne svetlana sven sylvia takashi tamara tania tanja tatiana ted teresa theodor theresa thierry
thomas tim timo timothy tina tobias todd tom tony torsten tracy trevor tyler udo ulrich ulrike ursula
uwe valentina valerie vanessa vera veronica veronika victor vijay viktor vincent vladimir walter wanda
wendy werner wilhelm william wolfgang xavier yannick yasmin yolanda yuki yuri yusuf yves zoe
""")  # fmt: skip

PINYIN_SURNAMES = listed("""
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song
tang deng feng han cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren yao
shen zhong cui tan lai fan jin shi liao jia xia fu fang zou xiong bai meng qin qiu hou yin xue lei long
tao mao hao gu gong shao qian yan wan dai mo kong
""")  # fmt: skip
_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|uang|iong|ang|eng|ing|ong|ian|uan|iao|uai|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|a|o|e|i|u|v)){1,2}"
)

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常汤"
TWO_SURNAMES = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯"
# Characters of most given names; those of places, materials and states are left out.
GIVEN_CHARACTERS = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文宇浩轩然子涵梓欣怡佳雨婷雪琳琪瑶萱"
    "俊鹏飞翔龙辉斌波亮凯健峰晨阳旭晓东海燕玲萍莉莹颖慧倩蓉梅凤珍珠琴美荣祥瑞福贵财富春生林森鑫淼"
    "永庆忠诚义仁礼智信德厚思远博雅诗书画韵馨月星辰云帆航天佑家豪嘉诺泽睿哲瀚圣宏达立兴业昌盛旺发胜利"
    "成功振威猛虎彪豹少卿良才学贤宁安康乐悦欢喜娇媛妍姝婉柔淑贞洁纯真爱情恩惠彤丹青素心灵巧爽"
    "帅坤乾震巽坎离艮兑一二三四五六七八九十百千万亿宝贝儿娃妮妹姐哥弟伯仲叔季元亨玮琦琛珂珊瑚璐璇"
    "钢铁铭锋锐钧锦钰滨江河湖津渊泉源清澄洪涌润泓炎焱煜烨灿炜炳焕熙勋杉松柏桐楠桦彬楚栋梁"
)
_CHINESE = re.compile(
    rf"(?:{TWO_SURNAMES}|[{SURNAMES}])[{GIVEN_CHARACTERS}]{{1,2}}\d{{0,4}}(?:先生|女士|小姐|师傅)?"
    rf"|[{SURNAMES}](?:先生|女士|小姐|师傅)"
)
# Cities whose names could be names of persons.
PLACES = listed(
    "金华 温州 常州 徐州 苏州 郑州 梁山 江门 石家庄 马鞍山 黄山 黄石 白山 白银 武汉 武威 汤阴 安康 常德 龙岩 "
    "江阴 秦皇岛 唐山 高雄 金昌 陆丰 任丘 莫斯科 罗马 罗定 万宁 余姚 叶城 石林 夏河 方城 吴江 吴忠 周口 孟州 "
    "邵阳 邵武 韩城 曹县 宋庄 程海 秦安 白城 田东 田阳 贺州 雷州 龙泉 龙海 江山 江津 江宁 江海 高明 高平 高安 "
    "石泉 金平 金山 金湖 金寨 林州 林海 林芝 海宁 夏津 钟祥 钟山 汪清 白云 黄海 黄河 武宁 武胜 武平 武义 方山 "
    "万年 万荣 万安 常宁 常熟 常山 向阳 侯马 龙华 罗源 罗平 罗江 罗湖 马山 马龙 胡杨 袁州 丁青 余江 于都 "
    "陈仓 谢家集 顾山 汤原 江源 江华 江永 江城 江安 江油 石门 石楼 金塔 金川 金乡 金坛 高邮 高淳 林周 林口"
)
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "sr", "sra"})
# With one of these it is the name of a firm.
FIRMS = listed(
    "ag gmbh ltd limited inc corp corporation company co group holding energy motor bank llc plc sa bv"
)
_LATIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
WORDS_MAX = 5
CHARS_MAX = 60


def is_person_name(cell: str) -> bool:
    """A name in Chinese characters, a given name with others, or a Chinese name in pinyin; a number
    may follow it."""
    text = cell.strip()
    if not text or len(text) > CHARS_MAX:
        return False
    if not text.isascii() and _CHINESE.fullmatch(text):
        return text.rstrip("0123456789") not in PLACES
    words = _words(text)
    if not 1 < len(words) <= WORDS_MAX:
        return False
    if words[0] in GIVEN or ("," in text and words[1] in GIVEN):
        return True
    return (
        len(words) in {2, 3}
        and words[0] in PINYIN_SURNAMES
        and all(_PINYIN.fullmatch(one) for one in words[1:])
    )


def is_given_name(cell: str) -> bool:
    """A given name alone; a number may follow it."""
    words = _words(cell)
    return len(words) == 1 and words[0] in GIVEN


def _words(text: str) -> list[str]:
    """The words of a name, plain and lower; nothing where there is more than letters and a number."""
    bare = text.strip().rstrip("0123456789").rstrip(" _#.-")
    found = _LATIN.findall(bare)
    if "".join(found) != re.sub(r"[\s,_]+", "", bare):
        return []
    plain = [_plain(one) for one in found]
    if plain and plain[0] in TITLES:
        del plain[0]
    return [] if FIRMS & set(plain) else plain


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.rstrip(".").casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
