"""Pinyin initials, by which a place is found with few keys: 柳城汽车站 by lcqcz."""

import os
import re
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize

_KEPT = re.compile("[^0-9a-z]+")

PHRASES = {
    "银行": "yín háng", "商行": "shāng háng", "参茸行": "shēn róng háng", "长途": "cháng tú", "长城": "cháng chéng",
    "长江": "cháng jiāng", "长安": "cháng ān", "长兴": "cháng xīng", "长春": "cháng chūn", "长沙": "cháng shā",
    "长征": "cháng zhēng", "长青": "cháng qīng", "长廊": "cháng láng", "长乐": "cháng lè", "长泰": "cháng tài",
    "重庆": "chóng qìng", "重阳": "chóng yáng", "重建": "chóng jiàn", "朝阳": "zhāo yáng", "朝霞": "zhāo xiá",
    "厦门": "xià mén", "调解": "tiáo jiě", "弄堂": "lòng táng", "音乐": "yīn yuè", "乐器": "yuè qì", "人参": "rén shēn",
    "曾厝": "zēng cuò", "曾氏": "zēng shì", "单氏": "shàn shì", "会计": "kuài jì", "校对": "jiào duì", "降落": "jiàng luò",
    "西藏": "xī zàng", "传记": "zhuàn jì", "石碑": "shí bēi", "屏退": "bǐng tuì", "番禺": "pān yú",
}  # fmt: skip
"""Words in the names of places whose characters are read otherwise than alone. Put in the place of the library's own 47,000
phrases, which would stay in memory with 45 MB."""


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The first letter of each character's pinyin, Latin letters and digits as they stand, all in lower case.

    >>> initials("柳城汽车站 1 号门"), initials("建设银行"), initials("")
    ('lcqcz1hm', 'jsyh', '')
    """
    plain = normalize("NFKC", text)
    if not plain.isascii():
        pypinyin = _library()
        plain = "".join(pypinyin.lazy_pinyin(plain, style=pypinyin.Style.FIRST_LETTER))
    return _KEPT.sub("", plain.lower())


@cache
def _library() -> Any:
    """Read when the first name asks for it, and without its phrases."""
    before = os.environ.get("PYPINYIN_NO_PHRASES")
    os.environ["PYPINYIN_NO_PHRASES"] = "true"
    try:
        import pypinyin
    finally:
        if before is None:
            del os.environ["PYPINYIN_NO_PHRASES"]
        else:
            os.environ["PYPINYIN_NO_PHRASES"] = before
    pypinyin.load_phrases_dict({phrase: [[sound] for sound in said.split()] for phrase, said in PHRASES.items()})
    return pypinyin
