"""Habits: what the project promises about its own text (`make tests ARGS=tests/habits`).

Each file holds one habit. A failure names the file, the line and the reason. To add a habit, add a
file.
"""
