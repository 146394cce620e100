"""A role-play while it is open: connections stay from one message to the next, and so does what code remembers."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from user_agent.agent import Agent
from user_agent.assembly import Surroundings, assemble
from user_agent.config import AgentConfig
from user_agent.events import Decision, Event, InputNeeded, RunFinished, Usage
from user_agent.messages import Message, ToolCallPart, user_message
from user_agent.transcript import Transcript

Allow = Callable[[ToolCallPart], bool | Awaitable[bool]]
"""Whether a call may be made, for a function or one that is `async`."""


@dataclass(frozen=True, slots=True)
class Playing:
    """What `RolePlay.opened` gives."""

    config: AgentConfig
    lent: Surroundings
    allow: Allow | None = None

    async def run(
        self, said: str | Sequence[Message], *, decisions: Mapping[str, Decision] | None = None
    ) -> AsyncGenerator[Event, None]:
        """As `RolePlay.run`. One conversation at a time: code that is run has one memory."""
        messages = [user_message(said)] if isinstance(said, str) else said
        async with aclosing(self._run(assemble(self.config, self.lent), messages, decisions)) as events:
            async for event in events:
                yield event

    async def _run(
        self, agent: Agent, messages: Sequence[Message], decisions: Mapping[str, Decision] | None
    ) -> AsyncGenerator[Event, None]:
        """One run; where `allow` is there to be asked, as many as it takes, told as one."""
        transcript, usage = Transcript(messages), Usage()
        while True:
            asked: Sequence[ToolCallPart] = ()
            async with aclosing(agent.run(transcript.messages, decisions=decisions)) as events:
                async for event in events:
                    transcript.add(event)
                    match event:
                        case InputNeeded() if self.allow:
                            asked = event.calls
                        case RunFinished():
                            usage += event.usage
                            if not asked:
                                yield event.model_copy(update={"usage": usage})
                        case _:
                            yield event
            if not self.allow or not asked:
                return
            decisions = {call.id: "allow" if await _answered(self.allow(call)) else "refuse" for call in asked}


async def _answered(answer: bool | Awaitable[bool]) -> bool:
    return answer if isinstance(answer, bool) else await answer
