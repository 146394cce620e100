"""What a task is: one answer of the agent, told as the SDK's events."""

from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events.event_queue import EventQueue
from a2a.server.tasks import TaskUpdater
from a2a.types import Message as A2aMessage
from a2a.types import Part, Task, TaskState, TaskStatus
from a2a.utils.errors import ContentTypeNotSupportedError, InvalidParamsError
from google.protobuf.json_format import MessageToJson, ParseDict
from google.protobuf.struct_pb2 import Value

from user_agent.errors import Busy, FabricError, LimitReached, NotFound
from user_agent.messages import FilePart, Message, user_message
from user_agent.models.base import FileContent
from user_agent.serve.a2a.tasks import OPENED, Tasks
from user_agent.serve.answer import Answer
from user_agent.serve.brief_talks import alone, free, keep, messages_of
from user_agent.serve.keyed import Opened
from user_agent.serve.pictures import MAX_PICTURE_BYTES, MAX_PICTURES, picture_of
from user_agent.storable import cleaned
from user_agent.transcript import Transcript

MAX_CHARS = 100_000
MAX_SENT_BYTES = 5_000_000
"""How large a file that a tool made may be to be sent along."""
ANSWER = "answer"
RETRY_AFTER_S = "retry_after_s"
"""In the metadata of the message with which a task is rejected for now."""


class Executor(AgentExecutor):
    """Answers for whichever agent the caller's key opens."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        opened: Opened = context.call_context.state[OPENED]
        task, talk = context.task_id or "", context.context_id or ""
        updater = TaskUpdater(event_queue, task, talk)
        message, files = await _message(context.message)
        if context.current_task is None:
            begun = Task(id=task, context_id=talk, status=TaskStatus(state=TaskState.TASK_STATE_SUBMITTED))
            if context.message is not None:
                begun.history.append(context.message)
            await event_queue.enqueue_event(begun)
        await updater.start_work()
        try:
            async with alone(self._watched(opened, task), talk, task) as alone_in_it:
                answer = await self._answer(alone_in_it, updater, talk, message, files)
            # Told when the conversation is free: at once the client may go on with it.
            await self._tell_found(opened, updater, answer)
            if answer.waiting:
                await updater.requires_input(_said(updater, answer.text))
            else:
                await updater.complete()
        except LimitReached as error:
            await updater.reject(_said(updater, error.message, {RETRY_AFTER_S: error.retry_after_s}))
        except Busy as error:
            await updater.reject(_said(updater, error.message))
        except FabricError as error:
            await updater.failed(_said(updater, error.message))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        opened: Opened = context.call_context.state[OPENED]
        task, talk = context.task_id or "", context.context_id or ""
        # Who is told that it is cancelled goes on at once, when its run is only just ending.
        await free(opened.notes, talk, task)
        await TaskUpdater(event_queue, task, talk).cancel()

    def _watched(self, opened: Opened, task_id: str) -> Opened:
        """It ends also where another process was told to cancel the task."""

        async def still() -> None:
            await opened.still()
            await self._tasks.require_going(opened.notes, task_id)

        return replace(opened, still=still)

    async def _answer(
        self, opened: Opened, updater: TaskUpdater, talk: str, message: Message, files: dict[str, FileContent]
    ) -> Answer:
        """What was answered, and is kept."""
        earlier: Sequence[Message] = ()
        with suppress(NotFound):
            earlier = await messages_of(opened.notes, talk)
        transcript = Transcript((*earlier, message))
        answer = Answer((await opened.served.profile()).language)
        artifact = f"{ANSWER}-{updater.task_id}-{len(earlier)}"
        begun = fresh = False
        async with aclosing(opened.run(transcript.messages, files)) as batches:
            async for batch in batches:
                words: list[str] = []
                for event in batch:
                    transcript.add(event)
                    words.append(answer.add(event))
                if (text := "".join(words)) and not answer.waiting:
                    await updater.add_artifact([Part(text=text)], artifact, ANSWER, append=begun, last_chunk=False)
                    begun = fresh = True
                elif fresh and not batch:
                    # Of an answer that grows not every word is written down at once: a change of state is.
                    await updater.start_work()
                    fresh = False
        await keep(opened.notes, talk, transcript.messages)
        return answer

    async def _tell_found(self, opened: Opened, updater: TaskUpdater, answer: Answer) -> None:
        """What the answer cites, and the files that tools made for it."""
        if answer.citations:
            cited = [{"number": hit.number, "name": hit.name, "text": hit.text} for hit in answer.citations]
            part = Part(data=ParseDict({"citations": cited}, Value()), media_type="application/json")
            await updater.add_artifact([part], name="citations")
        for made in answer.files:
            if made.size_bytes <= MAX_SENT_BYTES:
                file = await opened.served.file(opened.caller, made.file)
                part = Part(raw=file.data, filename=file.name, media_type=file.media_type)
                await updater.add_artifact([part], name=file.name)


async def _message(message: A2aMessage | None) -> tuple[Message, dict[str, FileContent]]:
    """What the client says, as the agent reads it. Raises the SDK's errors."""
    words: list[str] = []
    pictures: list[tuple[FilePart, FileContent]] = []
    for part in message.parts if message else ():
        match part.WhichOneof("content"):
            case "text":
                words.append(cleaned(part.text))
            case "data":
                words.append(MessageToJson(part.data, ensure_ascii=False))
            case "raw" if len(part.raw) <= MAX_PICTURE_BYTES and len(pictures) < MAX_PICTURES:
                try:
                    pictures.append(await picture_of(part.raw, len(pictures) + 1))
                except FabricError as error:
                    raise ContentTypeNotSupportedError(message=error.message) from error
            case _:
                raise ContentTypeNotSupportedError(message="The agent reads text, JSON and pictures.")
    text = "\n\n".join(words)
    if not text.strip() and not pictures:
        raise InvalidParamsError(message="There is nothing to answer. Write a message.")
    if len(text) > MAX_CHARS:
        raise InvalidParamsError(message=f"The message is longer than {MAX_CHARS:,} characters. Send it in parts.")
    said = user_message(text, *(part for part, _ in pictures))
    return said, {part.file: content for part, content in pictures}


def _said(updater: TaskUpdater, text: str, about: dict[str, int] | None = None) -> A2aMessage:
    return updater.new_agent_message([Part(text=text)], metadata=about)
