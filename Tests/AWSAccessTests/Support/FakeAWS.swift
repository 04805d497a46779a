import AWSWire
import Governance
import Synchronization

@testable import AWSAccess

/// AWS at the other end of a transport: signatures are verified, requests decoded and answers encoded by the server's
/// half of the codecs. The script answers an operation.
final class FakeAWS: HTTPTransport {
  struct Incoming: Sendable {
    var service: String
    var action: String
    var parameters: Document
    var region: String?
    var keyID: String?
    var sessionToken: String?
    var request: HTTPRequest
  }
  typealias Script = @Sendable (Incoming) throws(ServiceError) -> Document

  private let secrets: [String: String]
  private let script: Script
  private let log = Mutex<[Incoming]>([])

  init(secrets: [String: String], _ script: @escaping Script) {
    self.secrets = secrets
    self.script = script
  }

  var seen: [Incoming] { log.withLock { $0 } }

  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    let name = Self.serviceName(request)
    guard let service = ServiceModel.named(name) else {
      throw TransportError(kind: .unresolved, message: "nobody at \(request.authority)")
    }
    do throws(ServiceError) {
      let incoming = try read(request, service)
      log.withLock { $0.append(incoming) }
      guard let operation = service.operation(incoming.action) else {
        throw ServiceError(status: 400, code: "InvalidAction", message: "no \(incoming.action)")
      }
      return ServerCodec.response(operation, try script(incoming), requestID: "r-1")
    } catch {
      return ServerCodec.error(error, of: service)
    }
  }

  /// The first label of the host, as AWS names its endpoints.
  private static func serviceName(_ request: HTTPRequest) -> String {
    String(request.authority.prefix { $0 != "." && $0 != "-" && $0 != ":" })
  }

  private func read(_ request: HTTPRequest, _ service: ServiceModel) throws(ServiceError) -> Incoming {
    let body = try ServerCodec.request(request, of: service)
    guard body.unknown.isEmpty else {
      throw ServiceError(status: 400, code: "UnknownParameter", message: body.unknown.joined(separator: ","))
    }
    var incoming = Incoming(
      service: service.name, action: body.action, parameters: body.parameters, request: request)
    if request.headers["Authorization"] != nil {
      let claim: SignatureV4.Claim
      do {
        claim = try SignatureV4.claim(of: request)
      } catch {
        throw ServiceError(status: 400, code: "IncompleteSignature", message: "\(error)")
      }
      guard let secret = secrets[claim.accessKeyID], claim.service == service.signingName,
        SignatureV4.verify(claim, of: request, secretAccessKey: secret)
      else { throw ServiceError(status: 403, code: "SignatureDoesNotMatch", message: "no") }
      incoming.region = claim.region
      incoming.keyID = claim.accessKeyID
      incoming.sessionToken = claim.sessionToken
    } else if body.action != "AssumeRoleWithWebIdentity" {
      throw ServiceError(status: 403, code: "MissingAuthenticationToken", message: "unsigned")
    }
    return incoming
  }
}
