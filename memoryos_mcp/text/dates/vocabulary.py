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
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "a couple of": 2, "a couple": 2, "couple of": 2, "a few": 3, "few": 3, "several": 4, "half a": 0.5,
}  # fmt: skip

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
WEEKDAY_SHORT = r"(?:mon|tues?|wed|thu(?:rs)?|fri|sat)\b"
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
YEAR = r"(?:19|20)\d\d"
UNIT = r"(?:day|week|weekend|month|year|decade)"
HOLIDAY = (
    r"(?:christmas(?: eve| day)?|boxing day|halloween|valentine['\u2019]s day|"
    r"new year['\u2019]?s?(?: eve| day)?|thanksgiving|"
    r"independence day|easter)"
)
PART = r"(?:(?:early |late )?(?:morning|afternoon|evening|night))"
NUMBER = (
    r"(?:\d{1,3}|(?:a )?couple(?: of)?|(?:a )?few|several|half a|an?|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|fifteen|twenty|thirty|forty|fifty)"
)


def month_number(word: str) -> int:
    """Return 1 to 12 for a name or abbreviation that `MONTH` matches."""
    return _MONTHS.index(word[:3]) + 1


def weekday_number(word: str) -> int:
    """Return 0 (Monday) to 6 for a name or abbreviation that `WEEKDAY` matches."""
    return _WEEKDAYS.index(word[:3])


def number(word: str) -> float:
    """Return the number that a text matched by `NUMBER` means ("a few" is 3, "half a" is .5)."""
    plain = " ".join(word.split())
    return float(plain) if plain.isdigit() else _NUMBERS.get(plain, 2.0 if "couple" in plain else 3.0)
