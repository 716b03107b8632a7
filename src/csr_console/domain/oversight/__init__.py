"""Acts about acts: discarding a queued command, deciding a held one."""
