"""
The words that date expressions are made of, lower case, and the pattern pieces built from them.

Data and string pieces only; `absolute` and `relative` make rules of them.
"""

__all__ = [
    "DAY",
    "HOLIDAY",
    "MONTH",
    "NUMBER",
    "PART",
    "UNIT",
    "WEEKDAY",
    "WEEKDAY_SHORT",
    "YEAR",
    "month_number",
    "number",
    "weekday_number",
]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS: dict[str, float] = {
    "a": 1, "an": 1, "a few": 3, "few": 3, "several": 4, "half a": 0.5, "half an": 0.5, "half a dozen": 6,
    "a dozen": 12, "dozen": 12, "a hundred": 100, "one hundred": 100,
    **{word: 1 + at for at, word in enumerate(_ONES)},
    **{word: 10 + at for at, word in enumerate(_TEENS)},
    **{word: 20 + 10 * at for at, word in enumerate(_TENS)},
}  # fmt: skip

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
WEEKDAY_SHORT = r"(?:mon|tues?|wed|thu(?:rs)?|fri|sat)\b"
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
YEAR = r"(?:19|20)\d\d"
UNIT = r"(?:day|week|weekend|fortnight|month|year|decade)"
HOLIDAY = (
    r"(?:christmas(?: eve| day)?|boxing day|halloween|valentine['\u2019]s day|"
    r"new year['\u2019]?s?(?: eve| day)?|thanksgiving|"
    r"independence day|easter)"
)
PART = r"(?:(?:early |late )?(?:morning|afternoon|evening|night))"
_TWO_WORDS = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES)}))?"
NUMBER = (
    rf"(?:(?:\d|{'|'.join(_ONES)}) and a half|(?:a|one) hundred(?! and)|\d{{1,3}}(?:\.\d)?|(?:a )?couple(?: of)?|"
    rf"(?:a )?few|several|half an?(?! dozen)|(?:half )?(?:a )?dozen|an?|{_TWO_WORDS}|{'|'.join(_TEENS)}|"
    rf"{'|'.join(_ONES)})"
)


def month_number(word: str) -> int:
    """Return 1 to 12 for a name or abbreviation that `MONTH` matches."""
    return _MONTHS.index(word[:3]) + 1


def weekday_number(word: str) -> int:
    """Return 0 (Monday) to 6 for a name or abbreviation that `WEEKDAY` matches."""
    return _WEEKDAYS.index(word[:3])


def number(word: str) -> float:
    """Return the number that a text matched by `NUMBER` means ("a few" is 3, "half a" is .5, "twenty-five" 25)."""
    plain = " ".join(word.replace("-", " ").split())
    if plain.endswith(" and a half"):
        return number(plain.removesuffix(" and a half")) + 0.5
    if plain[0].isdigit():
        return float(plain)
    if "couple" in plain:
        return 2.0
    return _NUMBERS.get(plain) or sum(_NUMBERS[part] for part in plain.split())
