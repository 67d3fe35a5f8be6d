"""Reports on printing, from the facts that are only added to: submitted, released, deleted (section 34, F-28)."""
