"""Words of any script, folded; stopwords; the language guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.text import fold, guess_language, is_stopword, languages, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("José's Café", "jose's cafe"),
        ("STRASSE Straße", "strasse strasse"),
        ("\uff21\uff22\uff23\uff11", "abc1"),
        ("Ёжик в тумане, мой дом", "ежик в тумане, мой дом"),
        ("λόγος", "λογοσ"),
        ("مُحَمَّد", "محمد"),
        ("हिन्दी", "हिन्दी"),
        ("ガラス", "ガラス"),
    ],
)
def test_folding_drops_case_and_accents_but_no_letters(text: str, folded: str) -> None:
    """Ours: one spelling for what people write in several ways; Cyrillic and Devanagari letters stay whole."""
    assert fold(text) == folded


def test_english_splits_at_everything_that_is_no_letter_or_digit() -> None:
    """Ours: apostrophes split too (the pieces are stopwords), and an ordinal is its number."""
    assert words("Don't miss May 8th, 2023_ok") == ["don", "t", "miss", "may", "8", "2023", "ok"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("猫", ["猫"]),
        ("我的猫", ["我的", "的猫", "猫"]),
        ("서울에 살아요", ["서울", "울에", "살아", "아요"]),
        ("มาก", ["มา", "าก"]),
        ("Python语言", ["python", "语言", "语", "言"]),
        ("मेरा नाम", ["मेरा", "नाम"]),
    ],
)
def test_scripts_without_spaces_become_pairs_of_characters(text: str, found: list[str]) -> None:
    """Ours: bigrams for Chinese, Japanese and Korean; a Han character can be a word by itself."""
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where do I live?", "english"),
        ("Wo wohne ich seit dem Sommer?", "german"),
        ("Où est-ce que j'habite avec ma famille ?", "french"),
        ("¿Dónde vivo yo con mi familia?", "spanish"),
        ("Где я живу?", "russian"),
        ("Πού μένω εγώ;", "greek"),
        ("أين أسكن", "arabic"),
        ("Paella", ""),
        ("我住在哪里", ""),
        ("", ""),
    ],
)
def test_the_language_is_guessed_from_script_and_function_words(text: str, language: str) -> None:
    """Ours: unsure is an answer too."""
    assert guess_language(words(text)) == language


def test_stopwords_belong_to_their_language() -> None:
    """Ours: "die" is an article in German and a verb in English; month names are no stopwords."""
    assert is_stopword("die", "german")
    assert not is_stopword("die", "english")
    assert not is_stopword("may", "english")
    assert not is_stopword("the", "klingon")
    assert languages()[0] == "english"


@given(st.text())
def test_any_text_has_words_without_spaces_in_them(text: str) -> None:
    """Ours: whatever people paste, terms stay storable in a line."""
    assert all(word and not word.isspace() and " " not in word for word in words(text))
