"""Figures and the report: data frames first, pictures from them."""
