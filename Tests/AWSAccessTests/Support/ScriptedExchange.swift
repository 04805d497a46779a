import Determinism
import Governance
import Orchestrator
import Synchronization

@testable import AWSAccess
@testable import AWSWire

/// Stands in for the wire: answers calls from a script and remembers every attempt.
final class ScriptedExchange: Exchange {
  struct Attempt: Sendable, Equatable {
    var call: APICall
    var region: String
    var keyID: String?
    var time: Timestamp
    /// Of this operation in this script, from 1.
    var number: Int
  }
  typealias Script = @Sendable (Attempt) async throws(CallFailure) -> Document

  private let script: Script
  private let log = Mutex<[Attempt]>([])

  init(_ script: @escaping Script) { self.script = script }

  var attempts: [Attempt] { log.withLock { $0 } }
  func attempts(of operation: String) -> [Attempt] { attempts.filter { $0.call.operation == operation } }

  func prepare(_ call: APICall, in region: String) throws(FailureReason) -> PreparedCall {
    PreparedCall(pagination: Self.pagination(call.operation)) { [self] (credentials, time) async throws(CallFailure) in
      let attempt = log.withLock { log in
        let number = log.count { $0.call.operation == call.operation } + 1
        let attempt = Attempt(
          call: call, region: region, keyID: credentials?.accessKeyID, time: time, number: number)
        log.append(attempt)
        return attempt
      }
      return try await script(attempt)
    }
  }

  private static func pagination(_ operation: String) -> Operation.Pagination? {
    guard operation.hasPrefix("List") || operation == "DescribeImages" else { return nil }
    return Operation.Pagination(
      inputToken: "NextToken", outputToken: "NextToken", limitKey: "MaxResults", resultKeys: [])
  }
}

/// Nothing goes out by itself in these tests.
struct ClosedTransport: HTTPTransport {
  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    throw TransportError(kind: .connectFailed, message: "\(request.authority) is closed")
  }
}

/// Answers plain HTTP from a script and remembers the requests.
final class ScriptedTransport: HTTPTransport {
  private let script: @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse
  private let log = Mutex<[HTTPRequest]>([])

  init(_ script: @escaping @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse) { self.script = script }

  var requests: [HTTPRequest] { log.withLock { $0 } }

  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    log.withLock { $0.append(request) }
    return try script(request)
  }
}

enum Fixture {
  static let start = Timestamp(seconds: 1_795_000_000)
  static let callerAccount = "111111111111"

  static func settings(
    chain: [RoleHop] = [.named("Auditor")], limits: CallLimits = limits(), cache: Int = 16,
    organization: OrganizationSource = .organizations(readTags: false)
  ) -> CloudSettings {
    CloudSettings(
      region: "eu-central-1", partition: .aws, chain: chain, endpoints: .standard, limits: limits,
      organization: organization, sessionCacheSize: cache)
  }

  static func limits(share: Double = 1, attempts: Int = 4, threshold: Int = 3) -> CallLimits {
    CallLimits(
      share: share, maximumAttempts: attempts, callTimeout: .seconds(5), breakerThreshold: threshold,
      breakerCoolDown: .seconds(60))
  }

  static let ownKeys = Credentials(accessKeyID: "AKIAOWN", secretAccessKey: "own-secret")

  static func caller(_ exchange: any Exchange, clock: any WorldClock, limits: CallLimits = limits()) -> ServiceCaller {
    ServiceCaller(
      settings: settings(limits: limits), transport: ClosedTransport(), exchange: exchange, clock: clock, seed: 7)
  }

  static func cloud(
    _ exchange: any Exchange, clock: any WorldClock, settings: CloudSettings = settings(),
    credentials: any CredentialProvider = FixedCredentials(ownKeys)
  ) -> AWSCloud {
    AWSCloud(
      caller: ServiceCaller(
        settings: settings, transport: ClosedTransport(), exchange: exchange, clock: clock, seed: 7),
      credentials: CredentialChain([credentials]))
  }

  /// STS as it answers when all is well: the key id of an assumed session names its role.
  static func tokens(_ attempt: ScriptedExchange.Attempt, lifetime: Duration = .seconds(3_600)) -> Document? {
    switch attempt.call.operation {
    case "GetCallerIdentity":
      return [
        "Account": Document(callerAccount), "UserId": "AIDA",
        "Arn": Document("arn:aws:iam::\(callerAccount):user/auditor"),
      ]
    case "AssumeRole", "AssumeRoleWithWebIdentity":
      let arn = attempt.call.parameters["RoleArn"]?.string ?? ""
      return credentials(id: "ASIA-\(arn)-\(attempt.number)", until: attempt.time + lifetime)
    default: return nil
    }
  }

  static func credentials(id: String, until expiration: Timestamp) -> Document {
    [
      "Credentials": [
        "AccessKeyId": Document(id), "SecretAccessKey": "s", "SessionToken": "t",
        "Expiration": Document(expiration.iso8601),
      ]
    ]
  }

  static func service(_ code: String, status: Int = 400, _ message: String = "no", retryAfter: Duration? = nil)
    -> CallFailure
  {
    .service(ServiceError(status: status, code: code, message: message, retryAfter: retryAfter))
  }

  static func transport(_ kind: TransportError.Kind) -> CallFailure {
    .transport(TransportError(kind: kind, message: "ec2.example: \(kind.rawValue)"))
  }

  /// Runs on virtual time.
  static func run<Value: Sendable>(
    seed: UInt64 = 1, _ body: @escaping @Sendable (VirtualTimeExecutor) async throws -> Value
  ) throws -> Value {
    let executor = VirtualTimeExecutor(seed: seed, start: start)
    return try executor.run { try await body(executor) }
  }

  /// What the work throws; nil when it does not.
  static func failure(_ work: () async throws(FailureReason) -> some Any) async -> FailureReason? {
    do throws(FailureReason) {
      _ = try await work()
      return nil
    } catch {
      return error
    }
  }
}

extension APICall {
  init(_ service: String, _ operation: String, _ parameters: Document = .emptyObject) {
    self.init(service: service, operation: operation, parameters: parameters)
  }
}
