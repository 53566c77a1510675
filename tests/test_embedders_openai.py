"""The `openai` embedder against a small server on the loopback address, and the choice among the embedders."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from memoryos_mcp.domain.errors import ConfigError, EmbedderError, EmbedderUnavailableError
from memoryos_mcp.retrieval.embedders import BundledEmbedder, MiniLMEmbedder, OpenAIEmbedder, choose

from . import tiny_minilm as tiny


@dataclass
class Endpoint:
    """An embedding endpoint: the vector of a text is (its length, 1), the order of answers is reversed."""

    url: str = ""
    status: int = 200
    answer: Any = None
    slow: Event | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)

    def reply(self, request: dict[str, Any]) -> Any:
        self.requests.append(request)
        if self.answer is not None:
            return self.answer
        rows = [{"index": i, "embedding": [len(text), 1.0]} for i, text in enumerate(request["input"])]
        return {"object": "list", "model": request["model"], "data": rows[::-1], "usage": {}}


def handler_of(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    """Return a request handler that answers as *endpoint* does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = json.dumps(endpoint.reply({**request, "key": self.headers["Authorization"]})).encode()
            if endpoint.slow is not None:
                endpoint.slow.wait(5)
                return
            self.send_response(endpoint.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Serve an embedding endpoint on the loopback address."""
    endpoint = Endpoint()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(endpoint))
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield endpoint
    server.shutdown()
    server.server_close()
    thread.join(5)


def embedder_of(endpoint: Endpoint, **options: Any) -> OpenAIEmbedder:
    """Return an embedder that asks *endpoint*."""
    return OpenAIEmbedder("nomic-embed-text:v1.5", base_url=endpoint.url, **options)


def test_rows_are_unit_vectors_in_the_order_of_the_texts(endpoint: Endpoint) -> None:
    """The protocol's: whatever order the endpoint answers in."""
    vectors = embedder_of(endpoint).embed(["a", "four"])
    np.testing.assert_allclose(vectors, [[0.5**0.5, 0.5**0.5], [4 / 17**0.5, 1 / 17**0.5]], rtol=1e-6)
    assert vectors.dtype == np.float32


def test_many_texts_are_sent_in_batches_as_plain_numbers(endpoint: Endpoint) -> None:
    """Ours: compatible servers do not know base64, and limit a request."""
    assert embedder_of(endpoint, api_key="secret").embed(["x"] * 300).shape == (300, 2)
    assert [len(request["input"]) for request in endpoint.requests] == [128, 128, 44]
    assert {request["encoding_format"] for request in endpoint.requests} == {"float"}
    assert {request["key"] for request in endpoint.requests} == {"Bearer secret"}


def test_dimensions_are_learnt_from_the_first_answer(endpoint: Endpoint) -> None:
    """Ours: no table of models; one request at most."""
    embedder = embedder_of(endpoint)
    assert endpoint.requests == []
    assert embedder.dimensions == 2
    assert embedder.dimensions == 2
    assert embedder.embed([]).shape == (0, 2)
    assert len(endpoint.requests) == 1


def test_empty_and_damaged_texts_are_sent_as_something_the_endpoint_takes(endpoint: Endpoint) -> None:
    """Ours: one empty text would fail the whole batch, a lone surrogate the request, a book the limit."""
    embedder_of(endpoint).embed(["", "  ", "\ud800", "y" * 100_000])
    assert endpoint.requests[0]["input"][:3] == ["(empty)", "(empty)", "?"]
    assert len(endpoint.requests[0]["input"][3]) == 24_000


def test_the_name_tells_models_apart(endpoint: Endpoint) -> None:
    """The protocol's: letters, digits and "-", another name for other vectors."""
    names = {OpenAIEmbedder(model).name for model in ("a/b:1", "a-b-1", "a/b:2", "ä")}
    assert len(names) == 4
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)
    assert embedder_of(endpoint).name.startswith("openai-nomic-embed-text-v1-5-")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_an_endpoint_that_does_not_serve_is_unavailable(endpoint: Endpoint, status: int) -> None:
    """The protocol's: may be tried again, documents are not affected."""
    endpoint.status, endpoint.answer = status, {"error": {"message": "no"}}
    with pytest.raises(EmbedderUnavailableError):
        embedder_of(endpoint).embed(["tea"])


