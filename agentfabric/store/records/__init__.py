"""The tables. Every row belongs to a user or to something that does; ids are generated and never become paths."""

from agentfabric.store.records.agents import AgentRecord, ChangeRecord, VersionRecord
from agentfabric.store.records.conversations import (
    ConversationKind,
    ConversationRecord,
    FactRecord,
    MessageRecord,
    SummaryRecord,
    TurnRecord,
    TurnState,
)
from agentfabric.store.records.knowledge import (
    CheckRecord,
    FilePurpose,
    FileRecord,
    KnowledgeNoteRecord,
    ModelCheckRecord,
    ReadingRecord,
    ReadingState,
)
from agentfabric.store.records.people import (
    EndpointModelRecord,
    EndpointRecord,
    GuessRecord,
    PreferenceRecord,
    SecretRecord,
    ValueRecord,
)
from agentfabric.store.records.sharing import (
    AgentKeyRecord,
    AgentKeyUsageRecord,
    BriefNoteRecord,
    ReleaseRecord,
    ReservationRecord,
    ShareRecord,
    ShareUsageRecord,
    Visibility,
)

__all__ = [
    "AgentKeyRecord",
    "AgentKeyUsageRecord",
    "AgentRecord",
    "BriefNoteRecord",
    "ChangeRecord",
    "CheckRecord",
    "ConversationKind",
    "ConversationRecord",
    "EndpointModelRecord",
    "EndpointRecord",
    "FactRecord",
    "FilePurpose",
    "FileRecord",
    "GuessRecord",
    "KnowledgeNoteRecord",
    "MessageRecord",
    "ModelCheckRecord",
    "PreferenceRecord",
    "ReadingRecord",
    "ReadingState",
    "ReleaseRecord",
    "ReservationRecord",
    "SecretRecord",
    "ShareRecord",
    "ShareUsageRecord",
    "SummaryRecord",
    "TurnRecord",
    "TurnState",
    "ValueRecord",
    "VersionRecord",
    "Visibility",
]
