"""Cases in the dashboard: save, open, share, undo."""
