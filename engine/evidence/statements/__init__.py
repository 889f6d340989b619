"""Statements of an analyst: one file per kind, with its value, its sentence, its JSON and its likelihood.

To add a kind, write its file and list its class in ``registry``; the dashboard needs a form for it besides.
"""
