"""Photos: decoding and metadata."""
