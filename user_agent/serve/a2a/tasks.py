"""What became of tasks, kept in memory for those who began them: only so many, and the oldest are forgotten first."""

from collections import Counter, OrderedDict

from a2a.server.context import ServerCallContext
from a2a.server.owner_resolver import resolve_user_scope
from a2a.server.tasks import InMemoryTaskStore, TaskStore
from a2a.types import ListTasksRequest, ListTasksResponse, Task

MAX_TASKS = 1_000
MAX_TASKS_OF_ONE = 100


class BoundedTasks(TaskStore):
    """The SDK's store, which would keep everything for ever."""

    def __init__(self) -> None:
        self._store = InMemoryTaskStore()
        self._contexts: OrderedDict[str, ServerCallContext] = OrderedDict()

    async def save(self, task: Task, context: ServerCallContext) -> None:
        await self._store.save(task, context)
        self._contexts[task.id] = ServerCallContext(user=context.user)
        self._contexts.move_to_end(task.id)
        count: Counter[str] = Counter()
        for place, (task_id, owner) in enumerate(reversed([*self._contexts.items()])):
            name = resolve_user_scope(owner)
            count[name] += 1
            if place >= MAX_TASKS or count[name] > MAX_TASKS_OF_ONE:
                del self._contexts[task_id]
                await self._store.delete(task_id, owner)

    async def get(self, task_id: str, context: ServerCallContext) -> Task | None:
        return await self._store.get(task_id, context)

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        return await self._store.list(params, context)

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        self._contexts.pop(task_id, None)
        await self._store.delete(task_id, context)
