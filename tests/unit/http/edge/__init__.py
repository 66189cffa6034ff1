"""What every dialect shares, tried through a toy dialect."""
