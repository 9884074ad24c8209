"""Records in and out as sheets: what a column and a cell mean, workbooks written, workbooks read."""
