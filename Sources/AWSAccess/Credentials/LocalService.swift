import AWSWire
import Determinism
import Governance

/// Plain HTTP exchanges that give out credentials: a container agent, the instance's metadata, the SSO portal.
struct LocalService: Sendable {
  let transport: any HTTPTransport
  let clock: any WorldClock

  private static let attempts = 3

  /// Any answer but a server error, after at most three attempts. Reads only, so each may be repeated.
  func answer(to request: HTTPRequest, timeout: Duration) async throws(FailureReason) -> HTTPResponse {
    var attempt = 1
    while true {
      do throws(CallFailure) {
        return try await once(request, timeout)
      } catch {
        guard attempt < Self.attempts, error.isTransient else {
          throw error.reason(attempts: attempt, mutating: false)
        }
      }
      do {
        try await clock.sleep(for: .milliseconds(200 * attempt))
      } catch {
        throw .cancelled
      }
      attempt += 1
    }
  }

  private func once(_ request: HTTPRequest, _ timeout: Duration) async throws(CallFailure) -> HTTPResponse {
    let response: HTTPResponse
    do {
      response = try await transport.send(request, timeout: timeout)
    } catch {
      throw .transport(error)
    }
    guard response.status < 500 else {
      throw .service(
        ServiceError(
          status: response.status, code: "HTTP\(response.status)",
          message: "\(request.authority) answered with status \(response.status)"))
    }
    return response
  }

  /// nil: not JSON. The parser's own message could quote the text, which may be a secret.
  static func json(_ bytes: [UInt8]) -> Document? {
    do {
      return try Document(json: bytes)
    } catch {
      return nil
    }
  }

  static func percentEncoded(_ text: String) -> String {
    let hexadecimal = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
      let isLetterOrDigit = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      if isLetterOrDigit || "-_.~".utf8.contains(byte) {
        result.append(Character(UnicodeScalar(byte)))
      } else {
        result += "%\(hexadecimal[Int(byte >> 4)])\(hexadecimal[Int(byte & 15)])"
      }
    }
  }

  /// What container agents and the instance metadata service answer with.
  static func credentials(in body: [UInt8], from place: String) throws(FailureReason) -> Credentials {
    guard let document = json(body), let id = document["AccessKeyId"]?.string,
      let secret = document["SecretAccessKey"]?.string, let token = document["Token"]?.string,
      let expiration = document["Expiration"]?.string.flatMap({ Timestamp(iso8601: $0) })
    else {
      throw FailureReason(
        kind: .badData, code: "MalformedResponse",
        message: "\(place) answered without whole credentials; expected AccessKeyId, SecretAccessKey, Token, Expiration"
      )
    }
    return Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiration: expiration)
  }
}
