"""The report as a page: its text, its looks (page.css) and what moves on it (page.js)."""
