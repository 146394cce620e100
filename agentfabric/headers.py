"""What browsers are told about every answer."""

RawHeaders = list[tuple[bytes, bytes]]

PAGE_POLICY = (
    # Gradio needs inline and evaluated scripts; pictures and requests stay on this origin.
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; "
    "object-src 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""For what is no page: should a browser show it as one, nothing in it runs, loads or is sent."""

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def security_headers(path: str) -> RawHeaders:
    """The headers of an answer under `path`."""
    policy = DATA_POLICY if path.startswith("/api/") else PAGE_POLICY
    return [(b"content-security-policy", policy.encode()), *_ALWAYS]
