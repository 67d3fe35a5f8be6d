"""Pages that a program of ours serves on the computer it runs on: the agent's own page, and the enrolment tool."""
