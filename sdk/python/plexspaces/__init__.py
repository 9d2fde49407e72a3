"""What the author of a PlexSpaces actor installs: the base class, its handlers and its errors.

What the node offers an actor is imported by name: `plexspaces.tuples`, `messaging`, `timers`, `state`, `log`, `clock`,
`durability`; and `plexspaces.testing`, a host for unit tests.
"""

from plexspaces.actor import Actor, handler
from plexspaces.errors import ActorError, HostError

__all__ = ["Actor", "ActorError", "HostError", "handler"]
