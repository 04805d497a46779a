#pragma once
// SHA-256 step by step is marked as deprecated: EVP is to be preferred, and allocates a dozen times for one HMAC.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/opensslv.h>
#include <openssl/sha.h>
