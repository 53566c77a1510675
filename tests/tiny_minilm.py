"""
A model small enough to check by hand, in the files and the format of MiniLM's.

A piece's hidden state is its row of a fixed table plus the mean of the rows of its text, [CLS] and [SEP] included and
padding left out: so a state depends on the context, and a wrong mask shows. The bytes of the ONNX file are written
here, field by field, because no test needs more of the format than this.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROWS = 64
WORDS = ("tea", "green", "i", "like", "dogs", "rain", "the", "in", "##s", "cat", "paris", ".", "?", "my", "hello")
CLS, SEP, UNKNOWN = 101, 102, 100
_FLOAT, _INT64 = 1, 7


def table() -> NDArray[np.float32]:
    """Return the rows of the model, (64, 384); piece number n has row n modulo 64."""
    return np.random.RandomState(7).standard_normal((ROWS, 384)).astype(np.float32)


def states(ids: list[int]) -> NDArray[np.float32]:
    """Return what the model must answer for one text's ids, without special tokens: (len(ids) + 2, 384)."""
    rows = table()[np.array([CLS, *ids, SEP]) % ROWS]
    return np.asarray(rows + rows.mean(axis=0), np.float32)


def word_id(word: str) -> int:
    """Return the id of one of `WORDS`."""
    return SEP + 1 + WORDS.index(word)


def write_model(folder: Path) -> Path:
    """Write every file of the model into *folder*, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_model())
    (folder / "tokenizer.json").write_text(_tokenizer(), "utf-8")
    for name in ("config.json", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt"):
        (folder / name).write_text("{}", "utf-8")
    return folder


def _tokenizer() -> str:
    pieces = {f"[unused{number}]": number for number in range(UNKNOWN)}
    pieces |= {"[UNK]": UNKNOWN, "[CLS]": CLS, "[SEP]": SEP} | {word: word_id(word) for word in WORDS}
    return json.dumps(
        {
            "version": "1.0",
            # As in the original: both must be switched off by whoever pads to the longest and cuts by himself.
            "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
            "padding": {
                "strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": None,
                "pad_id": 0, "pad_type_id": 0, "pad_token": "[unused0]",
            },
            "added_tokens": [],
            "normalizer": {
                "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                "strip_accents": None, "lowercase": True,
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": None,
            "decoder": None,
            "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": pieces,
            },
        }
    )  # fmt: skip


def _model() -> bytes:
    nodes = [
        _node("Mod", ["input_ids", "rows"], "place"),
        _node("Gather", ["table", "place"], "row"),
        _node("Cast", ["attention_mask"], "mask", _field(1, "to") + _field(3, _FLOAT) + _field(20, 2)),
        _node("Unsqueeze", ["mask", "last"], "wide"),
        _node("Mul", ["row", "wide"], "kept"),
        _node("ReduceSum", ["kept", "middle"], "sum"),
        _node("ReduceSum", ["wide", "middle"], "count"),
        _node("Div", ["sum", "count"], "mean"),
        _node("Add", ["row", "mean"], "last_hidden_state"),
    ]
    constants = {"rows": np.array(ROWS), "last": np.array([2]), "middle": np.array([1]), "table": table()}
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, "tiny")
    graph += b"".join(_field(5, _tensor(name, values)) for name, values in constants.items())
    graph += b"".join(_field(11, _value(name, _INT64, ["batch", "sequence"])) for name in inputs)
    graph += _field(12, _value("last_hidden_state", _FLOAT, ["batch", "sequence", "width"]))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 17))


def _node(kind: str, inputs: list[str], output: str, attribute: bytes = b"") -> bytes:
    node = b"".join(_field(1, name) for name in inputs) + _field(2, output) + _field(4, kind)
    return node + (_field(5, attribute) if attribute else b"")


def _tensor(name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    kind = _FLOAT if values.dtype == np.float32 else _INT64
    return (
        b"".join(_field(1, size) for size in values.shape)
        + _field(2, kind)
        + _field(8, name)
        + _field(9, values.tobytes())
    )


def _value(name: str, kind: int, axes: list[str]) -> bytes:
    shape = b"".join(_field(1, _field(2, axis)) for axis in axes)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def _field(number: int, value: int | str | bytes) -> bytes:
    """Return one field of a protocol-buffers message: a varint, or bytes led by their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
