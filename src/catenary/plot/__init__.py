"""Pictures: drawings of graphs, figures of what an analysis found, and their style.

Reachable as ``cat.plot``. Nothing here is loaded before it is used. Drawing a graph needs no
package beside the library, the figures need Matplotlib.
"""

from catenary.plot.flow import flow
from catenary.plot.graph import Drawing, graph
from catenary.plot.models import tangent
from catenary.plot.style import COLOURS, STYLE

__all__ = ["COLOURS", "STYLE", "Drawing", "flow", "graph", "tangent"]
