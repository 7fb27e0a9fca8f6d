"""What the container runs."""

import gc
import signal
import sys

# Process 1 ignores SIGTERM until somebody handles it, and importing takes a moment.
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda number, _: sys.exit(128 + number))

# What is imported stays, so looking for garbage among it is in vain and takes a twentieth of the
# time to the first request.
gc.disable()
from qatech_ci.before.main import main  # noqa: E402 - after the handlers

gc.freeze()
gc.enable()
sys.exit(main())
