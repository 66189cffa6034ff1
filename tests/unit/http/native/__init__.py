"""Our own dialect, over a real workspace, in scenario tables."""
