"""The planner's desk: studies as they are edited, their runs in folders, what a changed plan is worth at once."""
