"""Pictures: drawings of graphs, and the style of figures.

Reachable as ``cat.plot``. Nothing here is loaded before it is used, and drawing a graph needs no
package beside the library.
"""

from catenary.plot.graph import Drawing, graph
from catenary.plot.style import COLOURS, STYLE

__all__ = ["COLOURS", "STYLE", "Drawing", "graph"]
