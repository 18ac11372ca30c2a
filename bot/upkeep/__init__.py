"""What keeps a service going for years: work at its time, a look at the clock and the disk, copies, and what to tell an operator."""
