"""The bodies of the commands; `runner.py` names them and imports each one when it is called."""
