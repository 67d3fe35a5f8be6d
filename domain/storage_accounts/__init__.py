"""Cloud storage accounts of people, their credentials encrypted (SCAN-20…SCAN-25)."""
