"""Saved searches, and the decisions that are new to each after a load."""
