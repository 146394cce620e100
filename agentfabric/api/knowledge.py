"""What an agent knows: its files, how far each is, and what a question finds in them."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import Field

from agentfabric.api.bodies import FILES, TheStudio, TheUser, an_object, described, files_of
from agentfabric.api.mcp import words_view
from agentfabric.api.originals import handed_out, original_view
from agentfabric.store.readings import KnownFile
from user_agent.knowledge.index import Hit
from user_agent.knowledge.passages import Passage
from user_agent.serve.bodies import Given, read_body

router = APIRouter(prefix="/api/agents/{agent_id}/knowledge", tags=["agents"])

Json = dict[str, Any]

MAX_HITS = 50
MAX_PASSAGES = 200


_Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=20)]
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_QUESTION = an_object(query=_TEXT, limit={"type": "integer"}, files=_TEXTS, tags=_TEXTS)


class Question(Given):
    """A search: among the files of these ids, or with one of these tags; without both, among all."""

    query: Annotated[str, Field(max_length=4_000)]
    limit: Annotated[int, Field(ge=1, le=MAX_HITS)] = 8
    files: Annotated[list[str], Field(max_length=1_000)] | None = None
    tags: _Tags | None = None


class Address(Given):
    url: Annotated[str, Field(max_length=2_000)]


class Resource(Given):
    """What an MCP server of the agent lists."""

    server: Annotated[str, Field(max_length=200)]
    uri: Annotated[str, Field(max_length=2_000)]


class Filed(Given):
    tags: _Tags


@router.get("")
async def list_knowledge(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The agent's files, each with its `state`: `queued`, `reading`, `indexing`, `ready`, `failed` with the `reason`,
    or `missing` where its content never came along. `progress` is from 0 to 1; `notes` say what could not be read."""
    return [file_view(file) for file in await studio.knowledge.all(user, agent_id)]


