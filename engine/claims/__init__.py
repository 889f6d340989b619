"""Check a claimed location against a search map."""
