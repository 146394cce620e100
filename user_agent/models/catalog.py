"""The models that there are: `model_config.json`, read entry by entry, so that one mistake costs one model."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from user_agent.config_files import Problem, read_config_file
from user_agent.models.entry import Kind, ModelEntry


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models that answer, by display key, in the file's order, and what is wrong with the file."""

    entries: Mapping[str, ModelEntry]
    problems: tuple[Problem, ...] = ()
    embeddings: Mapping[str, ModelEntry] = field(default_factory=dict[str, ModelEntry])
    """The models that make vectors of texts, likewise."""
    rerankers: Mapping[str, ModelEntry] = field(default_factory=dict[str, ModelEntry])
    """The models that put passages in order for a question."""

    def default_model(self, ready: Collection[str]) -> ModelEntry | None:
        """The first of the ready display keys, in the file's order, that may be chosen by itself."""
        return next((entry for key, entry in self.entries.items() if key in ready and entry.default), None)


def load_catalog(path: Path) -> Catalog:
    """The models of a file. Never raises for what it holds: an unreadable file has no entries, and a problem."""
    file = read_config_file(path, "MODEL_CONFIG_FILE")
    entries: dict[Kind, dict[str, ModelEntry]] = {"chat": {}, "embedding": {}, "rerank": {}}
    problems = [*file.problems]
    for member in file.members:
        try:
            entry = ModelEntry.model_validate(member.value)
            entries[entry.kind][member.key] = entry.model_copy(update={"display_key": member.key})
        except ValidationError as error:
            problems.append(file.left_out(member, error))
    return Catalog(entries["chat"], tuple(problems), entries["embedding"], entries["rerank"])
