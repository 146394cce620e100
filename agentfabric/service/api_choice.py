"""What a person takes of an API's description, made into what the agent's configuration keeps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import SecretStr, ValidationError

from agentfabric.store.writing import Source as Turn
from user_agent.errors import AddressUnusable, ConfigError
from user_agent.openapi.changing import seen_in
from user_agent.openapi.description import Description
from user_agent.openapi.stored import MAX_CHOSEN, Api, Auth, Operation, Wait
from user_agent.urls import NotAnUrl, web_address
from user_agent.words import Language, Words

_BAD_SERVER = Words(zh="服务器地址不能用：{why}。", en="The server's address cannot be used: {why}.")
_BAD_TOKEN_URL = Words(zh="令牌地址不能用：{why}。", en="The address of the token cannot be used: {why}.")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a description is: in a text, or at a web address."""

    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class WaitChoice:
    """How a person wants the result of an operation waited for: `Wait` with the names of two operations."""

    operation: str
    look: str
    argument: str
    id_at: str
    state_at: str = ""
    done: Sequence[str] = ()
    failed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person takes of a description. `operations` are names; an empty `server` is the first of the description.

    `auth` is None for the way to sign in that the description names first. `key` is None where none was entered.
    """

    operations: Sequence[str]
    server: str = ""
    auth: Auth | None = None
    key: SecretStr | None = None
    waits: Sequence[WaitChoice] | None = ()
    """For operations that only begin a task; None for what can be guessed of the description."""
    proposed_by: Turn | None = None
    """The builder's turn that only proposes it: nothing of it is used until a person allows it. None by hand."""


def chosen_of(description: Description, source: Source, choice: Choice, language: Language) -> Api:
    """What an agent keeps of a description. Raises `ConfigError`, and `AddressUnusable` in `language`."""
    server = choice.server.strip() or next(iter(description.servers), "")
    try:
        server = _plain(server)
    except NotAnUrl as error:
        reason = _BAD_SERVER[language].format(why=error.words[language])
        raise AddressUnusable(reason, reason=reason) from error
    auth = choice.auth or next(iter(description.auths), Auth())
    if auth.kind == "oauth2":
        auth = auth.model_copy(update={"token_url": _token_url(auth.token_url, language)})
    if auth.kind == "api_key" and not auth.name:
        reason = "the name of what carries the key is missing"
        raise ConfigError(f"{reason.capitalize()}.", field="auth", reason=reason)
    operations = _named(description.operations, choice.operations)
    waits = _waits(description, operations, choice.waits)
    try:
        return Api(
            title=description.title,
            server=server,
            source="" if source.text.strip() else _plain(source.url),
            auth=auth,
            proposed=choice.proposed_by is not None,
            operations=operations,
            waits=waits,
            seen=None if source.text.strip() else seen_in(description),
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ConfigError(f"{place!r}: {first['msg']}.", field=place, reason=first["msg"]) from error


def _waits(
    description: Description, operations: Sequence[Operation], wanted: Sequence[WaitChoice] | None
) -> dict[str, Wait]:
    """How the results of these operations are waited for. Raises `ConfigError`."""
    chosen = {operation.name for operation in operations}
    if wanted is None:
        return {name: wait for name, wait in description.waits.items() if name in chosen}
    known = {operation.name: operation for operation in description.operations}
    return {each.operation: _wait(each, chosen, known.get(each.look)) for each in wanted}


def _wait(wanted: WaitChoice, chosen: Collection[str], look: Operation | None) -> Wait:
    """Raises `ConfigError`."""
    problem = ""
    if wanted.operation not in chosen:
        problem = f"{wanted.operation!r} is not among the operations that are chosen"
    elif look is None or look.writes:
        problem = f"{wanted.look!r} is no operation that only reads"
    elif wanted.argument not in look.argument_names:
        problem = f"{wanted.look!r} takes no {wanted.argument!r}"
    elif wanted.state_at.strip() and not wanted.done:
        problem = f"no state ends the task of {wanted.operation!r} with a result"
    if problem:
        raise ConfigError(f"How a result is waited for does not fit: {problem}.", field="waits", reason=problem)
    try:
        return Wait.model_validate(
            {
                "look": look,
                "argument": wanted.argument,
                "id_at": wanted.id_at.strip(),
                "state_at": wanted.state_at.strip(),
                "done": wanted.done,
                "failed": wanted.failed,
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = f"waits.{'.'.join(str(step) for step in first['loc'])}"
        raise ConfigError(f"{place!r}: {first['msg']}.", field=place, reason=first["msg"]) from error


def _token_url(address: str, language: Language) -> str:
    """Raises `AddressUnusable`."""
    try:
        return str(web_address(address.strip()))
    except NotAnUrl as error:
        reason = _BAD_TOKEN_URL[language].format(why=error.words[language])
        raise AddressUnusable(reason, reason=reason) from error


def _plain(address: str) -> str:
    """A web address without its query, which may hold a key. Raises `NotAnUrl`."""
    return str(web_address(address.strip()).with_query(None).with_fragment(None)).rstrip("/")


def _named(operations: Sequence[Operation], names: Collection[str]) -> tuple[Operation, ...]:
    """The operations of these names, in the description's order. Raises `ConfigError`."""
    found = tuple(operation for operation in operations if operation.name in names)
    if not found:
        raise ConfigError("Choose at least one operation.", field="operations", reason="none is chosen")
    if len(found) > MAX_CHOSEN:
        reason = f"more than {MAX_CHOSEN} are chosen"
        raise ConfigError(f"An agent takes {MAX_CHOSEN} operations of an API.", field="operations", reason=reason)
    return found
