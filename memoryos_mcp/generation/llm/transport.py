"""
One request to a chat completion endpoint: sent through the `openai` package, repeated while that makes sense.

What comes back is read from the raw body, because compatible servers send all kinds of bodies and the SDK does not
check them. Every exception of the SDK becomes one of ours here, `from None`: its text may repeat the key or what was
asked, and a traceback in a log would show it.
"""

import asyncio
import email.utils
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...domain.errors import AnalyzerFormatError, AnalyzerUnavailableError
from .endpoint import Endpoint
from .usage import Meter, Usage, estimated_tokens

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from tenacity import RetryCallState

__all__ = ["RefusedRequestError", "Reply", "Transport"]

MAX_BODY_BYTES = 2_000_000
_LONGEST_PAUSE_S = 3_600.0
_LONGEST_BACKOFF_S = 8.0
_PASSING = frozenset({408, 409, 429})
_CODE = re.compile(r"[\w.-]{1,40}")
_HINTS = {
    401: "the key was refused: check OPENAI_API_KEY",
    403: "the key may not use this: check OPENAI_API_KEY and the model",
    404: "no such model or address: check MEMORYOS_LLM_MODEL and OPENAI_BASE_URL",
    413: "the prompt is too long for it",
    429: "it is busy or the quota is used up",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said: its text, why it ended ("stop", "length", "content_filter" ...), its refusal if any."""

    text: str
    finish: str
    refusal: str


class RefusedRequestError(AnalyzerUnavailableError):
    """
    The server understood and refused the request (400 or 422): another form of it may pass.

    `parameter` names what it did not like, when it says so; `code` is its error code, or "".
    """

    def __init__(self, message: str, parameter: str, code: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.code = code


class Transport:
    """
    Sends requests to one endpoint. Used from one event loop only.

    Args:
        endpoint: Where and how.
        meter: Counts what was sent and received.
    """

    def __init__(self, endpoint: Endpoint, meter: Meter) -> None:
        self._endpoint = endpoint
        self._meter = meter
        self._client: AsyncOpenAI | None = None
        self._not_before = 0.0

    async def send(self, messages: list[dict[str, str]], options: Mapping[str, Any]) -> Reply:
        """
        Return the reply to *messages*.

        Raises:
            RefusedRequestError: The form of the request was refused.
            AnalyzerUnavailableError: No answer, after the retries.
            AnalyzerFormatError: The body is no chat completion.
        """
        self._keep_pause()
        body = await self._send_with_retries(messages, options)
        reply, usage = _read(body, messages)
        self._meter.add(usage)
        return reply

    async def close(self) -> None:
        """Release the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _send_with_retries(self, messages: list[dict[str, str]], options: Mapping[str, Any]) -> bytes:
        import openai
        import tenacity

        retrying = tenacity.AsyncRetrying(
            stop=self._enough,
            wait=self._pause,
            retry=tenacity.retry_if_exception(_may_pass),
            reraise=True,
        )
        try:
            return await retrying(self._once, messages, options)
        except openai.APIStatusError as exc:
            raise self._refusal(exc) from None
        except (asyncio.TimeoutError, openai.APITimeoutError):
            raise AnalyzerUnavailableError(
                f"{self._who} gave no answer within {self._endpoint.timeout_s:g} s"
            ) from None
        except openai.OpenAIError as exc:
            cause = type(exc.__cause__ or exc).__name__
            raise AnalyzerUnavailableError(
                f"{self._who} cannot be reached ({cause}): check OPENAI_BASE_URL and that it runs"
            ) from None

    async def _once(self, messages: list[dict[str, str]], options: Mapping[str, Any]) -> bytes:
        """Send one request; the wait is bounded as a whole, since a timeout of the SDK is per piece of the body."""
        self._meter.add(Usage(calls=1))
        create = self._open_client().chat.completions.with_raw_response.create
        sent = create(model=self._endpoint.model, messages=messages, **options)  # type: ignore[arg-type]
        response = await asyncio.wait_for(sent, self._endpoint.timeout_s)
        content: bytes = response.content
        return content

    def _open_client(self) -> "AsyncOpenAI":
        if self._client is None:
            import openai

            endpoint = self._endpoint
            self._client = openai.AsyncOpenAI(
                api_key=endpoint.key,
                base_url=endpoint.address,
                default_query=dict(endpoint.query),
                default_headers=dict(endpoint.headers),
                timeout=openai.Timeout(endpoint.timeout_s, connect=endpoint.connect_timeout_s),
                max_retries=0,  # tenacity repeats: it can be told when a pause is longer than our patience
            )
        return self._client

    def _enough(self, state: "RetryCallState") -> bool:
        """Whether to give up: the attempts are used up, or the next pause is longer than our patience."""
        impatient = state.idle_for + state.upcoming_sleep > self._endpoint.patience_s
        return impatient or state.attempt_number > self._endpoint.retries

    def _pause(self, state: "RetryCallState") -> float:
        """Return the seconds before the next attempt: what the server asks for, else longer each time, by chance."""
        import tenacity

        exc = state.outcome.exception() if state.outcome else None
        asked = _retry_after(getattr(getattr(exc, "response", None), "headers", {}))
        backoff = tenacity.wait_random_exponential(multiplier=self._endpoint.pause_s, max=_LONGEST_BACKOFF_S)
        return backoff(state) if asked is None else asked

    def _keep_pause(self) -> None:
        left = self._not_before - time.monotonic()
        if left > 0:
            raise AnalyzerUnavailableError(f"{self._who} asked for a pause; {left:.0f} s of it are left")

    def _refusal(self, exc: Any) -> AnalyzerUnavailableError:
        """Return our error for a status of 400 and more; the server's text stays out of it."""
        status, code = int(exc.status_code), _word(exc.code)
        self._not_before = time.monotonic() + (_retry_after(exc.response.headers) or 0.0)
        said = f"HTTP {status}" + (f", {code}" if code else "")
        hint = _HINTS.get(status, "it is out of order" if status >= 500 else "it refused the request")
        message = f"{self._who} answered {said}: {hint}"
        if status in (400, 422):
            return RefusedRequestError(message, _word(exc.param), code)
        return AnalyzerUnavailableError(message)

    @property
    def _who(self) -> str:
        return f"model {self._endpoint.model!r} at {self._endpoint.shown}"


def _may_pass(exc: BaseException) -> bool:
    """Whether the same request may succeed a moment later. A slow server is not asked again at once."""
    import openai

    if isinstance(exc, openai.APIStatusError):
        busy = exc.status_code in _PASSING or exc.status_code >= 500
        return busy and exc.code != "insufficient_quota"
    return isinstance(exc, openai.APIConnectionError) and not isinstance(exc, openai.APITimeoutError)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for (a number, or a date), None when it is missing or unreadable."""
    value = headers.get("retry-after", "")
    try:
        return max(0.0, min(float(value), _LONGEST_PAUSE_S))
    except ValueError:
        pass
    date = email.utils.parsedate_tz(value)
    return None if date is None else max(0.0, min(email.utils.mktime_tz(date) - time.time(), _LONGEST_PAUSE_S))


def _read(body: bytes, messages: list[dict[str, str]]) -> tuple[Reply, Usage]:
    """Return the reply in *body* and what it cost."""
    if len(body) > MAX_BODY_BYTES:
        raise AnalyzerFormatError(f"a reply of at most {MAX_BODY_BYTES:,} bytes", _text(body[:200]))
    try:
        answer = json.loads(body)
        choice = answer["choices"][0]
        message = choice["message"]
        text = _text_of(message.get("content"))
        reply = Reply(text, str(choice.get("finish_reason") or ""), str(message.get("refusal") or ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise AnalyzerFormatError("a chat completion", _text(body[:2_000])) from None
    return reply, _usage(answer.get("usage"), messages, text)


def _text_of(content: Any) -> str:
    """Return a message's text; some servers send it in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _usage(counted: Any, messages: list[dict[str, str]], text: str) -> Usage:
    found = Usage.from_dict(counted) if isinstance(counted, dict) else Usage()
    asked = sum(estimated_tokens(message["content"]) for message in messages)
    return Usage(
        prompt_tokens=found.prompt_tokens or asked,
        completion_tokens=found.completion_tokens or estimated_tokens(text),
    )


def _word(value: Any) -> str:
    """Return a server's code or parameter name when it is one word, else ""."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
