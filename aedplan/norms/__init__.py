"""Local rules on how many devices must hang where, judged clause by clause."""
