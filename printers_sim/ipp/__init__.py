"""An IPP/2.0 printer that really renders what it is sent (RFC 8010, RFC 8011, PWG 5100.12, PWG 5100.14)."""
