"""Places that predict for us: functions that wait for nothing and cost nothing until they are called."""
