"""DashScope's temporary storage, for its services that take addresses only: a file is there for two days.

Wire: help.aliyun.com/zh/model-studio/get-temporary-file-url. Only the account that put a file there can use it, and
only with the model it was put there for; nobody can read or list it.
"""

import secrets
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from user_agent.vendors.dashscope import VENDOR, Desk

UPLOAD_TIMEOUT_S = 60.0


class _Policy(BaseModel):
    """The vendor's leave to put one file into a folder."""

    policy: str
    signature: str
    upload_dir: str
    upload_host: str
    oss_access_key_id: str
    x_oss_object_acl: str
    x_oss_forbid_overwrite: str


async def stored(desk: Desk, data: bytes, *, name: str) -> str:
    """The `oss://` address of the bytes, for `desk`'s model. Raises `ToolError`.

    `name` is ours and plain: what a person called the file stays here.
    """
    reply = await desk.send("GET", "uploads", params={"action": "getPolicy", "model": desk.model})
    try:
        policy = _Policy.model_validate(reply.data)
    except ValidationError as error:
        raise desk.refused("failed", VENDOR[desk.context.language]) from error
    key = f"{policy.upload_dir}/{name}"
    fields = {
        "OSSAccessKeyId": policy.oss_access_key_id,
        "Signature": policy.signature,
        "policy": policy.policy,
        "x-oss-object-acl": policy.x_oss_object_acl,
        "x-oss-forbid-overwrite": policy.x_oss_forbid_overwrite,
        "key": key,
        "success_action_status": "200",
    }
    boundary = secrets.token_hex(16)
    # The vendor chose the address, so it is asked as any other that somebody chose, and gets no key of ours.
    await desk.context.http.fetch(
        policy.upload_host,
        method="POST",
        headers={"content-type": f"multipart/form-data; boundary={boundary}"},
        body=_form(fields, data, name=name, boundary=boundary),
        max_redirects=0,
        of_vendor=True,
        total_timeout_s=UPLOAD_TIMEOUT_S,
        language=desk.context.language,
    )
    return f"oss://{key}"


def _form(fields: Mapping[str, str], data: bytes, *, name: str, boundary: str) -> bytes:
    """A form with the file as its last field, as the storage demands (RFC 7578)."""
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    )
    file = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return (head + file).encode() + data + f"\r\n--{boundary}--\r\n".encode()
