"""
Every error memoryos_mcp raises on purpose.

* MemoryOSError
  - ConfigError                a setting is missing or wrong; fatal at start-up
  - InputError                 a caller's value is unusable; nothing was stored
    . NotFoundError            an id that names nothing of this user's
  - StoreError                 the store refused an operation
    . StoreUnavailableError    it cannot be reached or locked now; try again
    . StoreCorruptError        what is on disk is not what we wrote
    . StoreFormatError         the data folder was written by a newer version
  - EmbedderError              text could not be turned into vectors
    . EmbedderUnavailableError model files or endpoint are missing
  - ForkedError                the process was forked from one that uses a memory
  - HostFileError              a host's configuration cannot be read or changed; it was left as it is
  - AnalyzerError              an analysis could not be made or applied
    . AnalyzerUnavailableError no answer at all; the same call may be retried
    . AnalyzerFormatError      an answer we could not read; `.answer` keeps it

Misuse of our own functions raises the builtin `ValueError` or `TypeError`.
Messages name the bad value and the way out: a model or a person reads them.
"""

__all__ = [
    "AnalyzerError",
    "AnalyzerFormatError",
    "AnalyzerUnavailableError",
    "ConfigError",
    "EmbedderError",
    "EmbedderUnavailableError",
    "ForkedError",
    "HostFileError",
    "InputError",
    "MemoryOSError",
    "NotFoundError",
    "StoreCorruptError",
    "StoreError",
    "StoreFormatError",
    "StoreUnavailableError",
]


class MemoryOSError(Exception):
    """Base of the tree: one `except` for callers who only want to report."""


class ConfigError(MemoryOSError):
    """A setting is missing or wrong."""


class InputError(MemoryOSError):
    """A caller's value is unusable. Nothing was stored or changed."""


class NotFoundError(InputError):
    """An id that names nothing of this user's."""


class StoreError(MemoryOSError):
    """The store refused an operation."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached or locked now. Nothing was changed, so the call may be retried."""


class StoreCorruptError(StoreError):
    """What is on disk is not what we wrote. Never repaired silently."""


class StoreFormatError(StoreError):
    """The data folder was written by a newer version of memoryos_mcp than this one."""


class ForkedError(MemoryOSError):
    """The memory was opened by another process: a fork has the object, but not its threads nor its locks."""


class EmbedderError(MemoryOSError):
    """Text could not be turned into vectors."""


class EmbedderUnavailableError(EmbedderError):
    """The embedder's model files or endpoint are missing; documents are not affected."""


class HostFileError(MemoryOSError):
    """A host's configuration file cannot be read or changed. It was left as it is."""


class AnalyzerError(MemoryOSError):
    """An analysis could not be made or applied. The pages wait; nothing was changed."""


class AnalyzerUnavailableError(AnalyzerError):
    """No answer arrived. Nothing was changed, so the call may be retried."""


class AnalyzerFormatError(AnalyzerError):
    """
    An answer arrived that we could not read.

    Args:
        wanted: What was asked for, in words: "a JSON object with facts".
        answer: The model's text, unaltered, for whoever looks into it. Not in the message, which a status shows: the
            text may be hostile, or hold what a user said.
    """

    def __init__(self, wanted: str, answer: str) -> None:
        super().__init__(f"asked the model for {wanted}, got {len(answer):,} characters that are none")
        self.wanted = wanted
        self.answer = answer
