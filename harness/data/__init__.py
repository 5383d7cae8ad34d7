"""Data sets fetched by digest, and the splits made of them."""
