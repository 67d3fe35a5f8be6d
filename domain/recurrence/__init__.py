"""What happens again and again at set times: the moments of a series, and the engine's run for the next of them."""
