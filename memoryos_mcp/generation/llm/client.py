"""
`ChatModel`: a question and the shape of its answer in, a checked answer out.

Servers differ in what they offer for structured answers, so a ladder is climbed down: json_schema, json_object, plain
text. The rung that worked is remembered, and one that a server accepts but does not heed is left after a few answers.
An answer that cannot be used is sent back once with the reason. Nothing here knows what is asked.
"""

import functools
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ...domain.errors import AnalyzerFormatError, AnalyzerUnavailableError
from .bridge import Bridge
from .endpoint import Endpoint
from .reading import UnusableAnswerError, plain_text, read_object
from .schemas import Json, outline, schema_of
from .transport import RefusedRequestError, Reply, Transport
from .usage import Meter, Usage

__all__ = ["ChatModel"]

T = TypeVar("T")

RUNGS = ("json_schema", "json_object", "text")
_UNHEEDED = 2
_KEPT_CHARS = 2_000
_SENT_BACK_CHARS = 4_000
_ONLY_JSON = "\n\nAnswer with one JSON object of this shape and nothing else:\n{shape}"
_AGAIN = "This cannot be used: {problem}. Answer again, with one JSON object of this shape and nothing else:\n{shape}"


class ChatModel:
    """
    A model behind an OpenAI-compatible endpoint. Thread-safe; every method may be called from any thread.

    Args:
        endpoint: Where it is and how it is asked.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._meter = Meter()
        self._transport = Transport(endpoint, self._meter)
        self._bridge = Bridge(self._transport.close)
        self._rung = 0
        self._unheeded = 0
        self._limit = "max_tokens"
        self._with_temperature = endpoint.temperature is not None

    @property
    def usage(self) -> Usage:
        """What was asked since this object was made."""
        return self._meter.total()

    def ask(
        self,
        system: str,
        user: str,
        schema: type[BaseModel] | Json,
        *,
        check: Callable[[dict[str, Any]], T] | None = None,
        name: str = "answer",
    ) -> Any:
        """
        Return the model's answer to a question, in the shape of *schema*.

        Args:
            system: Who the model is and what it is to do.
            user: The question with its material.
            schema: A pydantic model (the answer is one) or a JSON schema (the answer is what *check* returns).
            check: Reads the answer's object; a `ValueError` of it says what is wrong with the answer.
            name: The schema's name for the server.

        Raises:
            AnalyzerUnavailableError: No answer: unreachable, slow, busy or refusing, after the retries.
            AnalyzerFormatError: An answer that cannot be used, nor can the one after sending it back.
        """
        return self._wait(functools.partial(self._answer_to, system, user, schema, check, name))

    def say(self, messages: list[dict[str, str]], *, temperature: float | None = None) -> str:
        """
        Return the model's next words after *messages*, at least one character, without its thoughts.

        Args:
            messages: `role` and `content` of each.
            temperature: Instead of the endpoint's.

        Raises:
            AnalyzerUnavailableError, AnalyzerFormatError: As `ask`; there is no sending back.
        """
        return self._wait(functools.partial(self._words_after, messages, temperature))

    def close(self) -> None:
        """Break off what is under way and release the connections, within 2 s; later questions are refused."""
        self._bridge.close()

    def _wait(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            return self._bridge.submit(self._count_failures(work)).result()
        except (CancelledError, RuntimeError) as exc:
            raise self._closing_error(exc) from None

    def _closing_error(self, exc: BaseException) -> BaseException:
        """Return what to raise for a question that `close` broke off; a defect stays what it is."""
        return AnalyzerUnavailableError("the memory is closing") if self._bridge.closed else exc

    async def _count_failures(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            return await work()
        except (AnalyzerUnavailableError, AnalyzerFormatError):
            self._meter.add(Usage(failures=1))
            raise

    async def _words_after(self, messages: list[dict[str, str]], temperature: float | None) -> str:
        reply = await self._send_adapted(messages, {}, temperature)
        try:
            return plain_text(reply)
        except UnusableAnswerError as exc:
            raise AnalyzerFormatError(f"an answer ({exc})", reply.text[:_KEPT_CHARS]) from None

    async def _answer_to(
        self,
        system: str,
        user: str,
        wanted: type[BaseModel] | Json,
        check: Callable[[dict[str, Any]], T] | None,
        name: str,
    ) -> Any:
        schema = schema_of(wanted)
        read = check or functools.partial(_validate, wanted)
        rung, refused = self._rung, None
        while rung < len(RUNGS):
            messages = _messages(system, user, schema, with_shape=rung > 0)
            try:
                reply = await self._send_adapted(messages, _format(rung, schema, name))
            except RefusedRequestError as exc:
                if exc.code == "context_length_exceeded":
                    raise
                rung, refused = rung + 1, exc
                continue
            self._rung = max(rung, self._rung)
            return await self._read_or_ask_again(reply, messages, schema, name, rung, read)
        raise refused or AssertionError("a ladder has a rung")

    async def _read_or_ask_again(
        self,
        reply: Reply,
        messages: list[dict[str, str]],
        schema: Json,
        name: str,
        rung: int,
        read: Callable[[dict[str, Any]], T],
    ) -> T:
        """Return what *read* makes of the reply, or of a second one that the model is asked for once."""
        try:
            answer = read(read_object(reply))
        except ValueError as exc:
            problem = exc
        else:
            self._unheeded = 0
            return answer
        self._leave_unheeded(rung)
        if not getattr(problem, "final", False):
            said = {"role": "assistant", "content": reply.text[:_SENT_BACK_CHARS] or "(nothing)"}
            back = {"role": "user", "content": _AGAIN.format(problem=problem, shape=outline(schema))}
            reply = await self._send_adapted([*messages, said, back], _format(rung, schema, name))
            try:
                return read(read_object(reply))
            except ValueError as exc:
                problem = exc
        raise AnalyzerFormatError(f"{name}: a JSON object ({problem})", reply.text[:_KEPT_CHARS]) from None

    def _leave_unheeded(self, rung: int) -> None:
        """Take the next rung from now on, when this one was accepted but its answers could not be read repeatedly."""
        self._unheeded += 1
        if self._unheeded >= _UNHEEDED and rung + 1 < len(RUNGS):
            self._rung, self._unheeded = max(rung + 1, self._rung), 0

    async def _send_adapted(
        self, messages: list[dict[str, str]], form: Mapping[str, Any], temperature: float | None = None
    ) -> Reply:
        """Send a request without what this model was found not to take: reasoning models know no temperature."""
        while True:
            options = dict(form)
            options[self._limit] = self.endpoint.answer_tokens
            if self._with_temperature:
                options["temperature"] = self.endpoint.temperature if temperature is None else temperature
            try:
                return await self._transport.send(messages, options)
            except RefusedRequestError as exc:
                if exc.parameter == "temperature" and self._with_temperature:
                    self._with_temperature = False
                elif exc.parameter == "max_tokens" and self._limit == "max_tokens":
                    self._limit = "max_completion_tokens"
                else:
                    raise


def _validate(wanted: type[BaseModel] | Json, answer: dict[str, Any]) -> Any:
    if not isinstance(wanted, type):
        return answer
    try:
        return wanted.model_validate(answer)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        raise UnusableAnswerError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _messages(system: str, user: str, schema: Json, *, with_shape: bool) -> list[dict[str, str]]:
    shape = _ONLY_JSON.format(shape=outline(schema)) if with_shape else ""
    return [{"role": "system", "content": system + shape}, {"role": "user", "content": user}]


def _format(rung: int, schema: Json, name: str) -> Mapping[str, Any]:
    if RUNGS[rung] == "json_schema":
        return {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": name, "strict": True, "schema": schema},
            }
        }
    return {"response_format": {"type": "json_object"}} if RUNGS[rung] == "json_object" else {}
