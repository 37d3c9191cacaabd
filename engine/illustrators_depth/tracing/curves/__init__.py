"""Closed outlines as curves.

In come rings of points, out go cubics (`follow_rings`) and the text of a path (`path_data`): rings
are resampled, cut at corners and straight edges, and every run between two cuts becomes an arc or
cubics. All rings of a picture go through each step together, as arrays.
"""
