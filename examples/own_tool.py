"""A function of one's own as a tool: a docstring for the model, type hints for its arguments, and `@tool`.

export DASHSCOPE_API_KEY=…
python -m examples.own_tool
"""

import os
from typing import Annotated

from pydantic import Field

from user_agent import RolePlay, tool


@tool
async def renew_instance(
    instance_id: Annotated[str, Field(description="The id of the ECS instance, such as i-rj90a7e840y5cde")],
    period: Annotated[int, Field(description="For how many months", ge=1)],
) -> str:
    """Renew an ECS instance. Call it only when both the instance and the period are known."""
    return f"已完成 ECS 实例 {instance_id} 的续费，续费时长 {period} 个月。"


llm_config = {
    "model": os.environ.get("LLM_MODEL", "qwen3.6-plus"),
    "model_server": os.environ.get("LLM_SERVER", "dashscope"),
    "api_base": os.environ.get("LLM_BASE_URL"),
}

bot = RolePlay(
    llm=llm_config,
    function_list=[renew_instance],
    instruction="你扮演一个云服务助手，帮助用户续费 ECS 实例。",
    environ=os.environ,
)

if __name__ == "__main__":
    answer = bot.run_sync("请帮我续费一台ECS实例，实例id是：i-rj90a7e840y5cde，续费时长22个月", on_event=print)
    print(answer.text)
