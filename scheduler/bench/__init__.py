"""Measures the product as it runs: `manage.py bench`."""
