"""Folders and manifests of photos -> tables, on this machine or on Ray."""
