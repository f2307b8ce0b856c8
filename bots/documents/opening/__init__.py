"""A file is opened in a child process with limits, a stretch of pages at a time, and what was made of it is kept."""
