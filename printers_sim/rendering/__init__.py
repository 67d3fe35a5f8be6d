"""What a print job looks like on paper: documents become pictures of sides, and sides use toner."""
