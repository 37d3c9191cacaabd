"""Objects and collections of a build: found again, named, grouped, and known by their layer."""
