"""`python -m pressroom.workstation.node`: a storage node without the rest of the command line."""

from pressroom.node_commands import run

run()
