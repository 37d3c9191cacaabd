"""A layer stack as stacked sheets of thick paper."""
