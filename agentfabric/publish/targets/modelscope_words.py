"""What a person is told of a studio on ModelScope: what it needs, each step, and why it is not there."""

from collections.abc import Mapping, Sequence

from agentfabric.publish.targets.base import Choice, in_one_line
from user_agent.words import Words

TITLE = Words("魔搭创空间（访问令牌）", "A ModelScope studio, by a token")
HINT = Words(
    "新建或更新一个创空间：提交文件，填写你给出的密钥，部署，并等到它运行起来。",
    "Makes a studio or brings it up to date: sends the files, sets the keys that you enter, deploys it, and waits "
    "until it runs.",
)
STUDIO = Words("创空间", "Studio")
STUDIO_HINT = Words("名称，或 所有者/名称，例如 my-agent", "name or owner/name, such as my-agent")
VISIBILITY = Words("新创空间的可见性", "Who sees a new studio")
VISIBILITY_HINT = Words("已有的创空间保持原样。", "A studio that exists stays as it is.")
VISIBILITIES = (
    Choice("private", Words("仅所有者", "Its owner only")),
    Choice("protected", Words("所有人，文件不公开", "Everybody, but not its files")),
    Choice("public", Words("所有人，文件也公开", "Everybody, with its files")),
)
SDK = Words("运行方式", "How it runs")
SDK_HINT = Words(
    "用 Docker 镜像时，魔搭要求账号绑定阿里云并实名认证。",
    "For a Docker image, ModelScope wants an account that is linked to Alibaba Cloud and verified.",
)
SDKS = (
    Choice("docker", Words("自己的 Docker 镜像", "In a Docker image of its own")),
    Choice("gradio", Words("魔搭的 Gradio 镜像", "In ModelScope's Gradio image")),
)
TOKEN = Words("访问令牌", "Access token")
TOKEN_HINT = Words(
    "在魔搭的 个人中心 → 访问令牌 里新建，需要写入（write）权限。",
    "Make one that may write in your account's access tokens (访问令牌) on ModelScope.",
)
KEYS = Words("填到创空间里的密钥", "Keys to set in the studio")
KEYS_HINT = Words(
    "这里填写的值会作为密文变量发送到创空间，这里不保存；留空的不会发送，创空间里已有的保持原样。",
    "What you enter goes to the studio as a secret, and is not kept here. What you leave empty is not sent, and stays "
    "there as it is.",
)

LOOKING = Words("正在核对令牌。", "Checking the token.")
MAKING = Words("正在准备创空间。", "Preparing the studio.")
SENDING = Words("正在上传并提交文件。", "Sending the files.")
DEPLOYING = Words("正在请求部署。", "Asking for its deployment.")
UNDER_WAY: Mapping[str, Words] = {
    "Initialized": Words("创空间在等待部署。", "The studio waits for its deployment."),
    "Building": Words("创空间正在构建。", "The studio is being built."),
    "Deploying": Words("创空间正在启动。", "The studio is starting."),
    "Stopping": Words("创空间正在停止之前的版本。", "The studio stops the version before."),
    "Duplicating": Words("创空间正在复制。", "The studio is being copied."),
}

NO_SDK = Words(
    "这台服务器上没有安装 modelscope-hub。请让运行它的人执行 pip install -r requirements-publish.txt。",
    "This server has no modelscope-hub. Ask whoever runs it to do: pip install -r requirements-publish.txt",
)
NO_NAME = Words(
    "创空间的名称不可用。请写成 名称 或 所有者/名称，只用字母、数字、点、下划线和短横线，名称不超过 64 个字符。",
    "The studio has no usable name. Write name or owner/name, with letters, digits, dots, underscores and hyphens; the "
    "name has 64 characters at most.",
)
TAKEN = Words(
    "这个创空间里是别的内容，不会被覆盖。请换一个名称。",
    "The studio holds something else, which is not written over. Choose another name.",
)
NOT_TAKEN = Words(
    "魔搭不接受这个令牌。请检查它，或新建一个有写入权限的令牌。",
    "ModelScope does not take this token. Check it, or make one that may write.",
)
NOT_THERE = Words(
    "找不到这个创空间或它的所有者。请检查名称，以及令牌能否访问它。",
    "There is no such studio, or no such owner. Check the name, and that the token reaches it.",
)
MEANWHILE = Words(
    "有人同时修改了这个创空间。请再试一次；运行着的仍是之前的版本。",
    "Somebody changed the studio in the meantime. Try again; what runs there is the version before.",
)
TOO_OFTEN = Words(
    "魔搭认为请求太频繁。请过几分钟再试；运行着的仍是之前的版本。",
    "ModelScope was asked too often. Try again in some minutes; what runs there is the version before.",
)
BROKEN = Words(
    "魔搭出了故障。请稍后再试；运行着的仍是之前的版本。",
    "ModelScope has trouble. Try again later; what runs there is the version before.",
)


