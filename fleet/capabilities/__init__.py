"""What a printer can do, by its model, its agent, its firmware and its app framework (PM-1…PM-13, FL-599…FL-605)."""
