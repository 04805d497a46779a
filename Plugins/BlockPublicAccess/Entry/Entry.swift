// BlockPublicAccess
