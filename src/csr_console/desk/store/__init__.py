"""The two encrypted files of a workstation and every statement that reads or writes them."""
