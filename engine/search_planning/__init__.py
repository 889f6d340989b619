"""Search and rescue: from a last known point and segments to POA, POD, POS and the next assignments.

A planning aid. The distances are statistics of past incidents, not knowledge of this one.
"""
