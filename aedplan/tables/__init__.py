"""Tables as people keep them: found columns, mended cells, refused rows; nothing dropped without being counted."""
