"""What leaves the desk on paper or as a file: bills, statements, letters, receipts and use."""
