"""Messages to people, outside of any workflow: to Slack and Teams by their incoming web hooks, and by mail."""
