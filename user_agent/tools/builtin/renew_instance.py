"""The demonstration of ModelScope-Agent's papers and tutorials: renewing a cloud server, without renewing one."""

from typing import Annotated

from pydantic import BaseModel, Field

from user_agent.tools.base import Tool
from user_agent.words import FREE, Words


class Renewal(BaseModel):
    result: str


async def renew_instance(
    instance_id: Annotated[
        str,
        Words(zh="ECS 实例 ID，例如 i-rj90a7e840y5cde", en="Id of the ECS instance, e.g. i-rj90a7e840y5cde"),
        Field(min_length=1, max_length=128),
    ],
    period: Annotated[int, Words(zh="续费几个月", en="Months to renew for"), Field(ge=1, le=60)],
) -> Renewal:
    """Renew an Alibaba Cloud ECS instance. This is a demonstration: nothing is renewed or paid; tell the person so.

    续费一台阿里云 ECS 实例。这只是演示：不会真的续费，也不会扣钱，请把这一点告诉用户。
    """
    return Renewal(result=f"已完成ECS实例ID为{instance_id}的续费，续费时长{period}月")


RENEW_INSTANCE = Tool.from_function(
    renew_instance,
    name="RenewInstance",
    label=Words(zh="续费 ECS 实例（演示）", en="Renew an ECS instance (demo)"),
    summary=Words(
        zh="演示工具：照着真实接口回答一条确认信息，但不会真的续费，也不会扣钱。",
        en="A demonstration: it answers with a confirmation as the real service would, but renews and charges nothing.",
    ),
    effect="writes",
    cost=FREE,
)
