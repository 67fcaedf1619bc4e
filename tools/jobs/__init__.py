"""The work after a yes: quotes, jobs, attempts, and what to do after a crash."""
