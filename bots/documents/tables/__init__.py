"""Tables of a page, ruled or not."""
