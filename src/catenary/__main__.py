"""`python -m catenary` is the command `catenary`."""

import sys

from catenary.app.main import main

if __name__ == "__main__":
    sys.exit(main())
