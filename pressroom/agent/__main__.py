"""`python -m pressroom.agent`: the agent without the rest of Pressroom, as its packages start it."""

from pressroom.agent_commands import agent_app
from pressroom.enrol_commands import enrol_app

agent_app.add_typer(enrol_app, name="enrol")
if __name__ == "__main__":
    agent_app()
