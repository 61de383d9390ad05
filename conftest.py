"""Tests keep their compiled programs in a folder of their own, one for all workers of a run."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# The workers of a run, and the programs that tests start, inherit the folder from the first.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["CATENARY_CACHE_DIR"] = tempfile.mkdtemp(prefix="catenary-tests-")
    atexit.register(shutil.rmtree, os.environ["CATENARY_CACHE_DIR"], ignore_errors=True)