@router.post("", status_code=201, openapi_extra=described(form=an_object(files=FILES)))
async def add_knowledge(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> list[Json]:
    """Give the agent files to know, up to 20 at once. They are read from now on; `GET` tells how far they are."""
    return [file_view(file) for file in await studio.knowledge.add(user, agent_id, await files_of(request))]


@router.post("/addresses", status_code=201, openapi_extra=described(json=an_object(url=_TEXT)))
async def add_address(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> list[Json]:
    """Give the agent a web page to know, or the pages of its own site that a sitemap lists, up to 200."""
    address = await read_body(request, Address, 'The body is JSON with a "url".')
    return [file_view(file) for file in await studio.knowledge.add_address(user, agent_id, address.url)]


@router.post("/resources", status_code=201)
async def add_resource(agent_id: str, resource: Resource, studio: TheStudio, user: TheUser) -> list[Json]:
    """Give the agent a resource to know that one of its MCP servers lists. `…/refresh` has it fetched anew."""
    return [
        file_view(file) for file in await studio.knowledge.add_resource(user, agent_id, resource.server, resource.uri)
    ]


@router.post("/search", openapi_extra=described(json=_QUESTION))
async def search_knowledge(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> Json:
    """What the agent would find for a question: passages with their place and a `score` from 0 to 1, the best first.

    `engine` says which search was at work, `problem` why embeddings or a reranker were not although they are set.
    """
    question = await read_body(request, Question, 'The body is JSON with a "query".')
    found = await studio.knowledge.search(
        user, agent_id, question.query, limit=question.limit, files=question.files, tags=question.tags
    )
    names = {file.id: file.name for file in await studio.knowledge.all(user, agent_id)}
    return {
        "hits": [hit_view(hit, names) for hit in found.hits if hit.file in names],
        "engine": found.engine,
        "reranked": found.reranked,
        "problem": words_view(found.problem),
    }


@router.get("/statistics")
async def knowledge_statistics(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """How much of the agent's files can be found: those that were read, their passages, and about how many tokens they
    are. `with_vectors` are the passages that embeddings find, too; `embedding` and `reranker` name the models that are
    at work, `problem` says why what was chosen is not."""
    known = await studio.knowledge.statistics(user, agent_id)
    return {
        "files": known.statistics.files,
        "passages": known.statistics.passages,
        "tokens": known.statistics.tokens,
        "with_vectors": known.statistics.with_vectors,
        "embedding": known.finding.embedding,
        "reranker": known.finding.reranker,
        "problem": words_view(known.problem),
    }


@router.get("/models")
async def finding_models(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """The embedding models and rerankers that `retrieval` of a configuration may name, and the key that each waits
    for."""
    await studio.agents.get(user, agent_id)
    models = studio.knowledge.models
    return {
        "embedding": [asdict(each) for each in await models.embeddings(user)],
        "reranker": [asdict(each) for each in await models.rerankers(user)],
    }


@router.delete("/{knowledge_id}", status_code=204)
async def remove_knowledge(agent_id: str, knowledge_id: str, studio: TheStudio, user: TheUser) -> None:
    """The agent knows the file no more, at once."""
    await studio.knowledge.remove(user, agent_id, knowledge_id)


@router.get("/{knowledge_id}/passages")
async def list_passages(
    agent_id: str,
    knowledge_id: str,
    studio: TheStudio,
    user: TheUser,
    start: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PASSAGES)] = 50,
) -> Json:
    """What was made of a file: its passages in order, from number `start` on, and how many there are in `all`;
    `original` is the file itself, null where its content never came along."""
    file = await studio.knowledge.file(user, agent_id, knowledge_id)
    found = await studio.knowledge.passages(user, agent_id, knowledge_id, start, limit)
    original = None
    if not file.missing:
        original = await studio.originals.of(user, await studio.knowledge.kept(user, agent_id, knowledge_id))
    return {
        "all": file.passages,
        "passages": [passage_view(passage) for passage in found],
        "original": original and original_view(original, f"/api/agents/{agent_id}/knowledge/{knowledge_id}/content"),
    }


@router.get("/{knowledge_id}/content", response_class=Response)
async def get_knowledge_file(
    agent_id: str,
    knowledge_id: str,
    studio: TheStudio,
    user: TheUser,
    byte_range: Annotated[str, Header(alias="range")] = "",
) -> Response:
    """The file as it came, or as its address last had it. A PDF and a picture are shown in place, everything else is a
    download; parts are to be had by range."""
    file = await studio.knowledge.kept(user, agent_id, knowledge_id)
    return handed_out(studio.originals, user, await studio.originals.of(user, file), byte_range)


@router.post("/{knowledge_id}/retry")
async def retry_knowledge(agent_id: str, knowledge_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Read a file again that could not be read."""
    return file_view(await studio.knowledge.retry(user, agent_id, knowledge_id))


@router.post("/{knowledge_id}/cancel")
async def cancel_knowledge(agent_id: str, knowledge_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Leave a file unread that waits or is being read."""
    return file_view(await studio.knowledge.cancel(user, agent_id, knowledge_id))


@router.post("/{knowledge_id}/refresh")
async def refresh_knowledge(agent_id: str, knowledge_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Fetch a page anew. What was read of it before is found until it is read."""
    return file_view(await studio.knowledge.refresh(user, agent_id, knowledge_id))


@router.put("/{knowledge_id}/tags", openapi_extra=described(json=an_object(tags=_TEXTS)))
async def tag_knowledge(agent_id: str, knowledge_id: str, request: Request, studio: TheStudio, user: TheUser) -> Json:
    """File it under these tags, and no others: a question can be asked among the files of a tag."""
    filed = await read_body(request, Filed, 'The body is JSON with "tags", up to 20 of up to 60 characters.')
    return file_view(await studio.knowledge.file_under(user, agent_id, knowledge_id, filed.tags))


def file_view(file: KnownFile) -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "size_bytes": file.size_bytes,
        "state": "missing" if file.missing else file.state,
        "progress": file.progress,
        "reason": words_view(file.reason),
        "notes": [words_view(note) for note in file.notes],
        "passages": file.passages,
        "source": file.source,
        "tags": list(file.tags),
    }


def hit_view(hit: Hit, names: dict[str, str]) -> Json:
    return {"file": hit.file, "name": names[hit.file], "score": hit.score, **passage_view(hit.passage)}


def passage_view(passage: Passage) -> Json:
    place = passage.place
    return {
        "number": passage.number,
        "text": passage.text,
        "kind": passage.kind,
        "place": {
            "start": place.start,
            "end": place.end,
            "headings": list(place.headings),
            "page": place.page,
            "sheet": place.sheet,
            "member": place.member,
        },
    }
