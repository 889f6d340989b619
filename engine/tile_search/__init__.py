"""Hierarchical tile search (Kim, Jang and Kim): from a photo, and if wanted a search map, down to one map tile."""
