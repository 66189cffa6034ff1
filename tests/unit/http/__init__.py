"""The edge and its faces, without a network."""
