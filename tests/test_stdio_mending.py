"""Lines that the SDK's reader cannot read are mended or answered, never dropped."""

import pytest
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCNotification, JSONRPCRequest, jsonrpc_message_adapter
from pydantic import ValidationError

from memoryos_mcp.server.mending import mend


def error_of(line: str) -> Exception:
    """Return what the SDK's reader raises for *line*."""
    with pytest.raises(ValidationError) as caught:
        jsonrpc_message_adapter.validate_json(line, by_name=False)
    return caught.value


def errors_of(line: str) -> list[tuple[int, object]]:
    """Return code and id of the errors that *line* is answered with."""
    messages, errors = mend(error_of(line))
    assert messages == []
    return [(error.error.code, error.id) for error in errors]


def test_a_lone_surrogate_is_replaced_and_the_request_served() -> None:
    r"""Regression: JSON allows "\ud800" alone, the SDK's parser does not, and the client waited for ever."""
    line = r'{"jsonrpc":"2.0","id":3,"method":"x","params":{"a":["\ud800!","\ud83d\ude00"],"\udc00k":{"b":1.5}}}'
    (message,), errors = mend(error_of(line))

    assert errors == []
    assert isinstance(message.message, JSONRPCRequest)
    assert message.message.id == 3
    assert message.message.params == {"a": ["\ufffd!", "\U0001f600"], "\ufffdk": {"b": 1.5}}


def test_a_notification_is_mended_too() -> None:
    """Ours: it has no id, and is no request."""
    (message,), errors = mend(error_of(r'{"jsonrpc":"2.0","method":"notifications/x","params":{"a":"\ud800"}}'))

    assert errors == []
    assert isinstance(message.message, JSONRPCNotification)


@pytest.mark.parametrize("line", ["", "   ", "\t"])
def test_an_empty_line_is_nothing(line: str) -> None:
    """Ours: some clients end a message with an empty line."""
    assert mend(error_of(line)) == ([], [])


@pytest.mark.parametrize(
    ("line", "id_"),
    [
        ("not json", None),
        ('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name"', 7),
        ('{"jsonrpc":"2.0","id":"a\\"b","method":', 'a"b'),
        ('{"method":"x","params":{"id":9,},"jsonrpc":"2.0","id":8}', 8),
        ('{"method":"x","params":{"id":9', None),
        ('{"jsonrpc":"2.0","id":5,"method":"x","params":{"a":' + "[" * 100_000, 5),
    ],
)
def test_a_broken_line_is_answered_with_the_id_it_shows(line: str, id_: object) -> None:
    """JSON-RPC 2.0's: -32700 with the id, or null where it cannot be told; an id of the arguments is not the line's."""
    assert errors_of(line) == [(-32700, id_)]


@pytest.mark.parametrize(
    ("line", "id_"),
    [
        ('{"jsonrpc":"2.0","id":7,"method":5}', 7),
        ('{"jsonrpc":"1.0","id":"x","method":"ping"}', "x"),
        ('{"id":4}', 4),
        ("{}", None),
        ("5", None),
        ('{"jsonrpc":"2.0","id":true,"method":5}', None),
        ('{"jsonrpc":"2.0","id":6,"method":"x","params":[1]}', 6),
    ],
)
def test_json_that_is_no_request_is_answered(line: str, id_: object) -> None:
    """JSON-RPC 2.0's: -32600."""
    messages, errors = mend(error_of(line))
    answered = [(error.error.code, error.id) for error in errors]

    assert messages == []
    assert answered == [(-32600, id_)]


@pytest.mark.parametrize("id_", ["null", "1.5", "true", "{}", "[]"])
@pytest.mark.parametrize("text", ["tea", r"half an emoji \ud83d"])
def test_a_request_under_an_id_that_is_none_is_answered(id_: str, text: str) -> None:
    """Field report: the reader drops such an id and took the request for a notification, which nobody answers."""
    line = f'{{"jsonrpc":"2.0","id":{id_},"method":"tools/call","params":{{"name":"{text}"}}}}'
    try:
        read: SessionMessage | Exception = SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValidationError as exc:
        read = exc
    messages, errors = mend(read)

    assert messages == []
    assert [(error.error.code, error.id) for error in errors] == [(-32600, None)]


@pytest.mark.parametrize(
    "line",
    [
        '{"jsonrpc":"2.0","method":"notifications/initialized"}',
        '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}',
        '{"jsonrpc":"2.0","id":0,"method":"ping"}',
        '{"jsonrpc":"2.0","id":"","method":"ping"}',
        '{"jsonrpc":"2.0","id":-7,"result":{}}',
    ],
)
def test_what_has_an_id_or_needs_none_is_handed_on(line: str) -> None:
    """Ours: the other side of the test above."""
    message = SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))

    assert mend(message) == ([message], [])


def test_each_request_of_a_batch_is_answered() -> None:
    """The protocol's: batches came and went in 2025; a client that sends one hears so for each request in it."""
    assert errors_of('[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"n"},{"id":2}]') == [
        (-32600, 1),
        (-32600, 2),
    ]
    assert errors_of("[]") == [(-32600, None)]


def test_deep_json_that_only_the_sdk_refuses_is_served() -> None:
    """Ours: its parser stops at 200 levels; the tool then judges the value."""
    line = '{"jsonrpc":"2.0","id":5,"method":"x","params":{"a":' + "[" * 300 + "]" * 300 + "}}"
    (message,), errors = mend(error_of(line))

    assert errors == []
    assert isinstance(message.message, JSONRPCRequest)


def test_an_error_of_the_transport_itself_is_no_line() -> None:
    """Ours: nothing was asked, so nothing is answered."""
    assert mend(OSError("gone")) == ([], [])
