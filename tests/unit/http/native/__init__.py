"""Our own face, over a real workspace, in scenario tables."""
