"""What the author of a PlexSpaces actor installs: the base class, its handlers and its errors.

`plexspaces.tuples` (the tuple space) and `plexspaces.testing` (a host for unit tests) are imported by name.
"""

from plexspaces.actor import Actor, ActorError, handler

__all__ = ["Actor", "ActorError", "handler"]
