"""What an agent knows: its files, how far each is, and what a question finds in them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from agentfabric.api.bodies import FILES, Given, TheStudio, TheUser, an_object, described, files_of, read_body
from agentfabric.api.mcp import words_view
from agentfabric.store.readings import KnownFile
from user_agent.knowledge.index import Hit
from user_agent.knowledge.passages import Passage

router = APIRouter(prefix="/api/agents/{agent_id}/knowledge", tags=["agents"])

Json = dict[str, Any]

MAX_HITS = 50
MAX_PASSAGES = 200


class Question(Given):
    """A search: `files` are the ids of those that it is among, without them all."""

    query: Annotated[str, Field(max_length=4_000)]
    limit: Annotated[int, Field(ge=1, le=MAX_HITS)] = 8
    files: Annotated[list[str], Field(max_length=1_000)] | None = None


@router.get("")
async def list_knowledge(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The agent's files, each with its `state`: `queued`, `reading`, `indexing`, `ready`, `failed` with the `reason`,
    or `missing` where its content never came along. `progress` is from 0 to 1; `notes` say what could not be read."""
    return [_file(file) for file in await studio.knowledge.all(user, agent_id)]


@router.post("", status_code=201, openapi_extra=described(form=an_object(files=FILES)))
async def add_knowledge(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> list[Json]:
    """Give the agent files to know, up to 20 at once. They are read from now on; `GET` tells how far they are."""
    return [_file(file) for file in await studio.knowledge.add(user, agent_id, await files_of(request))]


@router.post(
    "/search",
    openapi_extra=described(
        json=an_object(
            query={"type": "string"},
            limit={"type": "integer"},
            files={"type": "array", "items": {"type": "string"}},
        )
    ),
)
async def search_knowledge(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> Json:
    """What the agent would find for a question: passages with their place and a `score` from 0 to 1, the best first.

    `engine` says which search was at work, `problem` why embeddings or a reranker were not although they are set.
    """
    question = await read_body(request, Question, 'The body is JSON with a "query".')
    found = await studio.knowledge.search(user, agent_id, question.query, limit=question.limit, files=question.files)
    names = {file.id: file.name for file in await studio.knowledge.all(user, agent_id)}
    return {
        "hits": [_hit(hit, names) for hit in found.hits if hit.file in names],
        "engine": found.engine,
        "reranked": found.reranked,
        "problem": words_view(found.problem),
    }


@router.get("/statistics")
async def knowledge_statistics(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """How much of the agent's files can be found: those that were read, their passages, and about how many tokens they
    are. `with_vectors` are the passages that embeddings find, too."""
    known = await studio.knowledge.statistics(user, agent_id)
    return {
        "files": known.files,
        "passages": known.passages,
        "tokens": known.tokens,
        "with_vectors": known.with_vectors,
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
    """What was made of a file: its passages in order, from number `start` on, and how many there are in `all`."""
    file = await studio.knowledge.file(user, agent_id, knowledge_id)
    found = await studio.knowledge.passages(user, agent_id, knowledge_id, start, limit)
    return {"all": file.passages, "passages": [_passage(passage) for passage in found]}


@router.post("/{knowledge_id}/retry")
async def retry_knowledge(agent_id: str, knowledge_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Read a file again that could not be read."""
    return _file(await studio.knowledge.retry(user, agent_id, knowledge_id))


@router.post("/{knowledge_id}/cancel")
async def cancel_knowledge(agent_id: str, knowledge_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Leave a file unread that waits or is being read."""
    return _file(await studio.knowledge.cancel(user, agent_id, knowledge_id))


def _file(file: KnownFile) -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "size_bytes": file.size_bytes,
        "state": "missing" if file.missing else file.state,
        "progress": file.progress,
        "reason": words_view(file.reason),
        "notes": [words_view(note) for note in file.notes],
        "passages": file.passages,
    }


def _hit(hit: Hit, names: dict[str, str]) -> Json:
    return {"file": hit.file, "name": names[hit.file], "score": hit.score, **_passage(hit.passage)}


def _passage(passage: Passage) -> Json:
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
