"""Questions about precedents, built on search."""