def test_a_refused_text_is_another_error(endpoint: Endpoint) -> None:
    """Ours: trying again would not help."""
    endpoint.status, endpoint.answer = 400, {"error": {"message": "too long"}}
    with pytest.raises(EmbedderError, match="too long") as caught:
        embedder_of(endpoint).embed(["tea"])
    assert not isinstance(caught.value, EmbedderUnavailableError)


def test_no_endpoint_is_unavailable() -> None:
    """Ours: the local server is not running."""
    with pytest.raises(EmbedderUnavailableError, match="does not answer"):
        OpenAIEmbedder("m", base_url="http://127.0.0.1:9/v1").embed(["tea"])


def test_a_slow_endpoint_is_given_up(endpoint: Endpoint) -> None:
    """Ours: the client's own default is ten minutes."""
    endpoint.slow = Event()
    with pytest.raises(EmbedderUnavailableError):
        embedder_of(endpoint, timeout_s=0.05).embed(["tea"])
    endpoint.slow.set()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        [{"index": 0, "embedding": []}],
        [{"index": 0, "embedding": [0.0, 0.0]}],
        [{"index": 0, "embedding": [float("nan"), 1.0]}],
        [{"index": 0, "embedding": ["many", "words"]}],
        [{"index": 0, "embedding": None}],
        [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0]}],
        [{"embedding": 7}],
    ],
)
def test_an_answer_that_is_not_one_finite_vector_each_is_refused(endpoint: Endpoint, data: Any) -> None:
    """Ours: failure is never stored as a vector."""
    endpoint.answer = {"object": "list", "model": "m", "data": data}
    with pytest.raises(EmbedderError):
        embedder_of(endpoint).embed(["tea"])


def test_a_change_of_length_is_refused(endpoint: Endpoint) -> None:
    """Ours: the model behind the name was exchanged; mixing both would spoil the place."""
    embedder = embedder_of(endpoint)
    embedder.embed(["tea"])
    endpoint.answer = {"object": "list", "model": "m", "data": [{"index": 0, "embedding": [1.0, 2.0, 3.0]}]}
    with pytest.raises(EmbedderError, match="2 numbers before, now of 3"):
        embedder.embed(["tea"])


def test_auto_is_minilm_when_its_files_are_on_disk_else_bundled(tmp_path: Path) -> None:
    """The contract's: MEMORYOS_EMBEDDER=auto."""
    nothing: dict[str, Any] = {"model": "", "api_key": None, "base_url": None}
    assert isinstance(choose("auto", **nothing, minilm_folder=tmp_path), BundledEmbedder)
    tiny.write_model(tmp_path)
    assert isinstance(choose("auto", **nothing, minilm_folder=tmp_path), MiniLMEmbedder)
    assert isinstance(choose("minilm", **nothing, minilm_folder=tmp_path / "no"), MiniLMEmbedder)
    assert isinstance(choose("bundled", **nothing), BundledEmbedder)


def test_the_openai_embedder_needs_a_key_or_an_address(endpoint: Endpoint) -> None:
    """Ours: said at start-up, not at the first page."""
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        choose("openai", model="m", api_key=None, base_url=None)
    chosen = choose("openai", model="", api_key=None, base_url=endpoint.url)
    assert chosen.embed(["tea"]).shape == (1, 2)
    assert endpoint.requests[0]["model"] == "text-embedding-3-small"


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    """Ours: the error says what to do."""
    with pytest.raises(ConfigError, match="'word2vec'; choose auto, bundled, minilm or openai"):
        choose("word2vec", model="", api_key=None, base_url=None)
