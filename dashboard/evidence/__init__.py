"""Evidence in the dashboard: the panel, the dialog and its fields."""
