"""Print quotas: how many impressions people may print in a month, what they have printed, and where they stand.

Not to be confused with `domain.quotas`, the page quotas of solutions.
"""
