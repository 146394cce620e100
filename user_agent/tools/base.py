"""A tool is a typed async function plus data. Its surroundings are handed in and hidden from the model."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Self, cast

from pydantic import BaseModel, JsonValue, ValidationError

from user_agent.errors import ToolError
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.messages import FilePart
from user_agent.models.base import ToolSchema
from user_agent.policies import ToolPolicy
from user_agent.tools.context import ToolContext
from user_agent.tools.groups import GroupId
from user_agent.tools.signatures import said_in, signature_of
from user_agent.tools.table import Table
from user_agent.words import NOTHING, Language, Words

ToolFunction = Callable[..., Awaitable[object]]
SchemaFunction = Callable[[Mapping[str, JsonValue], "ToolContext"], Awaitable[object]]
"""What a tool that is described by a schema alone calls: with the arguments as the model gave them."""
SchemaCheck = Callable[[Mapping[str, JsonValue]], Awaitable[None]]
"""Looks at the arguments of such a tool before anybody is asked about the call. Raises `ToolError`."""
Effect = Literal["reads", "writes"]
Touch = Literal["untrusted", "private", "outward"]
"""What a tool brings into an agent: texts that strangers wrote; data that is the person's own; a way for what the model
writes to addresses, or into places, that the model chooses."""
EffectOf = Callable[[Mapping[str, object]], Effect]
"""What a call does, by its arguments as the function takes them."""


@dataclass(frozen=True, slots=True)
class SecretNeed:
    """A secret that a tool cannot work without, and where a person gets one."""

    name: str
    label: Words
    url: str
    sent_to: str = ""
    """The web address that it is sent to; empty where that is not told."""
    base_url: str = ""
    """The variable whose address replaces `sent_to`."""


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a tool answers with where words are not all: `text` is for the model, the rest is for the person.

    Without a `text` the model is told what files there are now. It reads the beginning of each table.
    """

    text: str = ""
    files: tuple[FilePart, ...] = ()
    tables: tuple[Table, ...] = ()
    sources: tuple[KnowledgeHit, ...] = ()
    """What it found that an answer can cite; `text` shows it with the same numbers."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing an agent can do.

    `description` and `parameters` are for the model, `label` and `summary` for people.
    """

    name: str
    function: ToolFunction
    description: Words
    arguments: type[BaseModel] | None
    """What arguments are checked by; None where the function checks them itself."""
    parameters: dict[str, JsonValue]
    """The JSON schema of the arguments, shared: nobody changes it."""
    meanings: Mapping[str, Words]
    """What a parameter means, in both languages, where the schema does not say it itself."""
    context_name: str
    """The parameter that takes the surroundings; empty where there is none."""
    label: Words
    summary: Words
    group: GroupId = "other"
    """Among which tools a person finds it."""
    secrets: tuple[SecretNeed, ...] = ()
    one_is_enough: bool = False
    """Whether any one of the secrets will do; the first is the one to recommend."""
    works_without_secrets: bool = False
    """Whether it needs none of them: each only makes it better."""
    effect: Effect | EffectOf = "reads"
    """What every call does, or what tells it of one: ask `does`."""
    sends: Words = NOTHING
    """What leaves the machine when it is called; empty when nothing does."""
    touches: frozenset[Touch] = frozenset()
    """What it brings into an agent that should not come together unseen (`mixing.py`)."""
    cost: Words = NOTHING
    """What a call costs; empty where that is not known."""
    vendors: tuple[str, ...] = ()
    """Web addresses that it asks by itself: nobody chose them."""
    timeout_s: float = 20.0
    default_model: str = ""
    """The vendor's model that it asks unless the operator sets another; empty where it asks none, or one of several."""
    policy_key: str = ""
    """Where the configuration keeps whether it asks first; empty for the tool's own id."""
    check: SchemaCheck | None = None
    """What looks at its arguments, where nothing else does before it is called."""

    @classmethod
    def from_function(
        cls,
        function: ToolFunction,
        *,
        label: Words,
        summary: Words,
        name: str = "",
        group: GroupId = "other",
        secrets: tuple[SecretNeed, ...] = (),
        one_is_enough: bool = False,
        works_without_secrets: bool = False,
        effect: Effect | EffectOf = "reads",
        sends: Words = NOTHING,
        touches: frozenset[Touch] = frozenset(),
        cost: Words = NOTHING,
        vendors: tuple[str, ...] = (),
        timeout_s: float = 20.0,
        default_model: str = "",
    ) -> Self:
        """A tool whose schema comes from the function's signature and whose description from its docstring.

        The docstring may hold paragraphs in English and in Chinese, `Annotated[str, Words(zh, en)]` describes a
        parameter in both: an agent's model reads its own language. A parameter of type `ToolContext` is filled in by
        the agent and not shown to the model. Raises `TypeError` where a parameter cannot be described to a model.
        """
        tool_name = name or cast(str, getattr(function, "__name__", "tool"))
        signature = signature_of(function, tool_name, hidden=ToolContext)
        return cls(
            name=tool_name,
            function=function,
            description=said_in(inspect.cleandoc(function.__doc__)) if function.__doc__ else summary,
            arguments=signature.arguments,
            parameters=signature.parameters,
            meanings=signature.meanings,
            context_name=signature.context_name,
            label=label,
            summary=summary,
            group=group,
            secrets=secrets,
            one_is_enough=one_is_enough,
            works_without_secrets=works_without_secrets,
            effect=effect,
            sends=sends,
            touches=touches,
            cost=cost,
            vendors=vendors,
            timeout_s=timeout_s,
            default_model=default_model,
        )

    @classmethod
    def from_schema(
        cls,
        function: SchemaFunction,
        *,
        name: str,
        description: str | Words,
        parameters: dict[str, JsonValue],
        label: Words,
        summary: Words,
        secrets: tuple[SecretNeed, ...] = (),
        effect: Effect | EffectOf = "reads",
        sends: Words = NOTHING,
        touches: frozenset[Touch] = frozenset(),
        cost: Words = NOTHING,
        timeout_s: float = 20.0,
        policy_key: str = "",
        check: SchemaCheck | None = None,
    ) -> Self:
        """A tool that somebody else described. The function checks the arguments, and raises `ToolError`."""
        return cls(
            name=name,
            function=function,
            description=Words(description, description) if isinstance(description, str) else description,
            arguments=None,
            parameters=parameters,
            meanings={},
            context_name="",
            label=label,
            summary=summary,
            secrets=secrets,
            effect=effect,
            sends=sends,
            touches=touches,
            cost=cost,
            timeout_s=timeout_s,
            policy_key=policy_key,
            check=check,
        )

    @property
    def schema(self) -> ToolSchema:
        """What a model reads of it in English."""
        return self.schema_in("en")

    def schema_in(self, language: Language) -> ToolSchema:
        """What a model reads of it in an agent of that language."""
        parameters = self.parameters
        if self.meanings:
            known = cast(dict[str, dict[str, JsonValue]], parameters["properties"])
            told = {name: {**known[name], "description": words[language]} for name, words in self.meanings.items()}
            parameters = {**parameters, "properties": cast(JsonValue, {**known, **told})}
        return ToolSchema(name=self.name, description=self.description[language], parameters=parameters)

    def missing(self, secrets: Mapping[str, str]) -> tuple[SecretNeed, ...]:
        """The secrets it needs and has not got: until they are there it is not offered to a model."""
        if self.works_without_secrets:
            return ()
        missing = tuple(need for need in self.secrets if not secrets.get(need.name))
        if self.one_is_enough:
            return missing[:1] if len(missing) == len(self.secrets) else ()
        return missing

    @property
    def effect_told(self) -> Effect | Literal["depends"]:
        """What a person is told of all its calls: where it depends on the arguments, that."""
        return "depends" if callable(self.effect) else self.effect

    def does(self, arguments: Mapping[str, JsonValue]) -> Effect:
        """What a call with these arguments does. Raises `ToolError` as `checked` does."""
        if not callable(self.effect):
            return self.effect
        checked = self.checked(arguments)
        return self.effect(arguments if checked is None else _values(checked))

    def asks_first(self, policy: ToolPolicy | None, arguments: Mapping[str, JsonValue]) -> bool:
        """Whether a person allows such a call, by what was chosen for the tool. Raises as `does`."""
        return policy == "ask" or (policy != "allow" and self.does(arguments) == "writes")

    def checked(self, arguments: Mapping[str, JsonValue]) -> BaseModel | None:
        """The arguments as the function takes them; None where it checks them itself.

        Raises `ToolError` naming the one that does not fit.
        """
        if self.arguments is None:
            return None
        try:
            return self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            raise ToolError(_bad_arguments(self.name, error)) from error

    async def call(self, arguments: Mapping[str, JsonValue], context: ToolContext) -> object:
        """What the function returned. Raises `ToolError` as `checked` does, and what the function raises."""
        checked = self.checked(arguments)
        if checked is None:
            return await self.function(arguments, context)
        values = _values(checked)
        if self.context_name:
            values[self.context_name] = context
        return await self.function(**values)


def _values(checked: BaseModel) -> dict[str, object]:
    """The arguments by name, as the function takes them."""
    return {key: getattr(checked, key) for key in type(checked).model_fields}


def _bad_arguments(tool: str, error: ValidationError) -> str:
    places = [
        f"{'.'.join(str(step) for step in item['loc']) or 'arguments'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)
    ]
    return f"The arguments of {tool!r} do not fit. " + "; ".join(places) + ". Correct them and call again."
