"""The quick start: a role, a model and two tools; what the agent does comes as events.

export DASHSCOPE_API_KEY=…    # https://bailian.console.aliyun.com/?tab=model#/api-key
export AMAP_TOKEN=…           # https://console.amap.com/dev/key/app
python -m examples.quick_start
"""

import asyncio
import os
from pathlib import Path

from user_agent import RolePlay
from user_agent.events import TextDelta, ToolFinished, ToolStarted

role_template = "你扮演一个天气预报助手，你需要查询相应地区的天气，并调用给你的画图工具绘制一张城市的图。"

llm_config = {
    "model": os.environ.get("LLM_MODEL", "qwen3.6-plus"),
    "model_server": os.environ.get("LLM_SERVER", "dashscope"),
    "api_base": os.environ.get("LLM_BASE_URL"),  # the provider's own where it is not set
}

function_list = ["amap_weather", "image_gen"]

OUTPUT = Path(os.environ.get("OUTPUT_FOLDER", "output"))

bot = RolePlay(
    llm=llm_config,
    function_list=function_list,
    instruction=role_template,
    environ=os.environ,
    output_folder=OUTPUT,
)


async def main() -> None:
    async for event in bot.run("朝阳区天气怎样？"):
        match event:
            case TextDelta():
                print(event.text, end="", flush=True)
            case ToolStarted():
                print(f"[{event.name} {event.arguments}]")
            case ToolFinished():
                print(f"[{event.output}]", *(OUTPUT / file.name for file in event.files))
            case _:
                pass
    print()


if __name__ == "__main__":
    asyncio.run(main())
