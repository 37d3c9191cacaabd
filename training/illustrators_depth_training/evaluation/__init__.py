"""How good a depth is: metrics, strata, the baselines beside it, and the tables that tell them."""
