"""What a person is told of a repository: each step, and why it is not there."""

import re

from user_agent.words import Words

LOOKING = Words("正在查看仓库。", "Looking at the repository.")
COMMITTING = Words("正在提交文件。", "Committing the files.")
PUSHING = Words("正在推送。", "Pushing.")
NO_GIT = Words(
    "这台服务器上没有 git 程序。请让运行它的人安装。",
    "There is no git program on this server. Ask whoever runs it to install one.",
)
TOO_OLD = Words(
    "这台服务器上的 git 早于 2.37，不能保证令牌只发到核对过的地址。请让运行它的人更新 git。",
    "The git program on this server is older than 2.37, and would not keep to the address that was checked. Ask "
    "whoever runs it to update git.",
)
NOT_ENCRYPTED = Words(
    "http:// 地址不加密，令牌会被路上的人看到。请使用 https:// 地址；内部服务器请让运行这台服务器的人把它写进 "
    "AGENTFABRIC_TRUSTED_ORIGINS。",
    "An http:// address is not encrypted: whoever is on the way would read the token. Use its https:// address; for a "
    "server of your own network, whoever runs this one names it in AGENTFABRIC_TRUSTED_ORIGINS.",
)
NO_BRANCH = Words("分支名称不可用。请换成 main 这样的名称。", "The branch has no usable name. Use one such as main.")
TAKEN = Words(
    "这个分支里是别的内容，不会被覆盖。请选一个新的分支。",
    "The branch holds something else, which is not written over. Choose a new branch.",
)
TOO_LARGE = Words(
    "这个分支里的内容太大，不像是一个智能体。请选一个新的分支。",
    "The branch holds far more than an agent. Choose a new branch.",
)
TOO_SLOW = Words("仓库太久没有应答。请稍后再试。", "The repository took too long. Try again later.")

_BROKEN = re.compile(
    r"rpc failed|hung up|early eof|empty reply|connection reset|disconnect|(recv|send) failure|ssl|tls"
)
_ADDRESS = re.compile(r"'https?://[^']*'")
_ANSWERED = re.compile(r"\berror:? (\d{3})\b")
"""As git writes what a server answered: `The requested URL returned error: 403`."""


def unreachable(host: str) -> Words:
    return Words(
        f"无法访问 {host}，或者这个地址不允许访问。请检查网址。",
        f"{host} cannot be reached, or may not be asked. Check the address.",
    )


def refused(said: str, host: str) -> Words:
    """Why git did not do it. Its own words name the repository and nothing secret."""
    low = _ADDRESS.sub("", said.lower())  # whose words are the person's own
    if "failed to connect" in low or "couldn't connect" in low or "timed out" in low:
        return unreachable(host)
    code = found[1] if (found := _ANSWERED.search(low)) else ""
    if code in ("401", "403") or any(sign in low for sign in ("authentication failed", "could not read username")):
        return Words(
            "仓库不接受这个令牌。请检查令牌，以及它是否有写入权限。",
            "The repository does not take this token. Check it, and that it may write.",
        )
    if "not found" in low or code == "404":
        return Words("找不到这个仓库。请检查网址。", "There is no such repository. Check the address.")
    if "certificate" in low:
        return Words(
            f"无法与 {host} 建立可信的加密连接：它的证书不被信任。请检查网址。",
            f"{host} has no certificate that this server trusts. Check the address.",
        )
    if code[:1] == "5" or code == "429":
        return Words(
            f"{host} 正忙或出了故障（{code}）。请稍后再试；之前的版本仍在。",
            f"{host} is busy or out of order ({code}). Try again later; the version before is still there.",
        )
    if "rejected" in low or "non-fast-forward" in low:
        return Words(
            "仓库拒绝了推送：有人同时写入，或分支受保护。请再试一次，或换一个分支。",
            "The repository refused the push: somebody wrote meanwhile, or the branch is protected. Try again, or "
            "choose another branch.",
        )
    if _BROKEN.search(low):
        return Words(
            f"与 {host} 的连接中断了。请再试一次：已经送达的不会重复提交。",
            f"The connection to {host} broke. Try again: what did arrive is not committed twice.",
        )
    return Words(
        "git 没有成功。请检查网址和令牌后再试。", "Git did not succeed. Check the address and the token, and try again."
    )
