"""Endpoints that a user adds, the models there, local ones that are found, and trying what a model can do."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field, SecretStr

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.service.endpoints import EndpointState
from agentfabric.service.reach import MAX_URL_CHARS
from agentfabric.store.endpoints import MAX_MODELS, MAX_NAME_CHARS, StoredModel
from user_agent.models.listing import MAX_MODEL_CHARS, Listing, Offered
from user_agent.serve.bodies import Given
from user_agent.serve.sse import stream
from user_agent.words import Language

router = APIRouter(prefix="/api", tags=["models"])

Json = dict[str, Any]

Url = Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARS, description="as the vendor gives it")]
Key = Annotated[SecretStr | None, Field(max_length=10_000, description="stored encrypted, never given out")]
Name = Annotated[str, Field(max_length=MAX_NAME_CHARS)]


class Wanted(Given):
    """A model by the endpoint's own name for it."""

    model: str = Field(min_length=1, max_length=MAX_MODEL_CHARS)
    context_length: int | None = Field(default=None, ge=1, le=100_000_000)


class Address(Given):
    url: Url
    key: Key = None
    language: Language = "en"


class NewEndpoint(Address):
    name: Name = ""
    type: Annotated[str, Field(max_length=40, description="what a local server was found to be")] = ""
    models: Annotated[tuple[Wanted, ...], Field(max_length=MAX_MODELS)] = ()


class EndpointChanges(Given):
    """What is left out stays. An empty `key` says that the endpoint needs none."""

    name: Name | None = None
    url: Url | None = None
    key: Key = None
    language: Language = "en"


class WantedModels(Given):
    models: Annotated[list[Wanted], Field(min_length=1, max_length=MAX_MODELS)]


class Facts(Given):
    """What the model can do. What is left out stays; null makes it unknown."""

    context_length: int | None = Field(default=None, ge=1, le=100_000_000)
    function_calling: bool | None = None
    vision: bool | None = None
    reasoning: bool | None = None
    stream: bool | None = None


class ModelChanges(Given):
    name: Name | None = None
    facts: Facts = Facts()


class Tried(Given):
    model: Annotated[str, Field(min_length=1, max_length=300, description="its key in the model list")]


@router.get("/endpoints")
async def list_endpoints(studio: TheStudio, user: TheUser) -> list[Json]:
    """The endpoints that this user added. `key` is `none`, `stored`, or `missing` where it has to be entered again."""
    return [_endpoint(state) for state in await studio.endpoints.all(user)]


@router.post("/endpoints/look")
async def look(address: Address, studio: TheStudio, user: TheUser) -> Json:
    """Ask an address for its models. Nothing is stored.

    `problem` is empty, `needs_key`, `wrong_key`, or `no_list`: then the name of a model has to be known.
    """
    return _listing(await studio.endpoints.look(address.url, address.key, address.language))


@router.post("/endpoints", status_code=201)
async def add_endpoint(new: NewEndpoint, studio: TheStudio, user: TheUser) -> Json:
    """Add an endpoint with some of its models. The key is kept for its scheme, host and port alone."""
    added = await studio.endpoints.add(
        user,
        url=new.url,
        key=new.key,
        name=new.name,
        kind=new.type,
        models=_offered(new.models),
        language=new.language,
    )
    return _endpoint(added)


@router.get("/endpoints/{endpoint_id}")
async def get_endpoint(endpoint_id: str, studio: TheStudio, user: TheUser) -> Json:
    return _endpoint(await studio.endpoints.get(user, endpoint_id))


@router.patch("/endpoints/{endpoint_id}")
async def change_endpoint(endpoint_id: str, changes: EndpointChanges, studio: TheStudio, user: TheUser) -> Json:
    """Rename it, move it, or give it another key. At another origin the stored key is forgotten."""
    key = changes.key
    none: Literal["none"] = "none"
    changed = await studio.endpoints.change(
        user,
        endpoint_id,
        name=changes.name,
        url=changes.url,
        key=none if key is not None and not key.get_secret_value().strip() else key,
        language=changes.language,
    )
    return _endpoint(changed)


