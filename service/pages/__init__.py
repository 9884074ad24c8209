"""What people open: templates/ and static/ hold what is sent, words/ the English, each module the routes of its pages."""
