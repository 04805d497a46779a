// RevokePublicAccess
