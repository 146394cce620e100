"""How much code in the sandbox may take."""

from dataclasses import dataclass

MEGABYTE = 1_000_000
_LIBRARIES_BYTES = 2_000 * MEGABYTE
"""What a process maps beside its data: shared libraries, thread stacks, pools that are hardly touched."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What holds for one conversation's sandbox."""

    run_s: float = 60.0
    """How long one piece of code may run."""
    memory_bytes: int = 1_000 * MEGABYTE
    """Of all its processes together."""
    disk_bytes: int = 300 * MEGABYTE
    """Of its work folder, with everything in it."""
    files: int = 2_000
    """How many files and folders there may be."""
    file_bytes: int = 100 * MEGABYTE
    """Of one file."""
    scratch_bytes: int = 64 * MEGABYTE
    """Of /tmp, which lies in memory."""
    cpu_s: int = 600
    """Of one process, as long as it lives."""
    processes: int = 64
    """With their threads."""

    @property
    def of_process(self) -> dict[str, int]:
        """The limits that each process carries, named as in `resource`."""
        return {
            "AS": self.memory_bytes + _LIBRARIES_BYTES,
            "CPU": self.cpu_s,
            "FSIZE": self.file_bytes,
            "NPROC": self.processes,
            "NOFILE": 256,
        }
