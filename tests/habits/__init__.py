"""Habits: what the project promises about its own text, as tests that anyone can run (`make tests ARGS=tests/habits`).

Each file holds one habit. A failure names the file, the line and the reason. To add a habit, add a file.
"""
