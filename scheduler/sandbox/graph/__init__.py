"""graph.instagram.com: one door, a handler per call."""
