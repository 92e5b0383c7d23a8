"""One function per file format, all of them text and structure out."""
