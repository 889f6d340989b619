"""The Locate page: its screen and components."""
