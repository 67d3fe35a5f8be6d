"""How people sign in at printers: the organization's rules, badges, PINs, login codes, and the sign-in itself."""
