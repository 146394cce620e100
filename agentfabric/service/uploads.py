"""Files that a person sent, put into the store."""

from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.records import FilePurpose
from user_agent.serve.uploads import Upload


async def kept(
    upload: Upload, files: FileStore, user: str, purpose: FilePurpose, agent_id: str, conversation_id: str | None = None
) -> StoredFile:
    """The file in the store, as one of this agent's or of this conversation's."""
    return await files.add(
        user,
        purpose=purpose,
        name=upload.name,
        media_type=upload.media_type,
        data=upload.data,
        agent_id=agent_id,
        conversation_id=conversation_id,
    )
