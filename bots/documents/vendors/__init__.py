"""What is learned of a vendor from corrections."""
