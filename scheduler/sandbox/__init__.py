"""A simulated Instagram, reached only over HTTP, with a database file of its own."""
