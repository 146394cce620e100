"""An entry made live: the adapter for its wire, asked again where that can help."""

from pydantic import SecretStr

from user_agent.models.base import ChatModel
from user_agent.models.entry import ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.models.retry import Persistence, Retrying
from user_agent.runtime import ModelClients


def open_model(clients: ModelClients, entry: ModelEntry, key: SecretStr | None = None) -> ChatModel:
    """The model of an entry, asked with `key`, else with the entry's own. Opens nothing before it is asked."""
    model = _dashscope(clients, entry, key) if entry.is_native else OpenAICompatible(clients, entry, key)
    return Retrying(model, Persistence(total_s=entry.retry_for_s))


def _dashscope(clients: ModelClients, entry: ModelEntry, key: SecretStr | None) -> ChatModel:
    # Its SDK takes a second and 40 MB, and few entries need it.
    from user_agent.models.dashscope import DashScope

    return DashScope(clients, entry, key)
