"""Embeddings by a model in a folder: read by ONNX Runtime, and what is said where that cannot be."""

import json
import struct
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from tests.knowledge import passages
from user_agent.knowledge.embeddings.local import LocalEmbedder
from user_agent.knowledge.embeddings.opening import open_embedder
from user_agent.knowledge.embeddings.problems import NotAtWork
from user_agent.knowledge.finding.sqlite import SqliteIndex
from user_agent.models.entry import ModelEntry
from user_agent.runtime import ModelClients

VOCABULARY = {"[UNK]": 0, "car": 1, "automobile": 2, "dog": 3, "hound": 4, "query:": 5}
LENGTH = 64
AXES = [[float(at == axis) for at in range(LENGTH)] for axis in range(4)]
# Words of one meaning have one direction; so have all that nobody knows, and the prompt.
STATES = [AXES[2], AXES[0], AXES[0], AXES[1], AXES[1], AXES[3]]


def field(number: int, value: bytes | str | int) -> bytes:
    """A field of a protocol buffer."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    data = value.encode() if isinstance(value, str) else value
    assert len(data) < 128 * 128
    length = bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])
    return bytes([number << 3 | 2]) + length + data


def tensor(name: str, kind: int, *sizes: str) -> bytes:
    shape = b"".join(field(1, field(2, size)) for size in sizes)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def onnx() -> bytes:
    """A model that looks each token up: onnx.proto's ModelProto with one Gather."""
    numbers = b"".join(struct.pack("<f", number) for row in STATES for number in row)
    table = field(1, len(STATES)) + field(1, LENGTH) + field(2, 1) + field(8, "table") + field(9, numbers)
    node = field(1, "table") + field(1, "input_ids") + field(2, "states") + field(4, "Gather")
    graph = field(1, node) + field(2, "graph") + field(5, table)
    graph += field(11, tensor("input_ids", 7, "b", "t")) + field(11, tensor("attention_mask", 7, "b", "t"))
    graph += field(12, tensor("states", 1, "b", "t", "d"))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.mkdir()
    (path / "model.onnx").write_bytes(onnx())
    tokenizer = Tokenizer(WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(path / "tokenizer.json"))
    return path


async def test_a_model_in_a_folder_finds_by_meaning(folder: Path, tmp_path: Path) -> None:
    entry = ModelEntry.model_validate({"kind": "embedding", "type": "folder", "model": str(folder)})
    assert entry.is_ready({})
    async with ModelClients() as clients:
        index = SqliteIndex(tmp_path / "index", embedders=[open_embedder(clients, entry)])
        await index.put("garage", passages("automobile"))
        await index.put("kennel", passages("hound"))
        for number in range(8):
            await index.put(f"other {number}", passages(f"something {number}"))
        found = await index.search("car", 1)
        await index.close()
    assert (found.engine, found.problem, found.hits[0].file) == ("hybrid", None, "garage")


async def test_vectors_are_those_of_the_words_whatever_they_are_filled_up_to(folder: Path) -> None:
    vectors = await LocalEmbedder(folder).embed(["car", "car dog dog dog", "dog"], "document")
    alone = await LocalEmbedder(folder).embed(["car"], "document")
    assert vectors[0].tolist() == pytest.approx(alone[0].tolist())
    assert float(vectors[1] @ vectors[2]) > float(vectors[1] @ vectors[0])


async def test_prompts_pooling_and_length_are_as_the_folder_says(folder: Path) -> None:
    prompts = {"prompts": {"query": "query: ", "passage": ""}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("query: car").ids[-1] == VOCABULARY["car"]
    asked, written = [(await LocalEmbedder(folder).embed(["car dog"], kind))[0] for kind in ("query", "document")]
    assert asked.tolist() != pytest.approx(written.tolist())
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    [first] = await LocalEmbedder(folder).embed(["car dog"], "document")
    assert first.tolist() == pytest.approx(AXES[0])
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": false}')
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 2}')
    [cut, whole] = await LocalEmbedder(folder).embed(["car dog something else", "car dog"], "document")
    assert cut.tolist() == pytest.approx(whole.tolist())


@pytest.mark.parametrize(
    ("what", "zh", "en"),
    [
        ("no folder", "没有文件夹", "there is no folder"),
        ("no model", "没有可用的模型", "no model that can be used"),
        ("no package", "pip install onnxruntime tokenizers", "pip install onnxruntime tokenizers"),
        ("no other package", "pip install sentence-transformers", "pip install sentence-transformers"),
    ],
)
async def test_what_is_missing_is_said_and_words_still_find(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, zh: str, en: str
) -> None:
    if what == "no model":
        (folder / "model.onnx").write_bytes(b"something else")
    if what == "no package":
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
    if what == "no other package":
        (folder / "model.onnx").unlink()
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    embedder = LocalEmbedder(tmp_path / "nowhere" if what == "no folder" else folder)
    with pytest.raises(NotAtWork):
        await embedder.embed(["car"], "query")
    index = SqliteIndex(tmp_path / "index", embedders=[embedder])
    await index.put("garage", passages("automobile"))
    found = await index.search("automobile", 1)
    await index.close()
    assert (found.engine, [hit.file for hit in found.hits]) == ("lexical", ["garage"])
    assert found.problem is not None
    assert zh in found.problem.zh
    assert en in found.problem.en


def test_a_folder_is_no_model_that_answers() -> None:
    with pytest.raises(ValueError, match="folder"):
        ModelEntry.model_validate({"type": "folder", "model": "/models/x"})
    with pytest.raises(ValueError, match="folder"):
        ModelEntry.of_user({"kind": "embedding", "type": "folder", "model": "/etc"})
