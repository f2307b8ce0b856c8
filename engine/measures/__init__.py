"""What an office does, in figures: a line for each item, sums for each day, and the measures made of them."""
