"""The words of opening hours in Chinese, Japanese and English: days, hours, closings, and what may be left out.

All patterns are for texts as `texts.plain_hours` makes them: simplified script, half width, lower case.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from .periods import WEEKDAYS

ALL_DAY = "00:00-24:00"

TO_SIMPLIFIED = str.maketrans(
    "週禮開關時間點國節館園業營體學後對無從個請聯絡電話為與當臨準補運動務員樓號處廳觀據應視實際農曆連續設備註僅須辦場門區圖書兒醫診療課"
    "暫閉擇隨總邊衛內單雙換機飛維護颱風災選舉檢試賽終毎係結響帯帶緊協戶狀況賣檯轉沒訂餘遠異樂繫長眾隊達傳標識證術專屬團網廠離還讓擴縣鄉鎮",
    "周礼开关时间点国节馆园业营体学后对无从个请联络电话为与当临准补运动务员楼号处厅观据应视实际农历连续设备注仅须办场门区图书儿医诊疗课"
    "暂闭择随总边卫内单双换机飞维护台风灾选举检试赛终每系结响带带紧协户状况卖台转没订余远异乐系长众队达传标识证术专属团网厂离还让扩县乡镇",
)
"""Traditional and Japanese forms of the characters that matter here."""


class Token(NamedTuple):
    """A word understood.

    kind   "days", "hours", "all_day", "off", "closing" (a list of closed days begins) or "end" (it ends)
    days   keys of OSM, "HOLIDAYS" (holidays, and weekends where they have no hours of their own), or dates such as "Th[3]"
    hours  in OSM syntax
    """

    kind: str
    begin: int
    end: int
    days: tuple[str, ...] = ()
    hours: str = ""


_TO = r"(?:-|~|〜|—|–|―|至|到|から|\bto\b|\bthrough\b|\bbis\b)"
_LIST = r"(?:、|,|\.|・|·|/|及|和|与|暨|或|&|\band\b)"
_JOIN = rf"\s*(?:{_TO}|{_LIST})?\s*"
_WEEK = r"(?:周|星期|礼拜)"
_CHINESE = dict(zip("一二三四五六日天末1234567", (*WEEKDAYS, "Su", "末", *WEEKDAYS), strict=True))
_JAPANESE = dict(zip("月火水木金土日", WEEKDAYS, strict=True))
_ENGLISH = {day.lower(): day for day in WEEKDAYS}

_HALF = r"(?:上午|早上|早|凌晨|清晨|(下午|晚上|晚间|晚|夜间|傍晚|午后|pm)|中午|am)?"
_CLOCK = _HALF + r"\s*(\d{1,2})\s*(?:[:.点时]\s*(\d{2}|半)?\s*分?|h(\d{2})?)?整?\s*(am|pm|a\.m\.|p\.m\.)?"
_NEXT_DAY = r"(?:次日|翌日|隔日|隔天|凌晨)?"
_COMPACT = r"([012]\d)([0-5]\d)"


def _either(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


_FESTIVAL = r"(?:除夕|春节|新年|过年|年节|大年)(?:夜|当日|当天)?"
_BREAK = r"(?:年假|连假|假期|期间)*"

_NAMED: dict[str, tuple[str, ...]] = {
    _either("工作日", "平日", "上班日", r"\bworkdays?\b"): ("WORKDAYS",),
    r"\bweekdays?\b": WEEKDAYS[:5],
    _either("双休日", f"{_WEEK}末", "周休二?日", r"\bweekends?\b", r"六\s*[、,.及和]?\s*日(?![数常期])"): WEEKDAYS[5:],
    _either(
        "(?:国定|法定|公众|公共)(?:节日|节?假日|节日假日)", "国定例假日", "国假日?", "祝祭日", "祝日",
        r"\bpublic holidays?\b",
        f"(?:农历)?{_FESTIVAL}{_BREAK}", f"农历年?{_BREAK}", "(?:大年)?初[一二三四五六]日?", "连续?假期?",
        "中秋节?", "端午节?", "清明节?", "元旦",
    ): ("PH",),
    _either("例假日", "节日假日", "节假日", "假日", r"\bholidays?\b"): ("HOLIDAYS",),
    "年末年始": ("Dec 29-Jan 3",),
    _either("寒暑假", "寒假", "暑假", "学校假期", r"\bschool holidays?\b"): ("SH",),
    _either(
        "每天", "每日", "天天", "全年无休", "全年", "年中无休", "365天", "(?:星期|周)?一至日",
        r"\b(?:every ?day|daily)\b"
    ): WEEKDAYS,
}  # fmt: skip
"""Words that name days."""

_NUMBERS = dict(zip("一二三四五12345", "1234512345", strict=True))
_DAY_WORD = rf"(?:{_WEEK}([一二三四五六日天])|([月火水木金土日])曜日?)"


def _chinese_days(found: re.Match[str]) -> Token:
    marks = re.findall(rf"({_TO})?\s*(?:{_WEEK})?([一二三四五六日天末]|(?<=[周期拜])[1-7])", found[0])
    return _spans(found, [(bool(to), _CHINESE[day]) for to, day in marks])


def _japanese_days(found: re.Match[str]) -> Token:
    marks = re.findall(rf"({_TO})?\s*([月火水木金土日])(?:曜日?)?", found[0])
    return _spans(found, [(bool(to), _JAPANESE[day]) for to, day in marks])


def _english_days(found: re.Match[str]) -> Token:
    marks = re.findall(rf"({_TO})?\s*(mo|tu|we|th|fr|sa|su)[a-z]*", found[0])
    return _spans(found, [(bool(to), _ENGLISH[day]) for to, day in marks])


def _spans(found: re.Match[str], marks: list[tuple[bool, str]]) -> Token:
    """Days one by one, a range where a mark says so; a range over Sunday goes on with Monday."""
    days: list[str] = []
    for to, day in marks:
        if day == "末":
            days += WEEKDAYS[5:]
        elif to and days:
            first, last = WEEKDAYS.index(days[-1]), WEEKDAYS.index(day)
            days += [WEEKDAYS[number % 7] for number in range(first + 1, last + 1 + 7 * (last <= first))]
        else:
            days.append(day)
    return Token("days", *found.span(), days=tuple(dict.fromkeys(days)))


def _nth_days(found: re.Match[str]) -> Token:
    """The third Thursday of a month, of even months, or the last one."""
    word = re.search(_DAY_WORD, found[0])
    assert word is not None
    day = _CHINESE[word[1]] if word[1] else _JAPANESE[word[2]]
    numbers = [_NUMBERS[mark] for mark in re.findall(r"[一二三四五1-5]", found[0][: word.start()])]
    last = "最后" in found[0] or "最终" in found[0]
    months = (
        "Feb,Apr,Jun,Aug,Oct,Dec: " if "偶数月" in found[0] else "Jan,Mar,May,Jul,Sep,Nov: " * ("奇数月" in found[0])
    )
    return Token("days", *found.span(), days=(f"{months}{day}[{'-1' if last else ','.join(numbers)}]",))


def _hours(found: re.Match[str]) -> Token | None:
    marks = found.groups()
    begin, end = _minutes(marks[:5]), _minutes(marks[5:])
    if begin is None or end is None or not re.search(r"[:.点时h]|am|pm|午|晚", found[0]):
        return None  # 8-17 alone may be days of a month
    half_told = marks[0] and not marks[5] and not marks[9] and end < 720
    if half_told and end + 720 > begin >= end:
        end += 720  # 下午2:00-5:30
    if begin == end and begin != 0:
        return None
    return Token("hours", *found.span(), hours=clock_range(begin, end))


def _minutes(marks: tuple[str | None, ...]) -> int | None:
    """Minutes after midnight of one clock; None where there is no such time."""
    later, hour, minute, short, suffix = marks
    hours, minutes = int(hour or 99), 30 if minute == "半" else int(minute or short or 0)
    if hours < 12 and (later or (suffix or "").startswith("p")):
        hours += 12
    return hours * 60 + minutes if hours * 60 + minutes <= 1440 and minutes < 60 else None


def _compact(found: re.Match[str]) -> Token | None:
    begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if max(begin, end) > 1440 or begin == end:
        return None
    return Token("hours", *found.span(), hours=clock_range(begin, end))


def _of_kind(kind: str) -> Callable[[re.Match[str]], Token]:
    return lambda found: Token(kind, *found.span())


def _named(days: tuple[str, ...]) -> Callable[[re.Match[str]], Token]:
    return lambda found: Token("days", *found.span(), days=days)


_CLOSING = _either(
    r"(?:休[馆园场业所息]|[闭清]馆|公休|定休|店休)(?:日|时间)\s*[:(]?(?=[\s:(]*[^\s,;。)])",
    r"\bclosed\b(?= +(?:on )?\w)",
)
_NUMBER = r"[一二三四五1-5]"
_NTH_DAY = (
    r"(?:每月)?(?:[偶奇]数月)?的?"
    + _either(rf"第\s*{_NUMBER}(?:\s*[、・,及和与]?\s*第?\s*{_NUMBER})*\s*个?", "最后一?个?", "最终")
    + _DAY_WORD
)
_WHOLE_DAY = _either(
    r"(?:全天候?|全日|全时段|每日)?\s*(?:24|二十四|廿四)\s*(?:个?小时|h(?:ou)?rs?(?![a-z])|h(?![a-z])|小?时)制?",
    "全天候?", "全日(?:・?全时间带)?", "全时段", "全时间带", "随时", r"\ball ?(?:the )?(?:time|day)\b",
)  # fmt: skip
_CHINESE_DAYS = (
    rf"每?{_WEEK}[一二三四五六日天末1-7]"
    rf"(?:{_JOIN}(?:{_WEEK}\s*[一二三四五六日天末1-7]|[一二三四五六日天](?![小年月])))*"
)
_JAPANESE_DAY = r"[月火水木金土日](?:曜日?)?"
_JAPANESE_DAYS = r"(?<![\d一二三四五六七八九十年])" + _either(
    r"[月火水木金土日]{2,7}(?:曜日?)?",
    rf"{_JAPANESE_DAY}(?:\s*(?:{_TO}|{_LIST})\s*{_JAPANESE_DAY}(?![\d年]))+",
    r"[月火水木金土日]曜日?",
)
_ENGLISH_DAY = r"\b(?:mo|tu|we|th|fr|sa|su)(?:n|e|es|d|nes|u|ur|urs|i|t|tur)?(?:day)?s?\b\.?"
_CLOSED = _either(
    "(?:均|皆|都|为|则|全面|全天)?(?:不|未|无|没有|非|停止?)(?:对外|予|提供|再|供)*"
    "(?:开放|营业|开馆|开门|上班|使用)(?:时间|使用|对外)?",
    "(?:全|休|闭|清)[馆园诊]", "闭[馆园]", "公休日?", "定休日?", "店休", "休[息业诊市假]日?(?:时间)?",
    r"(?:固定)?休(?=$|[\s,;.。)])", "除外", "を除く", "关闭", "关门", r"\bclosed\b", r"\boff\b",
)  # fmt: skip

_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Token | None]], ...] = (
    (re.compile(_CLOSING), _of_kind("closing")),
    (re.compile(_NTH_DAY), _nth_days),
    (re.compile(rf"(?<!\d)(?<!\d[:.]){_CLOCK}\s*{_TO}\s*{_NEXT_DAY}{_CLOCK}"), _hours),
    (re.compile(rf"(?<!\d){_COMPACT}\s*{_TO}\s*{_COMPACT}(?!\d)"), _compact),
    (re.compile(_WHOLE_DAY), _of_kind("all_day")),
    *((re.compile(pattern), _named(days)) for pattern, days in _NAMED.items()),
    (re.compile(_CHINESE_DAYS), _chinese_days),
    (re.compile(_JAPANESE_DAYS), _japanese_days),
    (re.compile(rf"{_ENGLISH_DAY}(?:{_JOIN}{_ENGLISH_DAY})*"), _english_days),
    (re.compile(_CLOSED), _of_kind("off")),
    (re.compile(r"[)。;\n]"), _of_kind("end")),
)


def tokens(text: str) -> list[Token]:
    """The words understood in a text, from left to right, none over another; of those at one place the first listed."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        token = next(
            (t for pattern, read in _READERS if (match := pattern.match(text, at)) and (t := read(match))), None
        )
        if token is not None and token.end > at:
            found.append(token)
            at = token.end
        else:
            at += 1
    return found


