"""What every face shares, tried through a toy face."""
