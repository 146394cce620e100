"""The tools with which a builder edits the one draft of its turn. What they answer is what the store did."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from builder_core.costs import costs, keys_of
from builder_core.draft import QUOTED, Change, ConfigPatch, Draft, Refusal, with_all_allowed
from builder_core.past import Past
from builder_core.recommend import Found, Offer, recommend, search
from builder_core.rules.speech import Speech
from builder_core.truth import Truth
from user_agent.assembly import tokens_of
from user_agent.config import AgentConfig
from user_agent.errors import ToolError
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.mixing import mixture_of
from user_agent.words import Language, Words

DraftField = Literal["name", "description", "instruction", "language", "prologue", "prompt_recommend", "memory"]
MAX_SHOWN_CHARS = 300
"""How much of a stored value a tool's answer repeats."""
MAX_FOUND = 6

_UPDATE = Words("填写配置", "Fill in the draft")
_CHOOSE = Words("挑选工具", "Choose tools")
_ASK = Words("提出问题", "Ask a question")
_UNDO = Words("撤销修改", "Take changes back")


@dataclass(frozen=True, slots=True)
class Write:
    """One write into the draft, and the whole configuration right after it."""

    change: Change
    config: AgentConfig


class DraftTools:
    """`update_agent`, `choose_tools`, `undo_changes` and `ask`, bound to one draft for one turn.

    `config` is the draft as the turn begins, `past` what can be taken back, and `said` the message that is answered.
    `take_writes` hands over what was written since.
    """

    def __init__(
        self, draft: Draft, catalogue: Sequence[Offer], *, config: AgentConfig, past: Past, said: Speech
    ) -> None:
        self._draft = draft
        self._catalogue = {offer.tool.name: offer for offer in catalogue}
        self._past = past
        self._said = said
        self._truth = Truth(config)
        self._writes: list[Write] = []
        # Calls of one reply run at once; each write is to be seen together with the configuration it made.
        self._writing = asyncio.Lock()

    @property
    def tools(self) -> dict[str, Tool]:
        """The tools by name, for an agent."""
        made = (
            Tool.from_function(self.update_agent, label=_UPDATE, summary=_UPDATE, effect="writes"),
            Tool.from_function(self.choose_tools, label=_CHOOSE, summary=_CHOOSE, effect="writes"),
            Tool.from_function(self.undo_changes, label=_UNDO, summary=_UNDO, effect="writes"),
            Tool.from_function(ask, label=_ASK, summary=_ASK),
        )
        return {tool.name: tool for tool in made}

    def take_writes(self) -> list[Write]:
        taken, self._writes = self._writes, []
        return taken

    async def store(self, patch: ConfigPatch) -> Change:
        """Store a patch and remember what it did. Raises `ConfigError` naming the field."""
        patch, refused = self._but_quoted(patch)

        async def apply() -> Change:
            self._truth.wants(patch)
            change = await self._draft.apply(patch)
            return change.model_copy(update={"refused": (*change.refused, *refused)})

        return await self.written(apply)

    async def look(self) -> Change:
        """What has come to be by now of what the turn wrote, also where a write came late. Nothing is written."""
        return await self.written(lambda: self._draft.apply(ConfigPatch()))

    async def written(self, write: Callable[[], Awaitable[Change]]) -> Change:
        """What a write did, as reading the store back shows it: its own answer may be wrong."""
        async with self._writing:
            claim = await write()
            self._truth.told(claim)
            config = await self._draft.current()
            change = self._truth.read(config, claim)
            self._writes.append(Write(change, config))
        return change

    def _but_quoted(self, patch: ConfigPatch) -> tuple[ConfigPatch, tuple[Refusal, ...]]:
        """The patch without what only a quoted or pasted text can have asked for.

        Such a text may inform prose, as a proposal; it ticks no tool and sets no language.
        """
        own = self._said.words
        material = self._said.pasted
        if not material:
            return patch, ()
        offers = tuple(self._catalogue.values())
        asked = {found.offer.tool.name for found in recommend(offers, own)}
        quoted = {found.offer.tool.name for found in recommend(offers, material)} | {
            tool for tool in self._catalogue if tool in material
        }
        ticks = {
            tool: use for tool, use in (patch.tools or {}).items() if own and (tool in asked or tool not in quoted)
        }
        refused = [Refusal(field=f"tools.{tool}", why=QUOTED) for tool in patch.tools or {} if tool not in ticks]
        changes: dict[str, object] = {"tools": ticks or None} if patch.tools else {}
        for field in ("language", "memory"):
            if getattr(patch, field) and not own:
                refused.append(Refusal(field=field, why=QUOTED))
                changes[field] = None
        from_material = [
            field for field, value in patch.fields.items() if not own or (isinstance(value, str) and value in material)
        ]
        changes["proposed"] = tuple(dict.fromkeys((*patch.proposed, *from_material)))
        return patch.model_copy(update=changes), tuple(refused)

    async def update_agent(
        self,
        name: Annotated[str | None, Field(max_length=120, description="Short name, as on a business card.")] = None,
        description: Annotated[
            str | None, Field(max_length=2_000, description="One or two sentences for people who choose an agent.")
        ] = None,
        instruction: Annotated[
            str | None, Field(max_length=100_000, description="The whole instruction: it replaces the present one.")
        ] = None,
        language: Annotated[Language | None, Field(description="The agent's language.")] = None,
        prologue: Annotated[
            str | None, Field(max_length=10_000, description="The first message, with which the agent greets.")
        ] = None,
        prompt_recommend: Annotated[
            list[Annotated[str, Field(max_length=1_000)]] | None,
            Field(max_length=50, description="Suggested questions, written as the person would ask them: all of them."),
        ] = None,
        memory: Annotated[
            bool | None,
            Field(
                description="Whether it notes facts about the person from one conversation to the next. True only "
                "where the person asks for that."
            ),
        ] = None,
        proposed: Annotated[
            list[DraftField] | None, Field(description="Which of the named fields the person did not say themselves.")
        ] = None,
    ) -> dict[str, JsonValue]:
        """Set fields of the agent's configuration. Name only those that should change; all others stay as they are.

        The answer says what was stored. Tell the person nothing else about what changed.
        """
        given: dict[str, object] = {
            "name": name,
            "description": description,
            "instruction": instruction,
            "language": language,
            "prologue": prologue,
            "prompt_recommend": prompt_recommend,
            "memory": memory,
        }
        named = {field: value for field, value in given.items() if value is not None}
        if not named:
            raise ToolError("No field was named. Name at least one of: " + ", ".join(given) + ".")
        said_otherwise = tuple(field for field in proposed or () if field in named)
        return told(await self.store(ConfigPatch.model_validate({**named, "proposed": said_otherwise})))

    async def choose_tools(
        self,
        context: ToolContext,
        query: Annotated[
            str | None, Field(max_length=1_000, description="What the agent should be able to do.")
        ] = None,
        enable: Annotated[list[str] | None, Field(max_length=100, description="Ids of tools to switch on.")] = None,
        disable: Annotated[list[str] | None, Field(max_length=100, description="Ids of tools to switch off.")] = None,
        proposed: Annotated[
            bool, Field(description="True where the person did not ask for these tools themselves.")
        ] = False,
    ) -> dict[str, JsonValue]:
        """Search the catalogue of tools, and switch the agent's tools on and off by their ids.

        A tool that waits for a key can be switched on; it works once the person has entered the key.
        """
        on, off = enable or [], disable or []
        if not query and not on and not off:
            raise ToolError("Give a query, or ids to enable or disable.")
        enabled = set((await self._draft.current()).enabled_tools)
        self._refuse_unknown(on, enabled=set[str]())
        self._refuse_unknown(off, enabled=enabled)
        answer: dict[str, JsonValue] = {}
        if query:
            answer["found"] = self._found(query, context.language)
        if on or off:
            ticks = dict.fromkeys(on, True) | dict.fromkeys(off, False)
            patch = ConfigPatch(tools=ticks, proposed=("tools",) if proposed else ())
            answer |= told(await self.store(patch))
            config = await self._draft.current()
            answer |= costs([self._catalogue[tool] for tool in on if tool in config.enabled_tools], context.language)
            answer |= await self.warning(context.language)
        return answer

    async def warning(self, language: Language) -> dict[str, JsonValue]:
        """What has come together in the draft, or will once its proposals are allowed; nothing where nothing has."""
        config = with_all_allowed(await self._draft.current())
        mixture = mixture_of(config, {name: offer.tool for name, offer in self._catalogue.items()})
        return {"warning": mixture.warning[language]} if mixture else {}

    async def undo_changes(
        self,
        changes: Annotated[
            list[str], Field(min_length=1, max_length=30, description="Their names in the list of changes, such as c1.")
        ],
    ) -> dict[str, JsonValue]:
        """Take earlier changes back, each by itself, and leave everything else as it is.

        Only where the person asks to undo something. What a later change stands in the way of is refused, with both
        values: show them, and ask which one it should be.
        """
        unknown = [name for name in changes if name not in self._past.by_name]
        if unknown:
            known = ", ".join(self._past.by_name) or "none"
            raise ToolError(f"There is no change {unknown[0]!r}. The changes are: {known}.")
        ids = [self._past.by_name[name].id for name in changes]
        return {"undone": True, **told(await self.written(lambda: self._draft.undo(ids)))}

    def _refuse_unknown(self, ids: Sequence[str], *, enabled: set[str]) -> None:
        unknown = [tool for tool in ids if tool not in self._catalogue and tool not in enabled]
        if unknown:
            known = ", ".join(sorted(self._catalogue)) or "none"
            raise ToolError(f"There is no tool {unknown[0]!r}. The tools are: {known}.")

    def _found(self, query: str, language: Language) -> list[JsonValue]:
        catalogue = tuple(self._catalogue.values())
        best = {item.offer.tool.name for item in recommend(catalogue, query)}
        return [_fit(item, item.offer.tool.name in best, language) for item in search(catalogue, query)[:MAX_FOUND]]


