"""The people and groups of an organization: who they are, what they may do, how they come and go."""
