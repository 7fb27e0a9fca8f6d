"""What the container runs."""

import os
import signal
import sys

# Process 1 ignores SIGTERM until somebody handles it, and importing takes a moment.
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda number, _: sys.exit(128 + number))
# Looking up a name is the one call that no signal interrupts, and its usual 5 s and more are too
# long for the deadline: https://man7.org/linux/man-pages/man5/resolv.conf.5.html
os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:2")
from qatech_ci.main import main  # noqa: E402 - after the handlers

sys.exit(main())
