"""Files as people pass them round: read behind a wall, recognised without a template, compared with what is held."""
