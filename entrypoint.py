"""What the container runs."""

import signal
import sys

# Process 1 ignores SIGTERM until somebody handles it, and importing takes a moment.
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda number, _: sys.exit(128 + number))

from qatech_ci.main import main  # noqa: E402 - after the handlers

sys.exit(main())
