// PublicSnapshot
