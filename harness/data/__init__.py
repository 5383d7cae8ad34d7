"""Data sets: fetched by digest, divided into splits, prepared once."""
