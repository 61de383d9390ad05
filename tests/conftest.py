"""How the suite runs everywhere: the same examples each time, no window, no clock."""

from __future__ import annotations

import os

import hypothesis

os.environ["MPLBACKEND"] = "Agg"

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("repeatable")
