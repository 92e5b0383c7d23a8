"""SQL over one CSV file or Excel workbook: in a process of its own, sealed from files, network and settings."""
