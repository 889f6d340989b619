"""The Evaluate page: its screen, components and worker."""
