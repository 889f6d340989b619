"""Facts about countries, and how often each can be seen in a photo."""