async def ask(
    question: Annotated[str, Field(min_length=1, max_length=1_000, description="One question, in the person's words.")],
    options: Annotated[
        list[Annotated[str, Field(max_length=200)]] | None,
        Field(max_length=8, description="Short answers to choose from, if there are a few obvious ones."),
    ] = None,
) -> dict[str, JsonValue]:
    """Ask the person one question when the answer changes what the agent should be. End your reply with it."""
    shown: dict[str, JsonValue] = {"question": question, "options": list[JsonValue](options or [])}
    return shown | {"next": "The person has not seen this yet: write the question, with its options, and end there."}


def told(change: Change) -> dict[str, JsonValue]:
    """What the store did, as a model reads it."""
    answer: dict[str, JsonValue] = {
        "revision": change.revision,
        "changed": {item.field: _shown(item.after) for item in change.changes},
    }
    if change.refused:
        answer["refused"] = {item.field: item.why for item in change.refused}
        clashes: dict[str, JsonValue] = {
            item.field: {"wanted": _shown(item.clash.wanted), "now": _shown(item.clash.current)}
            for item in change.refused
            if item.clash
        }
        answer |= {"clashes": clashes} if clashes else {}
    if not change.changes:
        answer["note"] = "Nothing changed."
    return answer


def _shown(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and len(value) > MAX_SHOWN_CHARS:
        return f"{value[:MAX_SHOWN_CHARS]}… [{len(value):,} characters in all]"
    return value


def _fit(item: Found, best: bool, language: Language) -> JsonValue:
    tool = item.offer.tool
    return {
        "id": tool.name,
        "what": tool.summary.en,
        "why": list[JsonValue](item.phrases or item.words),
        "fits": "well" if best else "perhaps",
        "tokens_per_turn": tokens_of(tool, language),
        "waits_for_key": keys_of(item.offer),
        **({"does_not_work": item.offer.unavailable.en} if item.offer.unavailable else {}),
    }
