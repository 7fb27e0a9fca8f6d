"""What the container runs."""

import sys

from qatech_ci.main import main

sys.exit(main())
