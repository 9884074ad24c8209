"""What people take away: maps, charts, pages, the Word report, the workbook's rows and the words they share."""
