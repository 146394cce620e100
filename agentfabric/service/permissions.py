"""What a person decided of an agent's calls, on its way to the run that makes them."""

from collections.abc import Mapping, Sequence

from agentfabric.service.drafts import Editor
from agentfabric.store.waiting import Choice, Decided
from builder_core.draft import ConfigPatch
from builder_core.events import ConfigChanged
from user_agent.events import Decision
from user_agent.messages import Message
from user_agent.transcript import Transcript


def decisions_of(decided: Decided | None) -> dict[str, Decision]:
    """What the loop is told of each call."""
    calls: Mapping[str, Choice] = decided.calls if decided else {}
    return {call: "refuse" if choice == "refuse" else "allow" for call, choice in calls.items()}


async def allow_always(
    editor: Editor, user: str, agent_id: str, decided: Decided, messages: Sequence[Message]
) -> ConfigChanged | None:
    """Let the tools whose calls are allowed for good write unasked from now on; None where there are none.

    `messages` are the conversation, which ends in the calls.
    """
    names = {call.id: call.name for call in Transcript(messages).unanswered}
    tools = {names[call] for call, choice in decided.calls.items() if choice == "always" and call in names}
    if not tools:
        return None
    edited = await editor.edit(user, agent_id, ConfigPatch(policies=dict.fromkeys(tools, "allow")), author="form")
    return ConfigChanged(
        config=edited.agent.config.document,
        revision=edited.change.revision,
        changes=edited.change.changes,
        refused=edited.change.refused,
    )
