"""Events, commands, deciders and arithmetic; the standard library and nothing else."""
