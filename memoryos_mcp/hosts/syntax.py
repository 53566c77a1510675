"""
Where things stand in a text of JSON with comments and trailing commas: objects, arrays and values with their spans.

Nothing is decoded or judged here: values are read by the JSON parser of the standard library. This finds the spot
where a member is put in or taken out, so that everything around it stays as it was written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Node", "Token", "parse", "without_comments"]

_TOKEN = re.compile(
    r"""(?P<blank>[\s\ufeff]+)
    |(?P<comment>//[^\r\n]*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\\r\n]|\\.)*")
    |(?P<mark>[{}\[\]:,])
    |(?P<word>(?:[^\s{}\[\]:,"/]|/(?![/*]))+)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text that is neither blank nor comment; `noted` when a comment to a line's end is before it."""

    kind: str
    text: str
    start: int
    end: int
    noted: bool = False


@dataclass(slots=True)
class Node:
    """
    A value and its span. For an object or array: its members in order; `key` is a member's key as written.

    `first` is where the member begins (its key, or the value itself), `comma` where the comma after it stands, and
    `noted` is set when a comment to a line's end is what comes before it.
    """

    kind: str
    start: int
    end: int = 0
    key: str | None = None
    first: int = 0
    comma: int | None = None
    noted: bool = False
    members: list["Node"] = field(default_factory=list)


def parse(text: str) -> Node:
    """
    Return the root of *text*.

    Raises:
        ValueError: It is not one value of JSON with comments, said with the line.
    """
    tokens = list(_tokens(text))
    if not tokens:
        raise ValueError("there is nothing in it")
    root, after = _value(text, tokens, 0)
    if after < len(tokens):
        raise _unexpected_token(text, tokens[after])
    return root


def without_comments(text: str) -> str:
    """Return *text* as strict JSON: no comments, no comma before a closing bracket; ValueError for what is no token."""
    tokens = list(_tokens(text))
    after = [*(token.text for token in tokens[1:]), ""]
    return " ".join(
        token.text for token, next_ in zip(tokens, after, strict=True) if token.text != "," or next_ not in ("}", "]")
    )


def _tokens(text: str) -> Iterator[Token]:
    position, noted = 0, False
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"line {_line(text, position)}: {text[position : position + 20]!r} is no JSON")
        position = found.end()
        if found.lastgroup == "comment":
            noted = found.group().startswith("//")
        elif found.lastgroup != "blank":
            yield Token(str(found.lastgroup), found.group(), found.start(), found.end(), noted)
            noted = False


def _value(text: str, tokens: list[Token], position: int) -> tuple[Node, int]:
    """Return the value at *position* and the position after it; nested ones are kept on a stack of our own."""
    token = _at(text, tokens, position)
    root = _open_node(text, token)
    if root.kind == "value":
        return root, position + 1
    stack, position = [root], position + 1
    while stack:
        parent = stack[-1]
        token = _at(text, tokens, position)
        if token.text == _CLOSING[parent.kind]:
            parent.end = token.end
            stack.pop()
            position = _comma(stack, tokens, position + 1)
            continue
        if parent.members and parent.members[-1].comma is None:
            raise _unexpected_token(text, token)
        key = None
        if parent.kind == "{":
            key, position = _key(text, tokens, position)
        node = _open_node(text, _at(text, tokens, position))
        node.key, node.first, node.noted = key, token.start, token.noted
        parent.members.append(node)
        position += 1
        if node.kind == "value":
            position = _comma(stack, tokens, position)
        else:
            stack.append(node)
    return root, position


def _comma(stack: list[Node], tokens: list[Token], position: int) -> int:
    """Give the member that has just ended the comma after it, if one stands there."""
    if stack and position < len(tokens) and tokens[position].text == ",":
        stack[-1].members[-1].comma = tokens[position].start
        return position + 1
    return position


def _key(text: str, tokens: list[Token], position: int) -> tuple[str, int]:
    key, colon = _at(text, tokens, position), _at(text, tokens, position + 1)
    if key.kind != "text":
        raise _unexpected_token(text, key)
    if colon.text != ":":
        raise _unexpected_token(text, colon)
    return key.text, position + 2


def _open_node(text: str, token: Token) -> Node:
    if token.kind != "mark":
        return Node("value", token.start, token.end, first=token.start)
    if token.text not in _CLOSING:
        raise _unexpected_token(text, token)
    return Node(token.text, token.start, first=token.start)


def _at(text: str, tokens: list[Token], position: int) -> Token:
    if position >= len(tokens):
        raise ValueError(f"line {_line(text, len(text))}: it ends too early")
    return tokens[position]


def _unexpected_token(text: str, token: Token) -> ValueError:
    return ValueError(f"line {_line(text, token.start)}: {token.text[:20]!r} was not expected here")


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
