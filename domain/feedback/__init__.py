"""What people say of the portal, for those who run the installation (FL-333)."""
