"""A picture of a page becomes words: two engines behind one port, and what is done to the picture before."""