def setting(names: Sequence[str]) -> Words:
    every = ", ".join(names)
    return Words(f"正在填写密钥：{every}。", f"Setting keys: {every}.")


def keys_missing(names: Sequence[str], settings: str) -> Words:
    every = ", ".join(names)
    return Words(
        f"创空间还缺少密钥：{every}。请在这里填写后再发布，或在 {settings} 的密文变量里填写，然后重启。",
        f"The studio lacks keys: {every}. Enter them here and publish again, or among the secrets at {settings}, and "
        "restart it.",
    )


def other(status: str) -> Words:
    """Of a state that this version knows nothing about."""
    word = in_one_line(status)
    return Words(f"魔搭报告的状态：{word}。", f"ModelScope calls its state {word!r}.")


def asleep(address: str) -> Words:
    return Words(
        f"文件已更新，但创空间没有运行。请在 {address} 里启动它。",
        f"The files are there, but the studio does not run. Start it at {address}.",
    )


def still_building(address: str) -> Words:
    return Words(
        f"文件已在，创空间还没有部署完。进展见 {address} 。",
        f"The files are there, and the studio is not deployed yet. See how it goes at {address}.",
    )


def not_running(said: str, log: Sequence[str], address: str) -> Words:
    """Of a studio that has the files, and does not run. `said` is the hub's sentence, `log` the end of its log."""
    why, told = in_one_line(said), " / ".join(each for each in map(in_one_line, log) if each)
    zh, en = (f"日志的最后几行：{told}。", f" The end of its log: {told}.") if told else ("", "")
    return Words(
        f"文件已提交，但创空间没有运行起来：{why}。{zh}完整日志和历史在 {address} 。",
        f"The files were committed, but the studio does not run: {why}.{en} All of the log, and the versions before, "
        f"are at {address}.",
    )


def not_allowed(said: str) -> Words:
    why = in_one_line(said)
    return Words(
        f"魔搭不允许这样做：{why}。请检查所有者、令牌的写入权限，以及账号是否满足要求。",
        f"ModelScope does not allow it: {why}. Check the owner, that the token may write, and what ModelScope wants of "
        "the account.",
    )


def name_taken(said: str) -> Words:
    """Of a name that the hub gives to no new studio, while the token sees none of that name."""
    why = in_one_line(said)
    return Words(
        f"魔搭没有给出这个名称：{why}。请换一个名称。",
        f"ModelScope does not give this name: {why}. Choose another one.",
    )


def no_quota(said: str) -> Words:
    why = in_one_line(said)
    return Words(
        f"魔搭的额度已用完：{why}。运行着的仍是之前的版本。",
        f"What ModelScope allows this account is used up: {why}. What runs there is the version before.",
    )


def odd(said: str) -> Words:
    why = in_one_line(said)
    return Words(
        f"魔搭没有接受：{why}。运行着的仍是之前的版本。",
        f"ModelScope did not take it: {why}. What runs there is the version before.",
    )


def unreachable(hub: str) -> Words:
    return Words(
        f"无法访问 {hub}，或连接中断。请稍后再试：已经在那里的不会再发送一次。",
        f"{hub} cannot be reached, or the connection broke. Try again later: what is there is not sent twice.",
    )


def elsewhere(hub: str) -> Words:
    return Words(
        f"{hub} 把请求转到了别的地址，这里不会跟随。请运行这台服务器的人检查 MODELSCOPE_BASE_URL。",
        f"{hub} sends requests on to another address, which is not followed. Ask whoever runs this server to look at "
        "MODELSCOPE_BASE_URL.",
    )


def no_hub(hub: str) -> Words:
    return Words(
        f"{hub} 的回答不像魔搭。请运行这台服务器的人检查 MODELSCOPE_BASE_URL；运行着的仍是之前的版本。",
        f"{hub} does not answer as ModelScope does. Ask whoever runs this server to look at MODELSCOPE_BASE_URL; what "
        "runs there is the version before.",
    )
