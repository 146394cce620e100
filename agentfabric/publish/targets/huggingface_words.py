"""What a person is told of a Space: what it needs, each step, and why it is not there."""

from collections.abc import Mapping, Sequence

from agentfabric.publish.targets.base import Choice, in_one_line
from user_agent.words import Words

TITLE = Words("Hugging Face Space", "Hugging Face Space")
HINT = Words(
    "新建或更新一个 Docker Space，只提交一次，并等到它运行起来。密钥的值不会发送，请在 Space 的设置里填写。",
    "Makes a Docker Space or brings it up to date, in one commit, and waits until it runs. The values of keys are not "
    "sent: you enter them in the Space's settings.",
)
REPO = Words("Space", "Space")
REPO_HINT = Words("名称，或 所有者/名称，例如 my-agent", "name or owner/name, such as my-agent")
VISIBILITY = Words("新 Space 的可见性", "Who sees a new Space")
VISIBILITY_HINT = Words("已有的 Space 保持原样。", "A Space that exists stays as it is.")
VISIBILITIES = (
    Choice("private", Words("仅所有者", "Its owner only")),
    Choice("public", Words("所有人", "Everybody")),
)
TOKEN = Words("访问令牌", "Access token")
TOKEN_HINT = Words(
    "在 Hugging Face 的 Settings → Access Tokens 里新建，类型为 Write。",
    "Make one of the type Write in Settings → Access Tokens on Hugging Face.",
)

LOOKING = Words("正在核对令牌。", "Checking the token.")
MAKING = Words("正在准备 Space。", "Preparing the Space.")
SENDING = Words("正在上传并提交文件。", "Sending the files, in one commit.")
STAGES: Mapping[str, Words] = {
    "building": Words("Space 正在构建。", "The Space is being built."),
    "starting": Words("Space 正在启动。", "The Space is starting."),
}

NO_NAME = Words(
    "Space 的名称不可用。请写成 名称 或 所有者/名称，只用字母、数字、点、下划线和短横线。",
    "The Space has no usable name. Write name or owner/name, with letters, digits, dots, underscores and hyphens.",
)
READS_ONLY = Words(
    "这个令牌只能读取。请新建一个类型为 Write 的令牌。", "This token may only read. Make one of the type Write."
)
TAKEN = Words(
    "这个 Space 里是别的内容，不会被覆盖。请换一个名称。",
    "The Space holds something else, which is not written over. Choose another name.",
)
_NOT_TAKEN = Words(
    "Hugging Face 不接受这个令牌。请检查它，或新建一个类型为 Write 的令牌。",
    "Hugging Face does not take this token. Check it, or make one of the type Write.",
)
_NOT_ALLOWED = Words(
    "这个令牌不能写入这个 Space。请检查所有者和令牌的权限。",
    "This token may not write to the Space. Check the owner, and what the token may do.",
)
_NOT_PAID = Words(
    "Hugging Face 要求这个账号先订阅（PRO、Team 或 Enterprise）才能新建 Docker Space。请订阅，或发布到别处。",
    "Hugging Face wants a subscription of this account (PRO, Team or Enterprise) before it makes a Docker Space. Get "
    "one, or publish elsewhere.",
)
_NOT_THERE = Words(
    "找不到这个 Space 或它的所有者。请检查名称，以及令牌能否访问它。",
    "There is no such Space, or no such owner. Check the name, and that the token reaches it.",
)
_MEANWHILE = Words("有人同时修改了这个 Space。请再试一次。", "Somebody changed the Space in the meantime. Try again.")
_TOO_OFTEN = Words(
    "Hugging Face 认为请求太频繁。请过几分钟再试；之前的版本仍在。",
    "Hugging Face was asked too often. Try again in some minutes; the version before is still there.",
)
_BROKEN = Words(
    "Hugging Face 出了故障。请稍后再试；之前的版本仍在。",
    "Hugging Face has trouble. Try again later; the version before is still there.",
)
_BY_STATUS = {
    401: _NOT_TAKEN,
    402: _NOT_PAID,
    403: _NOT_ALLOWED,
    404: _NOT_THERE,
    409: _MEANWHILE,
    412: _MEANWHILE,
    429: _TOO_OFTEN,
}


def keys_missing(names: Sequence[str], settings: str) -> Words:
    every = ", ".join(names)
    return Words(
        f"请在 {settings} 的 Secrets 里填写：{every}。", f"Enter these among the secrets at {settings}: {every}."
    )


def asleep(address: str) -> Words:
    return Words(
        f"文件已更新，但 Space 已暂停。请在 {address} 里启动它。",
        f"The files are there, but the Space is paused. Start it at {address}.",
    )


def still_building(address: str) -> Words:
    return Words(
        f"文件已在，Space 还没有构建完。进展见 {address} 。",
        f"The files are there, and the Space is still being built. See how it goes at {address}.",
    )


def not_running(stage: str, said: str, address: str) -> Words:
    """Of a Space that has the files, and does not run."""
    why = in_one_line(said) or stage
    return Words(
        f"文件已提交，但 Space 没有运行起来：{why}。日志在 {address}?logs=build ；之前的版本在它的历史里。",
        f"The files were committed, but the Space does not run: {why}. Its log is at {address}?logs=build; the version "
        "before is in its history.",
    )


def refused(status: int, said: str) -> Words:
    """Of an answer of the hub that is none. `said` is its own sentence."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return odd(said) if status < 500 else _BROKEN


def odd(said: str) -> Words:
    why = in_one_line(said)
    return Words(
        f"Hugging Face 没有接受这些文件：{why}。之前的版本仍在。",
        f"Hugging Face did not take the files: {why}. The version before is still there.",
    )


def unreachable(endpoint: str) -> Words:
    return Words(
        f"无法访问 {endpoint}，或连接中断。请稍后再试：已经在那里的不会再发送一次。",
        f"{endpoint} cannot be reached, or the connection broke. Try again later: what is there is not sent twice.",
    )


def no_hub(endpoint: str) -> Words:
    return Words(
        f"{endpoint} 的回答不像 Hugging Face。请运行这台服务器的人检查 HUGGINGFACE_BASE_URL；之前的版本仍在。",
        f"{endpoint} does not answer as Hugging Face does. Ask whoever runs this server to look at "
        "HUGGINGFACE_BASE_URL; the version before is still there.",
    )
