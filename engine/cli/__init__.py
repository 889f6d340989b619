"""`hereabouts`: one module a verb, put together in `main`."""
