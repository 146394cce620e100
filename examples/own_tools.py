"""Tools of one's own in one file, for the studio and for a script alike.

In the studio, every agent can be given them:

export AGENTFABRIC_TOOLS=examples/own_tools.py
python app.py

In a script:

export DASHSCOPE_API_KEY=…
python -m examples.own_tools
"""

import json
import os
import random
from pathlib import Path
from typing import Annotated

from pydantic import Field

from user_agent import RolePlay, Table, ToolContext, ToolOutput, tool
from user_agent.words import Words

SALES = (("杭州", "Hangzhou", 1_250_300.5), ("成都", "Chengdu", 980_400.0), ("深圳", "Shenzhen", 1_604_120.25))


@tool(
    label=Words(zh="销售报告", en="Sales report"),
    summary=Words(
        zh="列出各城市的销售额，并给出一份可以下载的报告。", en="Lists sales by city, with a report to keep."
    ),
    cost=Words(zh="免费", en="Free"),
)
async def sales_report(
    least: Annotated[
        float, Words(zh="只列出不低于这个数的城市", en="Only cities that sold at least so much"), Field(ge=0)
    ],
    context: ToolContext,
) -> ToolOutput:
    """List what each city sold, as a table and as a report.

    列出各城市的销售额：一张表和一份报告。
    """
    rows = [(zh if context.language == "zh" else en, sum_) for zh, en, sum_ in SALES if sum_ >= least]
    table = Table(["城市", "销售额"] if context.language == "zh" else ["City", "Sales"], rows)
    lines = [f"{city}: {sum_:,.2f}" for city, sum_ in rows]
    report = await context.keep("\n".join(lines).encode(), name="report.txt", media_type="text/plain")
    return ToolOutput(files=(report,), tables=(table,))


class Dice:
    """A tool as ModelScope-Agent had them: it goes on as it is."""

    name = "dice"
    description = "Throw dice and tell what came.\n\n掷骰子，并说出点数。"
    parameters = (
        {"name": "count", "type": "int", "description": "How many dice, 1 to 10", "required": True},
        {"name": "sides", "type": "int", "description": "How many sides each has", "required": False},
    )

    def call(self, params: str, **kwargs: object) -> str:
        """What came, as JSON. `params` is the JSON that the model wrote."""
        wanted = json.loads(params)
        thrown = [random.randint(1, int(wanted.get("sides", 6))) for _ in range(int(wanted["count"]))]  # noqa: S311  a game
        return json.dumps({"thrown": thrown, "sum": sum(thrown)})


TOOLS = [sales_report, Dice]

llm_config = {
    "model": os.environ.get("LLM_MODEL", "qwen3.6-plus"),
    "model_server": os.environ.get("LLM_SERVER", "dashscope"),
    "api_base": os.environ.get("LLM_BASE_URL"),
}

bot = RolePlay(
    llm=llm_config,
    function_list=TOOLS,
    instruction="你扮演一个销售助理。",
    environ=os.environ,
    output_folder=Path(os.environ.get("OUTPUT_FOLDER", "output")),
)

if __name__ == "__main__":
    answer = bot.run_sync("哪些城市的销售额超过一百万？再掷两个骰子。", on_event=print)
    print(answer.text)
