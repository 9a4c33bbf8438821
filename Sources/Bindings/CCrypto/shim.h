/* The functions below EVP: they load no openssl.cnf, and a static program gets nothing but them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
