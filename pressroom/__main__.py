"""`python -m pressroom`: the same as the `pressroom` command."""

from pressroom.cli import app

if __name__ == "__main__":
    app()
