"""The agent of a person's workstation and the commands around it: `printctl` (section 39)."""

from steps.versions import VERSION as VERSION
