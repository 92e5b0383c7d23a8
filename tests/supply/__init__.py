"""What is installed: a bill of materials, and which known holes are in it. `make audit`; needs no network."""
