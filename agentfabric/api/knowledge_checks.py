"""What an agent's knowledge is like: what is found, what contradicts itself, what is wrong and what would mend it."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter
from pydantic import Field

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.api.mcp import words_view
from agentfabric.service.knowledge_by_model import Outlook
from agentfabric.service.knowledge_care import AgentCare
from agentfabric.service.knowledge_checks import Checked
from builder_core.knowing import Problem
from user_agent.serve.bodies import Given

router = APIRouter(prefix="/api/agents/{agent_id}/knowledge", tags=["agents"])

Json = dict[str, Any]


class Judged(Given):
    """What a person says of a contradiction in the report."""

    key: Annotated[str, Field(max_length=64)]
    dismissed: bool


@router.get("/problems")
async def problems(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """What is wrong with what the agent knows, each with its `text`, and the `fix` where there is one: a file to be
    read again (`retry`), one to be taken out (`remove`), or settings of the search (`retrieval`)."""
    state = await AgentCare(studio.knowledge, user, agent_id).look()
    return [_problem(problem) for problem in state.problems]


@router.get("/check")
async def last_check(agent_id: str, studio: TheStudio, user: TheUser) -> Json | None:
    """What the agent's knowledge is like: for each file how many questions made from it find their passage again, and
    which do not; which files repeat which; which passages contradict which, in which words, where a model was asked.
    `stale`: something else is known by now. Null: it was not asked yet."""
    checked = await studio.knowledge.checks.last(user, agent_id)
    return _checked(checked) if checked else None


@router.post("/check")
async def check_knowledge(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Ask anew. This happens by itself whenever files have been read."""
    return _checked(await studio.knowledge.checks.check(user, agent_id))


@router.get("/check/model")
async def outlook(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """What it would cost at the most to have the agent's `model` ask `files` of its files questions and look for
    contradictions in `pairs` of passages: about so many `tokens`. `last` tells how far it is, or how it ended."""
    return _outlook(await studio.knowledge.by_model.outlook(user, agent_id))


@router.post("/check/model", status_code=202)
async def check_by_model(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Have the model do that, in the background. What it says is in the report of `GET …/check`, piece by piece."""
    return _outlook(await studio.knowledge.look_by_model(user, agent_id))


@router.delete("/check/model", status_code=204)
async def stop_check_by_model(agent_id: str, studio: TheStudio, user: TheUser) -> None:
    """End it. What the model said so far stays."""
    await studio.knowledge.by_model.stop(user, agent_id)


@router.put("/check/contradictions", status_code=204)
async def judge_contradiction(agent_id: str, judged: Judged, studio: TheStudio, user: TheUser) -> None:
    """Wave the contradiction with this key aside, or take that back. It stays so as long as both passages stand."""
    await studio.knowledge.checks.dismiss(user, agent_id, judged.key, dismissed=judged.dismissed)


def _problem(problem: Problem) -> Json:
    fix = problem.fix
    return {
        "id": problem.id,
        "kind": problem.kind,
        "text": words_view(problem.words),
        "fix": fix
        and {
            "text": words_view(fix.words),
            "retry": fix.retry or None,
            "remove": fix.without or None,
            "retrieval": fix.retrieval and fix.retrieval.model_dump(mode="json", exclude_none=True),
        },
    }


def _outlook(outlook: Outlook) -> Json:
    last = outlook.last
    return {
        "model": outlook.model,
        "files": outlook.files,
        "pairs": outlook.pairs,
        "tokens": outlook.tokens,
        "last": last
        and {
            "state": last.state,
            "model": last.model,
            "done": last.done,
            "steps": last.steps,
            "tokens": last.tokens,
            "reason": orjson.loads(last.reason) if last.reason else None,
        },
    }


def _checked(checked: Checked) -> Json:
    return {**checked.report.model_dump(mode="json"), "stale": checked.stale}
