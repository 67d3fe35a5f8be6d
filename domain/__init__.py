"""What is true and allowed: organizations, people, solutions, runs and what they leave behind."""
