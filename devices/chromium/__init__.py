"""What the browser device is made of: starting Chromium, its key names, and what its pages do on their own."""
