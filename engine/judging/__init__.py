"""Judging with a map: how likely is a claimed place, how findable is a photo, and what must leave a file first?"""
