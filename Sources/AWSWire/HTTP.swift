package struct HTTPHeaders: Sendable, Equatable {
  package struct Field: Sendable, Equatable {
    package var name: String
    package var value: String
  }
  package private(set) var fields: [Field] = []

  package init() {}
  package init(_ fields: [(String, String)]) { self.fields = fields.map { Field(name: $0.0, value: $0.1) } }
  /// With room for so many.
  package init(reserving count: Int) { fields.reserveCapacity(count) }

  /// The first value under a name, whatever its case. Setting replaces all of that name; nil removes them.
  package subscript(name: String) -> String? {
    get { fields.first { Self.areEqual($0.name, name) }?.value }
    set {
      fields.removeAll { Self.areEqual($0.name, name) }
      if let newValue { fields.append(Field(name: name, value: newValue)) }
    }
  }
  package mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

  /// Names are ASCII; every request compares dozens of them.
  package static func areEqual(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && (left == right || begins(left, with: right))
  }

  static func isNamed(_ name: String, startingWith prefix: String) -> Bool {
    name.utf8.count >= prefix.utf8.count && begins(name, with: prefix)
  }

  private static func begins(_ name: String, with prefix: String) -> Bool {
    var name = name
    var prefix = prefix
    return name.withUTF8 { name in
      prefix.withUTF8 { prefix in
        for position in prefix.indices where unsafe lowercase(name[position]) != lowercase(prefix[position]) {
          return false
        }
        return true
      }
    }
  }

  /// Is it this name, which is in lower case?
  static func isNamed(_ name: String, _ lowercased: String) -> Bool {
    name.utf8.count == lowercased.utf8.count && isNamed(name, startingWith: lowercased)
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}

/// A request as it is signed and sent.
package struct HTTPRequest: Sendable, Equatable {
  package var method: String
  /// `http` or `https`.
  package var scheme: String
  /// Host, with the port where it is not the scheme's own: the Host header.
  package var authority: String
  /// Percent-encoded, begins with `/`.
  package var path: String
  /// Percent-encoded, without the question mark; empty for none.
  package var query: String
  package var headers: HTTPHeaders
  package var body: [UInt8]
  /// Not sent on a connection that was used before: such a connection can turn out to be closed after the request has
  /// left, and a client that then sends it again cannot know whether it arrives twice. For calls that change something.
  package var needsFreshConnection = false

  package init(
    method: String = "POST", scheme: String, authority: String, path: String = "/", query: String = "",
    headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []
  ) {
    self.method = method
    self.scheme = scheme
    self.authority = authority
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  package var url: String { "\(scheme)://\(authority)\(path)\(query.isEmpty ? "" : "?\(query)")" }
}

package struct HTTPResponse: Sendable, Equatable {
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// No response, or none that could be read whole.
package struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// The request cannot have arrived: safe to send again whatever it was.
    case unresolved, connectFailed, connectTimedOut, tls
    /// It can have arrived.
    case timedOut, reset, tooLarge, malformed, cancelled
  }
  package var kind: Kind
  /// For a person; names the host, never a header.
  package var message: String

  package init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }
  package var description: String { message }
}

/// The port to the network. Live: libcurl. In a replay and for `--world`: the simulator in process.
package protocol HTTPTransport: Sendable {
  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse
}
