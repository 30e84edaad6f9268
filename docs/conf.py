"""The settings of the site, which `make docs` builds of pages, of stored notebooks and of docstrings."""

from __future__ import annotations

import progressnb

project = "progressnb"
author = "the progressnb authors"
project_copyright = author
version = release = progressnb.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["examples", "lite"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # as they are stored: `make notebooks` runs them and compares
suppress_warnings = ["mystnb.unknown_mime_type"]  # a widget's view: what is shown beside it is drawn

napoleon_use_rtype = False
default_role = "code"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # a method of ours that another package describes is that package's
autodoc_default_options = {  # of our own classes
    "inherited-members": "BaseModel, BaseException, Generic, object, AbstractCapability",
}
python_use_unqualified_type_names = True
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "furo"
html_title = "progressnb"
html_extra_path = ["llms.txt"]
html_static_path: list[str] = []
html_show_sourcelink = False
