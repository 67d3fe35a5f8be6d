"""Client applications: programs that act for an organization, by OAuth 2 client credentials (AC-190…AC-196)."""
