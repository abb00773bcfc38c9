"""Who may read a file with a secret. Pure: it knows files, and no socket."""

from __future__ import annotations

import os
from pathlib import Path


def is_private(path: Path, status: os.stat_result) -> bool:
    """Whether only its owner has access to the file, or it is a secret as a container mounts it."""
    return os.name != "posix" or not status.st_mode & 0o077 or _is_mounted(path, status)


def why_unreadable(path: Path, error: OSError) -> str:
    """Why the file could not be read. If this user may not read it: also whose it is, and who asks."""
    reason = os.strerror(error.errno or 0)
    if not isinstance(error, PermissionError) or os.name != "posix":
        return reason
    try:
        status = path.stat()
    except OSError:
        return f"{reason}; this process has the uid {os.geteuid()}"
    return (
        f"{reason}; it belongs to the uid {status.st_uid}, with mode {status.st_mode & 0o7777:04o}, "
        f"and this process has the uid {os.geteuid()}"
    )


def _is_mounted(path: Path, status: os.stat_result) -> bool:
    """Whether the file is a secret as Docker, Podman and Kubernetes mount it: of root, and only root may write it.

    Its mode (0444, or 0440 with a group) lets every user read it. In a container that is the container's user only. On
    a machine with several users it is a mistake. It is a mistake too if the process itself could change the mode.
    """
    is_of_root = status.st_uid == 0 and not status.st_mode & 0o033
    return is_of_root and _in_container() and (os.geteuid() != 0 or bool(os.statvfs(path).f_flag & os.ST_RDONLY))


def _in_container() -> bool:
    """Whether the process runs in a container: by the marks of Docker, Podman, Kubernetes and systemd."""
    marks = (Path("/.dockerenv"), Path("/run/.containerenv"), Path("/run/systemd/container"))
    return "KUBERNETES_SERVICE_HOST" in os.environ or "container" in os.environ or any(mark.exists() for mark in marks)
