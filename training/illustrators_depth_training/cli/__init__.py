"""The `illustrators-depth-training` command: one file per group of commands."""

from __future__ import annotations

import errno
import sys

from illustrators_depth.cli.run import EXIT_USER, run_app

__all__ = ["main"]


_REFUSALS = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO,
    errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG,
}  # fmt: skip


def main() -> None:
    """Entry point; a user's mistake prints one sentence and exits with code 2."""
    from .app import app

    try:
        run_app(app)
    except OSError as error:
        # Loggers and shards that a run of days meets are written and read by libraries.
        if error.errno not in _REFUSALS:
            raise
        where = f" at {error.filename}" if error.filename else ""
        print(
            f"Error: the disk refused{where} ({error.strerror}); free some space or change the "
            "permissions, and run the same command again.",
            file=sys.stderr,
        )
        sys.exit(EXIT_USER)
