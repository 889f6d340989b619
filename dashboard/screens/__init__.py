"""Pages: title, controls, one service call, empty state, render."""
