// AWSAccess
