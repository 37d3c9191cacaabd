"""What holds for every test."""

from __future__ import annotations

import signal

# A shell that starts the suite in the background has it ignore Ctrl-C, and what the suite starts
# would inherit that; programs that are sent it here must hear of it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
