"""Words that tell an interest: which of the interest dimensions a text speaks of."""

import re

__all__ = ["INTERESTS", "interest_words", "interests"]

_INTERESTS: dict[str, str] = {
    "science": r"science|physics|chemistry|biology|astronomy|mathematics|maths?",
    "psychology": r"psychology|counsel\w+|mental health|therapy",
    "cinema": r"movies?|films?|cinema|sci-fi movies|documentar\w+",
    "gaming": r"gam(?:ing|er|es?)|video games?|board games?|chess|playstation|xbox|nintendo|dungeons",
    "parenting": r"parenting|raising (?:kids|children)",
    "anime": r"anime|manga",
    "sports": r"sports?|football|soccer|basketball|tennis|baseball|volleyball|hockey|rugby|cricket|golf|badminton|"
    r"taekwondo|karate|judo|boxing|kickboxing|martial arts|swim\w*|ski\w*|surf\w*|athletics|marathon|race",
    "law": r"law|legal",
    "pets": r"dogs?|cats?|pupp\w+|kittens?|pets?|horses?|animals?|parrots?|hamsters?",
    "travel": r"travel\w*|trips?|backpack\w*|road trips?|sightseeing",
    "health": r"health\w*|meditat\w+|nutrition|wellness|self-care",
    "stories": r"stor(?:y|ies)|fiction|fantasy novels?|storytelling",
    "cars": r"cars?|motorcycles?|motorbikes?|formula 1|auto\w*",
    "gourmet_food": r"cook\w*|bak(?:e|ing)|cuisine|food|wine|restaurants?|recipes?|gourmet|sushi|pasta|coffee|tea",
    "education": r"teach\w*|education|tutor\w*",
    "current_events": r"politics|news|current events",
    "home_decor": r"home decor\w*|interior design|decorat\w+|furniture|diy",
    "finance": r"finance|invest\w*|stocks?|crypto\w*",
    "digital_technology": r"programming|coding|computers?|technology|gadgets?|python|linux|robot\w*|ai|"
    r"machine learning|software",
    "humor": r"comed(?:y|ies)|stand-up|humou?r|jokes?",
    "music": r"music|piano|guitar|violin|sing\w*|drums?|concerts?|jazz|clarinet|cello|flute|band|rock music|songs?",
    "reading": r"read\w*|books?|novels?|literature",
    "painting": r"paint\w*|drawing|sketch\w*|watercolou?rs?",
    "dance": r"danc\w+|ballet|salsa|hip-hop",
    "crafts": r"pottery|knit\w*|sew\w*|crochet\w*|craft\w*|woodwork\w*|quilt\w*|ceramics|origami",
    "photography": r"photograph\w*",
    "culture": r"museums?|culture|history|heritage",
    "fitness": r"fitness|gym|yoga|pilates|running|jogging|workouts?|crossfit|weightlifting|exercise|exercising|run",
    "art": r"art|arts|artworks?|galler\w+|sculpt\w+|creating art",
    "celebrities": r"celebrit\w+",
    "outdoors": r"hik\w+|outdoors?|nature|climb\w*|fishing|gardening|birdwatching|kayak\w*|mountains?|beach|cycling|"
    r"biking|forests?",
    "camping": r"camp\w*",
    "fashion": r"fashion|clothes|clothing|shoes",
}
INTERESTS = {name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for name, pattern in _INTERESTS.items()}


def interests(text: str) -> list[str]:
    """Return the interest dimensions that a line speaks of."""
    return [name for name, pattern in INTERESTS.items() if pattern.search(text)]


def interest_words(text: str) -> list[tuple[str, str]]:
    """Return (dimension, word) for every word of *text* that names an interest."""
    return [(name, match[0].lower()) for name, pattern in INTERESTS.items() for match in pattern.finditer(text)]
