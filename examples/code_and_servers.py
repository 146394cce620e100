"""An agent that runs code in a sandbox and asks an MCP server, kept open from one message to the next.

python app.py install-sandbox    # once, on Linux: where the code runs (docs/sandbox.md)
pip install mcp-server-time      # an MCP server that is a program on this machine
export DASHSCOPE_API_KEY=…
python -m examples.code_and_servers
"""

import asyncio
import os
import sys
from pathlib import Path

from user_agent import RolePlay
from user_agent.messages import ToolCallPart, user_message
from user_agent.transcript import Transcript

llm_config = {
    "model": os.environ.get("LLM_MODEL", "qwen3.6-plus"),
    "model_server": os.environ.get("LLM_SERVER", "dashscope"),
    "api_base": os.environ.get("LLM_BASE_URL"),
}


def allow(call: ToolCallPart) -> bool:
    """What no tool may do without leave. This server does not say that its tools only read, but that is known."""
    return call.name.startswith("time__")


bot = RolePlay(
    llm=llm_config,
    function_list=["code_interpreter"],
    # As in the studio, and as in other programs. It only names the command: what may be started is said here alone.
    config={"mcpServers": {"time": {"command": "time"}}},
    mcp_commands={"time": ["mcp-server-time"]},
    sandbox=Path(os.environ.get("SANDBOX", "~/.agentfabric/sandbox/environment")),
    output_folder=Path(os.environ.get("OUTPUT_FOLDER", "output")),
    language="en",
    environ=os.environ,
    allow=allow,
)


async def main() -> None:
    messages = ()
    async with bot.opened() as playing:
        for question in sys.argv[1:] or ["What is 6 times 7?", "What time is it in Hangzhou, and what is one more?"]:
            conversation = Transcript([*messages, user_message(question)])
            async for event in playing.run(conversation.messages):
                conversation.add(event)
            messages = conversation.messages
            print(f"> {question}\n{conversation.text}")


if __name__ == "__main__":
    asyncio.run(main())
