"""
Words of scripts that are written without blanks between them, as far as keywords need them: no dictionary.

Chinese: function characters and stop marks bound a run; in a run the sequences of two to four characters that recur are
words, and a short run is one as it is. Japanese: runs of kanji and of katakana are words, hiragana binds them. Korean
has blanks; the particle behind a word is taken off.
"""

import re
from collections import Counter

from .english.lexicon import word_set

__all__ = ["spaceless_words"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(f"[{_HAN}]+")
_KANA = re.compile("[\u3041-\u30ff]")
_JAPANESE = re.compile(f"[{_HAN}\u3005]{{1,6}}|[\u30a1-\u30fa\u30fc]{{2,}}")
_KOREAN = re.compile("[\uac00-\ud7a3]{2,}")
_PARTICLE = re.compile(
    "(?<=[\uac00-\ud7a3]{2})(?:은|는|이|가|을|를|에|의|로|와|과|도|에서|으로|에게|까지|부터|한테|이나|하고)$"
)
_POLITE = re.compile(
    "(?:습니다|합니다|입니다|니다|어요|아요|해요|세요|네요|군요|지만|는데|했어|있어|없어|하는|했던|그리고|하지만|정말|너무|오늘|내일)$"
)
_WORDS_OF_THEM = (
    "过敏|過敏|过程|過程|中国|中國|中文|中学|中學|中心|上海|上班|下班|下午|上午|会议|會議|会计|會計|地铁|地鐵|地址|地图|地圖|地方|地点|"
    "用户|用戶|能力|能源|可爱|可愛|可乐|可樂|想象|对象|對象|说明|說明|要求|得分|到期|有限|前端|后端|後端|后台|後台|前任|因素|果汁|和平|"
    "人工|人口|人民|人物|人类|人類|在线|在線|作用|同事|同学|同學|吃素|爱好|愛好|爱情|愛情|爱人|愛人|叫车"
)
"""Words that hold a function character."""
_BETWEEN = re.compile(
    f"(?!{_WORDS_OF_THEM})(?<![社机機聚晚乐樂协協功家老工亲親未将將原土当當园園基场場目感])"
    "[的了是在我你您他她它们們有和就不人都一也很到说說要去会會着著看这這那吗嗎呢吧啊么麼什个個为為与與及或但而之其把被从從对對还還"
    "又再想能可以没沒给給让讓得地过過来來吃太最更只已将將该該请請谁誰哪几幾每些次上下里裡中后後前因所如果虽雖然于於比跟同向往叫做用"
    "爱愛]|感觉|感覺|觉得|覺得|喜欢|喜歡|非常|真的|知道|时候|時候|今天|昨天|明天|现在|現在|最近|应该|應該|需要|希望|谢谢|謝謝|推荐|推薦|建议|建議|"
    "问题|問題|帮助|幫助|东西|東西|一直|一起|特别|特別|比较|比較|开始|開始|经常|經常|可能|当然|當然|不错|不錯|好的|你好|您好|告诉|告訴|"
    "发现|發現|认为|認為|通过|通過|进行|進行|包括|以及|或者|许多|許多|很多|方面|方式|情况|情況|提供|生活|分享|享受|体验|體驗|享受"
)
_PLAIN_JAPANESE = word_set("""
    今日 明日 昨日 一緒 本当 最近 自分 毎日 大変 時間 今回 場合 必要 大丈夫 可能 方法 問題 質問 情報 以下
""")
_LONGEST = 4
_WHOLE = 3


def spaceless_words(text: str) -> list[str]:
    """Return words of the Chinese, Japanese and Korean in *text*, with repeats; none for other scripts."""
    found = [word for word in map(_bare_korean, _KOREAN.findall(text)) if len(word) > 1]
    if not _RUN.search(text) and not _KANA.search(text):
        return found
    if len(_KANA.findall(text)) * 5 >= len(_RUN.findall(text)):
        return found + [word for word in _JAPANESE.findall(text) if _is_word(word)]
    return found + _chinese(text)


def _is_word(word: str) -> bool:
    return len(word) > 1 and word not in _PLAIN_JAPANESE


def _bare_korean(word: str) -> str:
    return "" if _POLITE.search(word) else _PARTICLE.sub("", word)


def _chinese(text: str) -> list[str]:
    runs = [run for part in _RUN.findall(text) for run in _BETWEEN.split(part) if len(run) > 1]
    counted = Counter(
        run[at : at + length]
        for run in runs
        for length in range(2, _LONGEST + 1)
        for at in range(len(run) - length + 1)
    )
    found: list[str] = []
    for run in runs:
        parts = _recurring_parts(run, counted)
        found += parts or ([run] if len(run) <= _WHOLE else [run[:2], run[-2:]])
    return found


def _recurring_parts(run: str, counted: Counter[str]) -> list[str]:
    """Return the words in *run* that stand elsewhere too: the most frequent, of equals the longest."""
    inside = {run[at : at + length] for length in range(2, _LONGEST + 1) for at in range(len(run) - length + 1)}
    again = sorted((part for part in inside if counted[part] > 1), key=lambda part: (-counted[part], -len(part), part))
    left, kept = run, list[str]()
    for part in again:
        if part in left:
            kept.append(part)
            left = left.replace(part, "\n")
    return kept
