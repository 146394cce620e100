"""The quick start in a plain script: `run_sync()` waits for the whole answer.

export DASHSCOPE_API_KEY=…
export AMAP_TOKEN=…
python -m examples.quick_start_sync
"""

import os
from pathlib import Path

from user_agent import RolePlay

llm_config = {
    "model": os.environ.get("LLM_MODEL", "qwen3.6-plus"),
    "model_server": os.environ.get("LLM_SERVER", "dashscope"),
    "api_base": os.environ.get("LLM_BASE_URL"),
}

bot = RolePlay(
    llm=llm_config,
    function_list=["amap_weather", "image_gen"],
    instruction="你扮演一个天气预报助手，你需要查询相应地区的天气，并调用给你的画图工具绘制一张城市的图。",
    environ=os.environ,
    output_folder=Path(os.environ.get("OUTPUT_FOLDER", "output")),
)

if __name__ == "__main__":
    answer = bot.run_sync("朝阳区天气怎样？")
    print(answer.text)
    print(f"({answer.usage.input_tokens} + {answer.usage.output_tokens} tokens)")
