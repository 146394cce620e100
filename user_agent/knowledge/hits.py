"""A passage that was found, as it travels: in events, in stored results, to the page."""

from pydantic import BaseModel, ConfigDict


class KnowledgeHit(BaseModel):
    """A passage that was found, and where it stands."""

    model_config = ConfigDict(frozen=True)

    number: int | None
    """What an answer cites it by; None where there was no room to show it to the model."""
    file: str
    name: str
    """What people call the file."""
    text: str
    """The passage. What is kept of a turn has the beginning alone of those that its answer did not cite."""
    score: float
    """How well it fits the question, from 0 to 1."""
    passage: int = 0
    """Which passage of its file it is, from 0."""
    headings: tuple[str, ...] = ()
    page: int | None = None
    sheet: str = ""
    member: str = ""
    """The path inside an archive, or the attachment of a mail."""
    attached: bool = False
    """Whether the file came with a message, and is the conversation's; the others are the agent's."""
