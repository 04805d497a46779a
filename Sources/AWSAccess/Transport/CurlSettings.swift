/// How the network is reached. Nothing of it is read from the process's environment: libcurl is told each value.
package struct CurlSettings: Sendable, Equatable {
  /// Name look-up, connection and TLS handshake together. Short: two regions are known to let clients hang.
  package var connectTimeout: Duration
  package var maximumResponseBytes: Int
  /// Transfers, and so connections, at one time; more wait their turn.
  package var maximumTransfers: Int
  /// A PEM file that replaces the system's certificate authorities (AWS_CA_BUNDLE).
  package var certificateAuthorities: String?
  package var proxies: ProxySettings
  package var userAgent: String

  package init(
    connectTimeout: Duration, maximumResponseBytes: Int, maximumTransfers: Int, certificateAuthorities: String?,
    proxies: ProxySettings, userAgent: String
  ) {
    self.connectTimeout = connectTimeout
    self.maximumResponseBytes = maximumResponseBytes
    self.maximumTransfers = maximumTransfers
    self.certificateAuthorities = certificateAuthorities
    self.proxies = proxies
    self.userAgent = userAgent
  }

  /// What suits AWS: 3 s to connect, 64 MiB a response, 64 transfers.
  package static func standard(certificateAuthorities: String?, proxies: ProxySettings, userAgent: String) -> Self {
    CurlSettings(
      connectTimeout: .seconds(3), maximumResponseBytes: 64 << 20, maximumTransfers: 64,
      certificateAuthorities: certificateAuthorities, proxies: proxies, userAgent: userAgent)
  }
}

/// HTTPS_PROXY, HTTP_PROXY and NO_PROXY as libcurl reads them. A proxy's URL can hold a password: it is never printed.
package struct ProxySettings: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  package var https: String?
  package var http: String?
  package var exempt: String?

  package init(https: String?, http: String?, exempt: String?) {
    self.https = https
    self.http = http
    self.exempt = exempt
  }

  package static let none = ProxySettings(https: nil, http: nil, exempt: nil)

  /// `https_proxy` and `HTTPS_PROXY` alike, small letters first, as curl and Python do; `HTTP_PROXY` in capitals too, as
  /// no request header can set it here.
  package init(variables: [String: String]) {
    func value(_ name: String) -> String? {
      [variables[name], variables[name.uppercased()]].compactMap(\.self).first { !$0.isEmpty }
    }
    self.init(https: value("https_proxy"), http: value("http_proxy"), exempt: value("no_proxy"))
  }

  /// Addresses that hand out credentials of this very machine: a proxy must never see them.
  static let alwaysExempt = [
    "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "localhost", "127.0.0.1",
    "::1",
  ]

  /// Empty: no proxy, and libcurl does not look into the environment for one.
  func proxy(scheme: String) -> String { (scheme == "https" ? https : http) ?? "" }
  var exemptList: String { ((exempt.map { [$0] } ?? []) + Self.alwaysExempt).joined(separator: ",") }

  package var description: String {
    "proxies https \(https == nil ? "none" : "set"), http \(http == nil ? "none" : "set"), except \(exempt ?? "none")"
  }
  package var customMirror: Mirror { Mirror(self, children: ["exempt": exempt as Any]) }
}
