"""The Tile search page: its screen, components and worker."""
