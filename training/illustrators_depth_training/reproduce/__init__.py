"""The paper in one command: data, four trainings, dense evaluation, and a page of results."""
