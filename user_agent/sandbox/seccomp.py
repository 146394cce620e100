"""System calls that code in the sandbox has no use for, and that have been ways out of sandboxes."""

import contextlib
import errno
import os

_DENIED = (
    # Namespaces, mounts and roots: the ones that are there are the only ones.
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig"),
    *("fsmount", "fspick", "mount_setattr"),
    # Other processes, and the kernel's own rooms.
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "bpf", "perf_event_open", "userfaultfd"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff"),
    *("acct", "syslog", "quotactl", "open_by_handle_at", "name_to_handle_at", "personality", "lookup_dcookie"),
    *("fanotify_init", "settimeofday", "clock_settime", "adjtimex"),
    # Memory that no limit on a process counts.
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget"),
)
_CLONE_NEWUSER = 0x10000000


def filter_file() -> int | None:
    """A descriptor of the filter, for bubblewrap; who asked closes it. None where libseccomp is not to be had."""
    try:
        import pyseccomp  # pyright: ignore[reportMissingTypeStubs]
    except (ImportError, RuntimeError, OSError):
        return None
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _DENIED:
        with contextlib.suppress(OSError):  # a call that this machine's libseccomp has not heard of
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    no_user_namespace = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_NEWUSER, _CLONE_NEWUSER)
    rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", no_user_namespace)
    # Its flags lie in memory, where a filter does not see them: programs fall back to clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    descriptor = os.memfd_create("seccomp")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        rules.export_bpf(file)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
