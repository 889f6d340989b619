"""A case: everything an analyst chose about some photos, in one file, one link, and with undo."""
