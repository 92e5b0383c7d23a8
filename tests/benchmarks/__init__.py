"""Measurements, not tests: `make bench` runs them all, `make bench only="retrieval answers"` some of them."""
