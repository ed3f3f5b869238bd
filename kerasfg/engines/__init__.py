"""Work on several machines by programs that exist for it, such as Ray."""
