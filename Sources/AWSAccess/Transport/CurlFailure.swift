import AWSWire
import CCurl

/// libcurl's result codes in Reeve's words.
enum CurlFailure {
  /// `requestBytesSent` 0: not a byte of the request left, so it cannot have arrived, whatever broke.
  static func kind(_ code: CURLcode, requestBytesSent: Int) -> TransportError.Kind {
    let neverLeft = requestBytesSent == 0
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .unresolved
    case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .connectFailed
    case CURLE_OPERATION_TIMEDOUT: return neverLeft ? .connectTimedOut : .timedOut
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return .tls
    case CURLE_SSL_CONNECT_ERROR: return neverLeft ? .connectFailed : .reset
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING: return .malformed
    // Truncated bodies, connections closed without an answer, and every code that is not named: it can have arrived.
    default: return neverLeft ? .connectFailed : .reset
    }
  }

  static func text(_ code: CURLcode) -> String {
    guard let text = unsafe curl_easy_strerror(code) else { return "libcurl error \(code.rawValue)" }
    return unsafe String(cString: text)
  }
}
