"""Printers over IPP (RFC 8010, RFC 8011): the wire format, a client, and what printers say in people's words.

Why not pyipp: it reads the whole document into memory, drops every attribute it does not know, and does not pass on
the status message; the codec here also serves the printers that Pressroom itself offers.
"""
