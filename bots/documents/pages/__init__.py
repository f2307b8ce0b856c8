"""A file becomes pages: opened in a child process with limits, text layers joined to words, pictures drawn."""
