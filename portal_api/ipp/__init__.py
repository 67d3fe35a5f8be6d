"""The print service: an IPP 2.0 printer for each organization, whose jobs wait for their owner (PR-322…PR-328).

Any system prints to it without a driver (RFC 8010, RFC 8011, PWG 5100.12, PWG 5100.14). Requests come in at
`endpoint`, `operations` carries them out by the services of `domain.printing`, as the API does.
"""
