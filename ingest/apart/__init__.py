"""Work that can be walked away from."""
