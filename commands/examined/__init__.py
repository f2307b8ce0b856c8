"""What `doctor` looks at: one file for each part of what it takes to work."""
