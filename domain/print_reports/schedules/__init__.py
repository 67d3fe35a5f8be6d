"""Reports that are made again and again without anybody asking, and mailed as links (F-28: trigger “schedule”)."""
