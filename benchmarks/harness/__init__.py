"""How benchmarks measure and save: rows in processes of their own, seconds, memory, the machine."""
