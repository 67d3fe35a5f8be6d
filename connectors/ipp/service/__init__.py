"""What every print service of ours does with requests (RFC 8010, RFC 8011), whosever queues it stands before.

The portal's queue and the loopback printers of a workstation's agent differ in what becomes of a job; how a request is
read and checked, what is offered and what a job asks for is the same, and stands here.
"""
