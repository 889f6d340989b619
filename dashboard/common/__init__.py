"""Shared by all pages: session state, cached services, media files, background jobs, small components."""
