"""Who may ask for what: the REST API and the web pages."""