def clock_range(begin: int, end: int) -> str:
    """Minutes after midnight as OSM hours; 23:59 is taken for midnight, and 00:00 to 23:50 or later for the whole day.

    >>> clock_range(480, 1020), clock_range(0, 1439), clock_range(1320, 360)
    ('08:00-17:00', '00:00-24:00', '22:00-06:00')
    """
    if begin <= 1 and end >= 1430:
        return ALL_DAY
    end = 1440 if end in (0, 1439) else end
    return f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}"


LIMIT = re.compile(
    _either(
        "不", "无(?!休|线|障)", "没", "未", "非", "限", "除", "休", "停", "管制", "依", "视", "按", "配合",
        "为主", "为准", "须", "需",
        "预约", "联[系络]", "洽", "才", "仅", "只", "内部", "员工", "学生", "季", "班", "航", "船", "赛",
        "活动", "演", "校内", "值勤",
        "临时", "变[更动]", "异动", "另", "调整", "公告", "宣布", "排", "租", "轮", "部[分份]", "至", "到",
        "起", "后", "前", "约", "以外",
        "例外", "延", "提[早前]", "会议", "定", "场合", "翌", "隔", "暂", "放假", "封", "清场", "夜", "日间",
        "中午", "逢", "遇", "含",
        "同(?!仁)", r"(?<![\w.])[一二三四五六1-7](?![\w.])", "修", "保养", "维护", "施工", "期间", "学期",
        "过年", "左右", "は",
        r"\b(?:only|except|by|unless|if|when)\b", r"\bappoint",
    )
)  # fmt: skip
"""Words that may limit the hours; where one is left over the text is not understood."""

