"""A class with `name`, `description`, `parameters` and `call` as a tool: what the predecessor's users wrote."""

import asyncio
import inspect
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_type_hints

from pydantic import JsonValue

from user_agent.tools.base import Effect, SecretNeed, Tool, ToolContext
from user_agent.tools.old_markers import without_links
from user_agent.tools.signatures import said_in
from user_agent.words import NOTHING, Words

_TYPES: Mapping[str, str] = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
"""Names of types that people write for those of JSON schema."""

_OLD_KEYS: Mapping[str, str] = {
    "DASHSCOPE_API_KEY": "dashscope_api_key",
    "MODELSCOPE_API_TOKEN": "modelscope_api_key",
    "AMAP_TOKEN": "amap_api_key",
    "BING_SEARCH_V7_SUBSCRIPTION_KEY": "bing_api_key",
    "ZHIPU_API_KEY": "zhipu_api_key",
}
"""Under which argument `call` was lent a key, by the key's name; any other goes by its name in small letters."""


def has_call(value: object) -> bool:
    """Whether it is such a class, or an object of one."""
    return callable(getattr(value, "call", None)) and hasattr(value, "name") and hasattr(value, "description")


def tool_of_class(value: object, name: str = "") -> Tool:
    """The tool, under that name where one is given. Raises `TypeError` where it cannot be described to a model.

    `description` is text, whose paragraphs may be in two languages, or `Words`. `call` gets the arguments as JSON text,
    or as a dict where its first parameter is annotated as one; and what it takes of `context` and of the keys that
    `secrets` names. It may be async. `parameters` is a JSON schema, or a list of `{name, type, required, description}`.
    Also read, where they are there: `label`, `summary`, `secrets`, `effect`, `sends`, `cost`, `timeout_s`.
    """
    called = name or str(getattr(value, "name", ""))
    made = _instance(value) if isinstance(value, type) else value
    description = getattr(made, "description", "")
    said = description if isinstance(description, Words) else said_in(str(description))
    if not said.en:
        raise TypeError(f"{called!r} needs a description that says what it does: the model reads it.")
    schema = _schema(called, getattr(made, "parameters", None) or [])
    needs = tuple(_need(secret) for secret in getattr(made, "secrets", ()))
    method = cast(Callable[..., object], getattr(made, "call"))  # noqa: B009  of any class
    summary = _words(getattr(made, "summary", "")) or Words(said.zh.partition("\n")[0], said.en.partition("\n")[0])
    return Tool.from_schema(
        _Call(called, schema, method, {need.name for need in needs}),
        name=called,
        description=said,
        parameters=schema,
        label=_words(getattr(made, "label", "")) or Words(called, called),
        summary=summary,
        secrets=needs,
        effect=_effect(called, getattr(made, "effect", "reads")),
        sends=_words(getattr(made, "sends", "")) or NOTHING,
        cost=_words(getattr(made, "cost", "")) or NOTHING,
        timeout_s=float(getattr(made, "timeout_s", 20.0)),
    )


@dataclass(frozen=True, slots=True)
class _Call:
    """Calls the method as it wants to be called."""

    name: str
    schema: dict[str, JsonValue]
    method: Callable[..., object]
    keys: Collection[str]

    async def __call__(self, arguments: Mapping[str, JsonValue], context: ToolContext) -> object:
        # Imported when something is called: an agent without such tools needs none of it.
        from user_agent.openapi.checking import check_arguments

        await asyncio.to_thread(check_arguments, self.name, self.schema, arguments)
        parameters = [*inspect.signature(self.method).parameters.values()]
        given = dict(arguments) if self._takes_dict(parameters) else json.dumps(dict(arguments), ensure_ascii=False)
        lent: dict[str, object] = {"context": context}
        for key in self.keys:
            lent[_OLD_KEYS.get(key, key.lower())] = context.secrets.get(key, "")
        takes_any = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters)
        names = {parameter.name for parameter in parameters[1:]}
        some = {name: value for name, value in lent.items() if takes_any or name in names}
        if inspect.iscoroutinefunction(self.method):
            value = await self.method(given, **some)
        else:
            value = await asyncio.to_thread(self.method, given, **some)
        return await without_links(value, context) if isinstance(value, str) else value

    def _takes_dict(self, parameters: Sequence[inspect.Parameter]) -> bool:
        if not parameters:
            return False
        hint = get_type_hints(self.method).get(parameters[0].name)
        origin = getattr(hint, "__origin__", hint)
        return isinstance(origin, type) and issubclass(origin, Mapping)


def _instance(kind: type) -> object:
    """An object of the class. The predecessor's took a dict of settings."""
    made = cast(Callable[..., object], kind)
    return made({}) if "cfg" in inspect.signature(kind).parameters else made()


def _schema(name: str, parameters: object) -> dict[str, JsonValue]:
    """The JSON schema of the arguments."""
    match parameters:
        case Mapping():
            return {"type": "object", "properties": {}, **cast(Mapping[str, JsonValue], parameters)}
        case list() | tuple():
            entries = [
                cast(Mapping[str, Any], entry) for entry in cast(Sequence[object], parameters) if _is_entry(entry)
            ]
            if len(entries) == len(cast(Sequence[object], parameters)):
                required: list[JsonValue] = [str(entry["name"]) for entry in entries if entry.get("required")]
                properties: dict[str, JsonValue] = {str(entry["name"]): _property(entry) for entry in entries}
                return {"type": "object", "properties": properties, **({"required": required} if required else {})}
        case _:
            pass
    raise TypeError(
        f"The parameters of {name!r} are a JSON schema, or a list of {{name, type, required, description}}."
    )


def _is_entry(entry: object) -> bool:
    return isinstance(entry, Mapping) and "name" in entry


def _property(entry: Mapping[str, Any]) -> dict[str, JsonValue]:
    """One parameter of the predecessor's list: the type may stand in `schema`."""
    said: dict[str, JsonValue] = {**entry.get("schema", {}), **entry}
    kind = said.get("type", "string")
    kept = {key: value for key, value in said.items() if key not in ("name", "required", "schema")}
    return {**kept, "type": _TYPES.get(kind, kind) if isinstance(kind, str) else kind}


def _words(value: object) -> Words | None:
    if isinstance(value, Words):
        return value
    return Words(value, value) if isinstance(value, str) and value else None


def _need(secret: object) -> SecretNeed:
    return (
        secret if isinstance(secret, SecretNeed) else SecretNeed(str(secret), Words(str(secret), str(secret)), url="")
    )


def _effect(name: str, value: object) -> Effect:
    if value in ("reads", "writes"):
        return value
    raise TypeError(f"The effect of {name!r} is 'reads' or 'writes', not {value!r}.")
