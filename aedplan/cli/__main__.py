"""`python -m aedplan.cli`: the same as `aedplan`."""

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