TIMELIKE = re.compile(
    _either(
        r"\d\s*[:点时半]", r"\d\s*h(?![a-z])", r"\d{1,2}月", r"(?<!\d)[012]\d[0-5]\d(?!\d)", "[上下]午", "早上", "晚上"
    )
)
"""What looks like a time that was not read."""

NOISE = re.compile(
    _either(
        r"[^,。;\n]*(?:台风|天灾|天然灾害)[^。;\n]*",
        r"(?:紧急)?(?:[连联][络系])?(?:电话)?:?\s*(?:\(0\d{1,3}\)|\b0\d{1,3})[-\s]?\d{3,4}[-\s]?\d{3,4}"
        r"(?:\s*(?:转|#|ext\.?|分机)\s*\d+)*",
    )
)
"""Telephone numbers, and clauses on typhoons and other disasters, which are too rare to count."""

FILLER = re.compile(
    _either(
        r"(?:(?<=\n)|(?<=\s)|^)\(?[1-9][.、)](?!\d)", "一[天日]", "(?:紧急)?(?:[连联][络系])?电话:?",
        "(?:请先)?(?:连络|拨打?)119",
        "非(?:开放|营业|上班|服务)时间(?:均|皆)?(?:无法|不)(?:提供|开放|对外)*(?:使用|服务)?",
        "(?:配合|依)(?:民众洽公|校园|学校|办公|上班|馆舍)+(?:时间)?(?:开放)?(?:时间)?", "(?:仅|只)?供?成人使用",
        "以?上?为?(?:校园|学校|场馆|馆舍)?开放(?:使用|时间|时段|大众使用|民众使用|给?大众|空间)*", "使用(?:时间|可)?",
        "利用(?:可|时间)?", "服务(?:时间|台)?", "办公时?间?", "上班时?间?", "上课时?间?",
        "营[业运](?:时[间段])?", "时[间段]", "对外",
        "大众", "民众", "公众", "提供", "取用", "可取得", "可以?", "均", "皆", "都", "有", "为(?!主|准)", "的",
        "及", "和", "与", "暨", "是",
        "在", "一般", "全面", r"整(?=\W|$)", "平时", "正常", "备注", "备考", "说明", "aed", "open(?:ing)?",
        "hours?", "service",
        "警卫室?", "守卫室", "保[全安](?:室|亭)?", "柜台", "大厅", "门口", "待[机命]", "人员", "供", "之",
        "其余", "其他(?:时间)?", "每",
        "学校", "校园", "本校", "本所", "本馆", "派出所", "健康中心", "公共区域", "户外", "法定", "开馆",
        "星期", "周", "年", "日",
        r"\b(?:from|the|of|and|on|for|public|use)\b", r"[^\w\u4e00-\u9fff]+", r"は(?=[\s、,]|$)",
    )
)  # fmt: skip
"""Words that change nothing."""
