"""Several turns: a conversation is a list of messages, and each answer is added to it.

export DASHSCOPE_API_KEY=…
python -m examples.conversation
"""

import asyncio
import os
import sys

from user_agent import RolePlay
from user_agent.messages import user_message
from user_agent.transcript import Transcript

llm_config = {
    "model": os.environ.get("LLM_MODEL", "qwen3.6-plus"),
    "model_server": os.environ.get("LLM_SERVER", "dashscope"),
    "api_base": os.environ.get("LLM_BASE_URL"),
}

bot = RolePlay(llm=llm_config, function_list=["calculator"], language="en", environ=os.environ)


async def main() -> None:
    messages = ()
    for question in sys.argv[1:] or ["What is 17 * 23?", "And half of that?"]:
        conversation = Transcript([*messages, user_message(question)])
        async for event in bot.run(conversation.messages):
            conversation.add(event)
        messages = conversation.messages
        print(f"> {question}\n{conversation.text}")


if __name__ == "__main__":
    asyncio.run(main())
