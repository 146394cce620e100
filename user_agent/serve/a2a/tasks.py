"""What became of tasks, kept for those who began them: where processes share the notes, each knows all of them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar

from a2a.server.cluster.event_stream import TaskEventStream, VersionedEvent
from a2a.server.cluster.task_store import ConcurrentTaskModificationError, StoredTask, VersionedTaskStore
from a2a.server.cluster.version import TaskVersion
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import (
    ListTasksRequest,
    ListTasksResponse,
    Message,
    Part,
    Role,
    Task,
    TaskArtifactUpdateEvent,
    TaskState,
    TaskStatus,
)

from user_agent.errors import Conflict, Interrupted
from user_agent.serve.brief_notes import BriefNotes, Note
from user_agent.serve.keyed import Opened

OPENED = "agentfabric.opened"
"""Where a request carries what its key opens."""
ASKING: ContextVar[ServerCallContext] = ContextVar("asking")
"""The request that is answered, for what the SDK tells nothing of it."""
MAX_TASKS = 100
"""Of one caller."""
WRITES_EVERY_S = 1.0
"""How often an answer that grows is written down; what its task comes to be is at once."""
LOST_S = 60.0
"""After how long without a sign of life a task counts as ended with the process that worked on it."""
LOOK_S = 0.5
"""How often it is looked how a task of another process goes."""
_OPEN = (TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING)
_ENDED = (
    TaskState.TASK_STATE_COMPLETED,
    TaskState.TASK_STATE_CANCELED,
    TaskState.TASK_STATE_FAILED,
    TaskState.TASK_STATE_REJECTED,
)
_LOST = "The server that worked on this task ended. Ask again."


class _Version(TaskVersion):
    """A version of a note; none is the SDK's `MISSING`."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Tasks(VersionedTaskStore):
    """The tasks of every caller, among their notes."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._written: dict[str, float] = {}

    async def save(
        self,
        task: Task,
        *,
        event: Event | None,
        prev: Task | None,
        prev_version: TaskVersion,
        context: ServerCallContext,
    ) -> TaskVersion:
        moment = self._clock()
        self._written = {name: at for name, at in self._written.items() if at > moment - WRITES_EVERY_S}
        if isinstance(event, TaskArtifactUpdateEvent) and task.id in self._written:
            return prev_version
        notes = _notes(context)
        try:
            if task.status.state == TaskState.TASK_STATE_CANCELED:
                return await self._cancel(notes, task)
            follows = prev_version.number if isinstance(prev_version, _Version) else 0
            version = await notes.put("task", task.id, _kept(task), follows=follows, at_most=MAX_TASKS)
        except Conflict as error:
            raise ConcurrentTaskModificationError(task.id) from error
        self._written[task.id] = moment
        return _Version(version)

    async def get(self, task_id: str, context: ServerCallContext) -> StoredTask | None:
        note = await _notes(context).get("task", task_id)
        return note and _stored(note)

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        """As the SDK filters, sorts and pages those that it has in memory."""
        found = InMemoryTaskStore()
        for note in await _notes(context).all("task"):
            await found.save(_stored(note).task, context)
        return await found.list(params, context)

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        await _notes(context).delete("task", task_id)

    async def require_going(self, notes: BriefNotes, task_id: str) -> None:
        """Tell that the task is worked on. Raises `Interrupted` where somebody has ended it."""
        await notes.touch("task", task_id)
        note = await notes.get("task", task_id)
        if note is not None and Task.FromString(note.body).status.state in _ENDED:
            raise Interrupted("The task was cancelled.")

    async def _cancel(self, notes: BriefNotes, task: Task) -> TaskVersion:
        """A task that is cancelled takes the place of one that has not ended, whichever version that is.

        Raises `Conflict` where it has, and where it is written again and again.
        """
        for _ in range(5):
            note = await notes.get("task", task.id)
            if note is None or _stored(note).task.status.state in _ENDED:
                break
            try:
                return _Version(await notes.put("task", task.id, _kept(task), follows=note.version, at_most=MAX_TASKS))
            except Conflict:
                continue
        raise Conflict(f"The task {task.id!r} has ended.")


class Elsewhere(TaskEventStream):
    """How tasks go that other processes work on: whoever subscribes is sent the task each time that it has changed."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    async def publish(self, task_id: str, event: VersionedEvent) -> None:
        """Others look at what is written."""

    async def subscribe(self, task_id: str, *, after: TaskVersion) -> AsyncGenerator[VersionedEvent, None]:
        context = ASKING.get()
        seen = after
        while (stored := await self._tasks.get(task_id, context)) is not None:
            if stored.version.is_after(seen):
                seen = stored.version
                yield VersionedEvent(stored.task, seen)
            await asyncio.sleep(LOOK_S)

    async def destroy(self, task_id: str) -> None:
        """Nothing is held."""


def _notes(context: ServerCallContext) -> BriefNotes:
    opened: Opened = context.state[OPENED]
    return opened.notes


def _stored(note: Note) -> StoredTask:
    task = Task.FromString(note.body)
    if task.status.state in _OPEN and note.age_s > LOST_S:
        said = Message(
            message_id=f"{task.id}-lost", context_id=task.context_id, role=Role.ROLE_AGENT, parts=[Part(text=_LOST)]
        )
        said.task_id = task.id
        task.status.CopyFrom(TaskStatus(state=TaskState.TASK_STATE_FAILED, message=said))
        return StoredTask(task, _Version(note.version + 1))
    return StoredTask(task, _Version(note.version))


def _kept(task: Task) -> bytes:
    """The task without the contents of files that its client sent along: nobody reads them here again."""
    kept = Task()
    kept.CopyFrom(task)
    for message in kept.history:
        for part in message.parts:
            if part.WhichOneof("content") == "raw":
                part.raw = b""
    return kept.SerializeToString()
