"""Figures, one file each: a data frame first (`*_data`), then the drawing (`draw_*`)."""
