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

_ANSWERED = re.compile(r"\berror:? (\d{3})\b")
"""As git writes what a server answered: `The requested URL returned error: 403`."""


def unreachable(host: str) -> Words:
    return Words(
        f"无法访问 {host}，或者这个地址不允许访问。请检查网址。",
        f"{host} cannot be reached, or may not be asked. Check the address.",
    )


def refused(said: str, host: str) -> Words:
    """Why git did not do it. Its own words name the repository and nothing secret."""
    low = said.lower()
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
    if "rejected" in low or "non-fast-forward" in low:
        return Words(
            "仓库拒绝了推送：有人同时写入，或分支受保护。请再试一次，或换一个分支。",
            "The repository refused the push: somebody wrote meanwhile, or the branch is protected. Try again, or "
            "choose another branch.",
        )
    return Words(
        "git 没有成功。请检查网址和令牌后再试。", "Git did not succeed. Check the address and the token, and try again."
    )
