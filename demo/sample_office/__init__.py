"""A sample office with some hundred items in several departments, for the demo."""
