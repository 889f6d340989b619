"""Reads the text in a photo and proposes evidence from it; nothing is applied without the analyst.

``TextReader`` finds lines, ``find_clues`` says what they show of a country, ``propose`` turns clues into statements of
``engine.evidence`` with the cut-out, the text as read and its score.
"""
