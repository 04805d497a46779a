import AWSWire
import Governance

/// An endpoint that somebody set: `http://127.0.0.1:4566`, `https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com/`.
package struct EndpointURL: Sendable, Equatable {
  package var scheme: String
  package var authority: String
  /// Begins with `/`.
  package var path: String

  /// nil: not an http or https URL, or one with a user, a query or a fragment.
  package init?(_ text: String) {
    guard let separator = text.firstRange(of: "://") else { return nil }
    scheme = text[..<separator.lowerBound].lowercased()
    let rest = text[separator.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    authority = String(rest[..<slash])
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
    let isPlain = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard ["http", "https"].contains(scheme), !authority.isEmpty, isPlain, !rest.contains(where: { "?#@".contains($0) })
    else { return nil }
  }

  /// Host without port and without the brackets of an IPv6 address.
  var host: String {
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" })
  }
}

extension EndpointSettings {
  func url(service: ServiceModel, region: String) -> EndpointURL {
    if let override = overrides[service.name] ?? overrides[""] { return override }
    let authority = Endpoint.authority(
      service: service.name, region: region, fips: useFIPS, dualStack: useDualStack)
    return EndpointURL(scheme: "https", authority: authority, path: "/")
  }
}

extension EndpointURL {
  init(scheme: String, authority: String, path: String) {
    self.scheme = scheme
    self.authority = authority
    self.path = path
  }
}
