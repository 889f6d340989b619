"""The Models page: its screen, components and worker."""
