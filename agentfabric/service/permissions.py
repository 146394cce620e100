"""What a person decided of an agent's calls, on its way to the run that makes them."""

from collections.abc import Collection, Sequence

from agentfabric.service.drafts import Editor
from builder_core.draft import ConfigPatch
from builder_core.events import ConfigChanged
from builder_core.policies import APIS
from user_agent.config import AgentConfig
from user_agent.errors import Locked
from user_agent.mcp.tools import served
from user_agent.messages import Message
from user_agent.openapi.tools import tools_of
from user_agent.policies import operation_at
from user_agent.serve.decisions import Decided
from user_agent.transcript import Transcript


def keys_for_good(
    config: AgentConfig, decided: Decided, messages: Sequence[Message], taken: Collection[str]
) -> frozenset[str]:
    """The keys of the policies of what may be called for good. `messages` are the conversation, ending in the calls.

    `taken` are the names that imported operations do not get.
    """
    always = {call for call, choice in decided.calls.items() if choice == "always"}
    names = {call.name for call in Transcript(messages).unanswered if call.id in always}
    imported = {tool.name: tool.policy_key for tool in tools_of(config.openapi, taken)} if names else {}
    of_servers = {each.name: each.policy_key for each in served(config.mcp_servers, {*taken, *imported})}
    return frozenset({**of_servers, **imported}.get(name, name) for name in names)


def require_free(locks: Collection[str], keys: Collection[str]) -> None:
    """Raises `Locked` where a field is locked that holds the policy of one of these keys."""
    for field in sorted({APIS if operation_at(key) else "tools" for key in keys}):
        if field in locks:
            raise Locked(f"{field!r} is locked. Unlock it in the draft first, or allow this call only.", field=field)


async def allow_always(editor: Editor, user: str, agent_id: str, keys: Collection[str]) -> ConfigChanged:
    """Let the tools and operations of these keys write unasked from now on."""
    edited = await editor.edit(user, agent_id, ConfigPatch(policies=dict.fromkeys(keys, "allow")), author="form")
    return ConfigChanged(
        config=edited.agent.config.document,
        revision=edited.change.revision,
        changes=edited.change.changes,
        refused=edited.change.refused,
    )
