"""Drawing, the client, the offline channel, the terminal and the operator's side."""
