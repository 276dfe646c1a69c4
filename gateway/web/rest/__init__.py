"""The routes that the clients of the three source systems know, each in its manner."""