@router.delete("/endpoints/{endpoint_id}", status_code=204)
async def remove_endpoint(endpoint_id: str, studio: TheStudio, user: TheUser) -> None:
    """Forget an endpoint with its key and its models. Agents that use one say so until they are given another."""
    await studio.remove_endpoint(user, endpoint_id)


@router.get("/endpoints/{endpoint_id}/offers")
async def look_again(
    endpoint_id: str, studio: TheStudio, user: TheUser, language: Annotated[Language, Query()] = "en"
) -> Json:
    """Ask an endpoint, with its stored key, for the models that it has now."""
    return _listing(await studio.endpoints.look_again(user, endpoint_id, language))


@router.post("/endpoints/{endpoint_id}/models", status_code=201)
async def add_models(endpoint_id: str, wanted: WantedModels, studio: TheStudio, user: TheUser) -> Json:
    """Put more of an endpoint's models on the list. Those that are there stay as they are."""
    return _endpoint(await studio.endpoints.add_models(user, endpoint_id, _offered(wanted.models)))


@router.patch("/own-models/{model_id}")
async def change_model(model_id: str, changes: ModelChanges, studio: TheStudio, user: TheUser) -> Json:
    """Rename a model of an own endpoint, or say what it can do. Its key, by which agents name it, stays."""
    given = changes.facts.model_dump(exclude_unset=True)
    fields = {"function_calling": "is_function_call", "stream": "support_stream"}
    facts = {fields.get(fact, fact): value for fact, value in given.items()}
    return _model(await studio.endpoints.change_model(user, model_id, name=changes.name, facts=facts))


@router.delete("/own-models/{model_id}", status_code=204)
async def remove_model(model_id: str, studio: TheStudio, user: TheUser) -> None:
    """Take a model of an own endpoint off the list."""
    await studio.remove_model(user, model_id)


@router.post("/local-models")
async def find_local_models(studio: TheStudio, user: TheUser) -> list[Json]:
    """Servers for models that answer on this machine. 403 where the server is not the user's own machine."""
    return [_listing(listing) for listing in await studio.endpoints.find_local()]


@router.post("/trials", response_class=StreamingResponse)
async def try_model(tried: Tried, studio: TheStudio, user: TheUser) -> StreamingResponse:
    """Try what a model can do, with at most six requests to it. What is found goes into the user's own entry.

    The stream: `trial_started`; for `stream`, `function_calling`, `json` and `vision` one `asking` and one `found`;
    `probed` with all facts; `trial_kept`; `run_finished`. It is `run_failed` where the model cannot be asked at all.
    """
    return stream(studio.trials.events(await studio.trials.begin(user, tried.model)))


@router.post("/trials/{trial_id}/stop", status_code=204)
async def stop_trial(trial_id: str, studio: TheStudio, user: TheUser) -> None:
    """End a trial. What it found so far is not kept."""
    await studio.trials.stop(user, trial_id)


def _offered(models: Iterable[Wanted]) -> list[Offered]:
    return [Offered(wanted.model, wanted.context_length) for wanted in models]


def _endpoint(state: EndpointState) -> Json:
    endpoint = state.endpoint
    return {
        "id": endpoint.id,
        "name": endpoint.name,
        "url": endpoint.base_url,
        "type": endpoint.type,
        "key": state.key,
        "models": [_model(model) for model in endpoint.models],
    }


def _model(model: StoredModel) -> Json:
    return {"id": model.id, "key": model.key, "name": model.name, "model": model.model}


def _listing(listing: Listing) -> Json:
    return {
        "url": listing.base_url,
        "type": listing.type,
        "problem": listing.problem,
        "models": [{"model": offered.model, "context_length": offered.context_length} for offered in listing.models],
    }
