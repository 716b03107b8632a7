"""What is read: the shapes of accounts and outages as screens and feeds see them."""
