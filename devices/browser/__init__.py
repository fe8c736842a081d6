"""Pages in a browser, through Playwright."""
