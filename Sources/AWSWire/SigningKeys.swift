import Synchronization

/// Signing keys that were derived already: one is good for a day, a region and a service, and four HMACs away from its
/// secret. A pure function that is remembered.
enum SigningKeys {
  private struct Name: Hashable {
    var secret: String
    var day: String
    var region: String
    var service: String
  }

  /// Beyond this many it begins anew: sessions come and go.
  private static let most = 4_096
  private static let known = Mutex<[Name: HMACKey]>([:])

  static func key(secret: String, scope: SignatureV4.Scope) -> HMACKey {
    let name = Name(secret: secret, day: scope.day, region: scope.region, service: scope.service)
    if let key = known.withLock({ $0[name] }) { return key }
    var bytes = Array("AWS4\(secret)".utf8)
    for part in [scope.day, scope.region, scope.service, "aws4_request"] {
      bytes = HMACKey(bytes).code(of: Array(part.utf8))
    }
    let key = HMACKey(bytes)
    known.withLock { known in
      if known.count == most { known = [:] }
      known[name] = key
    }
    return key
  }
}
