#pragma once
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one shim per argument type.
static inline CURLcode reeve_curl_set_long(CURL *_Nonnull handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode reeve_curl_set_string(CURL *_Nonnull handle, CURLoption option, const char *_Nullable value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode reeve_curl_set_pointer(CURL *_Nonnull handle, CURLoption option, void *_Nullable value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode reeve_curl_set_headers(CURL *_Nonnull handle, struct curl_slist *_Nullable list) {
  return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
}
typedef size_t (*reeve_curl_data_function)(char *_Nonnull data, size_t size, size_t count, void *_Nullable context);
static inline CURLcode reeve_curl_set_data_function(CURL *_Nonnull handle, CURLoption option,
                                                    reeve_curl_data_function _Nonnull function) {
  return curl_easy_setopt(handle, option, function);
}
static inline CURLcode reeve_curl_get_long(CURL *_Nonnull handle, CURLINFO info, long *_Nonnull value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode reeve_curl_get_private(CURL *_Nonnull handle, void *_Nullable *_Nonnull value) {
  return curl_easy_getinfo(handle, CURLINFO_PRIVATE, value);
}
static inline CURLMcode reeve_curl_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURL *_Nullable reeve_curl_message_handle(const CURLMsg *_Nonnull message) {
  return message->easy_handle;
}
static inline CURLcode reeve_curl_message_result(const CURLMsg *_Nonnull message) { return message->data.result; }
