"""How the documentation is built. Pages with code cells are executed; an error fails the build."""

import os
import sys
from pathlib import Path

import catenary

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # for docstrings.py
# Kernels run pages elsewhere; a page may show what a benchmark measures.
os.environ["PYTHONPATH"] = str(HERE.parent)

project = "Catenary"
author = "The Catenary developers"
release = version = catenary.__version__

extensions = [
    "docstrings",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx-mathjax-offline",  # formulas are set without any network
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_kernel_rgx_aliases = {".*": "python3"}
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

html_theme = "furo"
html_title = "Catenary"
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["catenary.css"]
html_logo = "_static/catenary.svg"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#8a3b12", "color-brand-content": "#8a3b12"},
    "dark_css_variables": {"color-brand-primary": "#f0a779", "color-brand-content": "#f0a779"},
}
