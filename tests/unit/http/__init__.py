"""The edge and its dialects, without a network."""
