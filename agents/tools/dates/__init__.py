"""Dates as people write them in Chinese and English, spans of time, and places' clocks."""
