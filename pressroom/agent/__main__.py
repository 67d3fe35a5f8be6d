"""`python -m pressroom.agent`: the agent without the rest of Pressroom, as its packages start it."""

from pressroom.agent_commands import agent_app

if __name__ == "__main__":
    agent_app()
