"""Relevance: questions with judged answers, metrics, reports."""
