"""The key of a model's entry: the variables that may hold it, and what is told of one that stands in the file."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from user_agent.config_files import told
from user_agent.words import Words

NO_KEY = SecretStr("EMPTY")
"""What a server that asks for no key is sent: the SDK demands that there is one."""

_IN_FILE = Words(
    zh="配置文件里直接写了 API Key。建议删掉它，改为设置环境变量 {env}，或在页面上填写（会加密保存）。",
    en="The key is written in the configuration file. Better remove it there, and set {env} in the environment or "
    "enter it on the page, where it is kept encrypted.",
)
_IN_FILE_WITHOUT_VARIABLE = Words(
    zh="配置文件里直接写了 API Key。建议删掉它，在这一项里用 api_key_env 写上一个环境变量的名字，再设置这个变量，"
    "或在页面上填写（会加密保存）。",
    en="The key is written in the configuration file. Better remove it there, name a variable in this entry's "
    "api_key_env, and set that variable in the environment or enter the key on the page, where it is kept encrypted.",
)
_NO_VARIABLE = Words(
    zh="api_key_env 必须以 _API_KEY 或 _TOKEN 结尾（例如 MY_MODEL_API_KEY），且不能是 AgentFabric 自己的变量，"
    "以免把这台机器上的其他秘密发给模型服务。请给变量改名，并改正这里",
    en="api_key_env must end in _API_KEY or _TOKEN, such as MY_MODEL_API_KEY, and be none of AgentFabric's own, so "
    "that no other secret of this machine is sent to an endpoint. Rename the variable, and write its new name here",
)
_VARIABLE = re.compile(r"(?!AGENTFABRIC_)[A-Za-z_][A-Za-z0-9_]*_(API_KEY|TOKEN)")


def _names_a_key(variable: str) -> str:
    if _VARIABLE.fullmatch(variable) is None:
        raise told(_NO_VARIABLE)
    return variable


KeyVariable = Annotated[str, AfterValidator(_names_a_key)]
"""The name of an environment variable that may be sent to an endpoint."""


def key_in_file(variable: str | None) -> Words:
    """What to do with a key that stands in an entry which names this variable, or none."""
    if variable is None:
        return _IN_FILE_WITHOUT_VARIABLE
    return Words(_IN_FILE.zh.format(env=variable), _IN_FILE.en.format(env=variable))
