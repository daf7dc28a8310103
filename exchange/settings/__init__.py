"""Settings by environment. `base` reads the environment; dev, test, demo and prod add what they must."""
