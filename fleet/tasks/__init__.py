"""Fleet tasks: one request over many printers, with a job for each (FL-480…FL-501)."""
