"""The facade that the library, the command line and every HTTP dialect call.

`Workspace` is one set of profiles and the segments over them. Its calls are grouped by what they
are about: `workspace.profiles.put(...)`, `workspace.segments.create(...)`; a file of this folder
is one group. Questions about rules (`preview`, `explain`) and the workspace as a whole (`check`,
`compact`) are on `Workspace` itself.
"""

from coterie.workspace.workspace import Workspace

__all__ = ["Workspace"]
