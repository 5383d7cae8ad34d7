"""The report as an HTML page: templates, style (page.css) and script (page.js)."""
