"""Embeddings by a model in a folder of this machine: a sentence-transformers model, by ONNX Runtime or by itself.

The folder is as sentence-transformers keeps it: `tokenizer.json` and `model.onnx` (or `onnx/model.onnx`); how words
become one vector stands in `1_Pooling/config.json`, how many words it takes in `sentence_bert_config.json`, and what is
put before questions and documents in `config_sentence_transformers.json`. Without an ONNX file the package
`sentence-transformers` reads it.
"""

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from user_agent.knowledge.embeddings.base import EmbeddingKind
from user_agent.knowledge.embeddings.problems import NotAtWork
from user_agent.words import Words

if TYPE_CHECKING:
    from user_agent.knowledge.embeddings.base import Vectors

BATCH = 16
MOST_TOKENS = 512
THREADS = 2
"""The model has no more of the processor, so that pages are answered meanwhile."""

_NO_FOLDER = Words("没有文件夹 {path}", "there is no folder {path}")
_NO_MODEL = Words(
    "文件夹 {path} 里没有可用的模型：{detail}", "the folder {path} has no model that can be used: {detail}"
)
_NOT_INSTALLED = Words(
    "缺少 Python 包，请运行 pip install {package}", "a Python package is missing; run: pip install {package}"
)

Encode = Callable[[Sequence[str]], Any]
"""Texts as rows of numbers."""


class LocalEmbedder:
    """A model that is loaded when it is first asked, and then stays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encode: Encode | None = None
        self._prompts: dict[str, str] = {}
        self._free = asyncio.Lock()

    @property
    def name(self) -> str:
        return str(self._path)

    async def embed(self, texts: Sequence[str], kind: EmbeddingKind) -> "Vectors":
        """The vectors of texts. Raises `NotAtWork`, which says what is missing."""
        async with self._free:
            return await asyncio.to_thread(self._embed, texts, kind)

    def _embed(self, texts: Sequence[str], kind: EmbeddingKind) -> "Vectors":
        from user_agent.knowledge.embeddings.vectors import NotVectors, unit_vectors

        if self._encode is None:
            self._prompts = _prompts(self._path)
            self._encode = self._loaded()
        before = self._prompts.get(kind, "")
        # Texts of about the same length go together: shorter ones are filled up to the longest.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        rows: list[Any] = [None] * len(texts)
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            for at, row in zip(places, self._encode([before + texts[at] for at in places]), strict=True):
                rows[at] = row
        try:
            return unit_vectors(rows)
        except NotVectors as error:
            raise self._not_at_work(_NO_MODEL, detail="NaN") from error

    def _loaded(self) -> Encode:
        if not self._path.is_dir():
            raise self._not_at_work(_NO_FOLDER)
        files = [self._path / "model.onnx", self._path / "onnx" / "model.onnx"]
        found = next((file for file in files if file.is_file()), None)
        package = "onnxruntime tokenizers" if found else "sentence-transformers"
        try:
            return _by_onnx(self._path, found) if found else _by_sentence_transformers(self._path)
        except ImportError as error:
            raise self._not_at_work(_NOT_INSTALLED, package=package) from error
        except Exception as error:  # the libraries raise errors of their own, of many kinds
            raise self._not_at_work(_NO_MODEL, detail=" ".join(str(error).split())[:200]) from error

    def _not_at_work(self, words: Words, **values: str) -> NotAtWork:
        values["path"] = str(self._path)
        return NotAtWork(self._path.name, Words(words.zh.format(**values), words.en.format(**values)))


def _by_onnx(path: Path, file: Path) -> Encode:
    import numpy as np

    # Whoever has no such model has neither package, and the checker need not have them either.
    onnxruntime: Any = import_module("onnxruntime")
    tokenizers: Any = import_module("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
    longest: int = _json(path / "sentence_bert_config.json").get("max_seq_length") or MOST_TOKENS
    tokenizer.enable_truncation(min(MOST_TOKENS, longest))
    tokenizer.enable_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    wanted = {given.name for given in session.get_inputs()}
    takes_first = _json(path / "1_Pooling" / "config.json").get("pooling_mode_cls_token", False)

    def encode(texts: Sequence[str]) -> Any:
        read = tokenizer.encode_batch([*texts])
        mask = np.asarray([one.attention_mask for one in read], dtype=np.int64)
        given = {
            "input_ids": np.asarray([one.ids for one in read], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.asarray([one.type_ids for one in read], dtype=np.int64),
        }
        (states, *_) = session.run(None, {name: value for name, value in given.items() if name in wanted})
        if states.ndim == 2:
            return states
        if takes_first:
            return states[:, 0]
        counts = mask[:, :, None].astype(states.dtype)
        return (states * counts).sum(axis=1) / counts.sum(axis=1).clip(min=1)

    return encode


def _by_sentence_transformers(path: Path) -> Encode:
    package: Any = import_module("sentence_transformers")
    model = package.SentenceTransformer(str(path), device="cpu", local_files_only=True)
    return lambda texts: model.encode([*texts], prompt="", show_progress_bar=False)


def _prompts(path: Path) -> dict[str, str]:
    """What the model wants before questions and before documents."""
    prompts: dict[str, str] = _json(path / "config_sentence_transformers.json").get("prompts") or {}
    return {"query": prompts.get("query", ""), "document": prompts.get("document", prompts.get("passage", ""))}


def _json(path: Path) -> dict[str, Any]:
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
