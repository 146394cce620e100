"""One agent behind ASGI: what a bundle runs, and what the studio mounts for links, embeds and protocols."""
