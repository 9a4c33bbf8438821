// libcurl sets options through functions with variable arguments, which Swift cannot call.
#pragma once
#include <curl/curl.h>

static inline CURLcode particle_curl_set_long(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode particle_curl_set_string(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode particle_curl_set_offset(CURL *curl, CURLoption option, long long value) {
  return curl_easy_setopt(curl, option, (curl_off_t)value);
}

/// Where the bytes that arrive go: `receive` is called with each piece and `context`, and gives
/// the number of bytes it took; any other number ends the transfer.
static inline CURLcode particle_curl_set_receiver(
    CURL *curl, size_t (*receive)(char *, size_t, size_t, void *), void *context) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
}

/// Who is told of each line of the headers that arrive, in the same way.
static inline CURLcode particle_curl_set_header_receiver(
    CURL *curl, size_t (*receive)(char *, size_t, size_t, void *), void *context) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_HEADERDATA, context);
}

static inline CURLcode particle_curl_set_errors(CURL *curl, char *buffer) {
  return curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, buffer);
}

static inline CURLcode particle_curl_get_status(CURL *curl, long *value) {
  return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, value);
}

/// Where the server says that the file is; NULL where it says no such thing. Belongs to `curl`.
static inline const char *particle_curl_get_redirect(CURL *curl) {
  char *url = 0;
  return curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &url) == CURLE_OK ? url : 0;
}

/// What the server said in a header of its last answer, of several of one name in the one with this number, from 0 on;
/// NULL where it said nothing. Belongs to `curl`.
static inline const char *particle_curl_get_header(CURL *curl, const char *name, size_t number) {
  struct curl_header *header = 0;
  if (curl_easy_header(curl, name, number, CURLH_HEADER, -1, &header) != CURLHE_OK) return 0;
  return header->value;
}

/// Headers of its own for the next requests, which have to stay until these are done.
static inline CURLcode particle_curl_set_headers(CURL *curl, struct curl_slist *headers) {
  return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
}

/// Where the bytes come from that are sent: `send` fills a buffer, is given `context`, and gives the number of bytes, 0 at
/// the end, CURL_READFUNC_ABORT when there is no going on; `seek` goes back to where libcurl wants to begin again.
static inline CURLcode particle_curl_set_sender(
    CURL *curl, size_t (*send)(char *, size_t, size_t, void *),
    int (*seek)(void *, curl_off_t, int), void *context) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_READFUNCTION, send);
  if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_READDATA, context);
  if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_SEEKDATA, context);
}

static inline CURLcode particle_curl_start(void) { return curl_global_init(CURL_GLOBAL_ALL); }

/// An enumerator in some versions of libcurl, a macro in others.
static const long PARTICLE_CURL_NETRC_IGNORED = (long)CURL_NETRC_IGNORED;
