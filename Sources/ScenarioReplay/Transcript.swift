import AWSAccess
import AWSWire
import Determinism
import EC2Simulator
import Governance
import Synchronization

/// What a replay did, line by line: each call with its virtual time, and what it was answered. Two replays of the same
/// seeds have equal transcripts.
package final class Transcript: Sendable {
  private enum Line: Sendable {
    case text(String)
    case call(Call)

    var text: String {
      switch self {
      case .text(let text): text
      case .call(let call): call.text
      }
    }
  }
  private let lines = Mutex<[Line]>([])

  package init() {}

  package var text: String { lines.withLock { $0.map { $0.text + "\n" }.joined() } }
  package func write(_ line: String) { lines.withLock { $0.append(.text(line)) } }
  func write(_ call: Call) { lines.withLock { $0.append(.call(call)) } }

  /// A call without a wire. Its parts are kept and printed only when somebody reads; of what was answered, whose size
  /// nobody bounds, a digest is kept.
  struct Call: Sendable {
    private let call: DirectCall
    private let sent: Timestamp
    private let answered: Timestamp
    private let outcome: String
    private let digest: UInt64

    init(_ call: DirectCall, sent: Timestamp, answered: Timestamp, result: Result<Document, CallFailure>) {
      self.call = call
      self.sent = sent
      self.answered = answered
      switch result {
      case .success(let answer):
        outcome = "OK"
        digest = answer.quickDigest
      case .failure(.service(let error)):
        outcome = "\(error.status) \(error.code)"
        digest = Document(error.message + error.requestID).quickDigest
      case .failure(.transport(let error)):
        outcome = error.kind.rawValue
        digest = 0
      case .failure(.malformed(let status, _)):
        outcome = "\(status) malformed"
        digest = 0
      case .failure(.local(let reason)):
        outcome = reason.code
        digest = 0
      }
    }

    var text: String {
      let key = call.credentials?.accessKeyID ?? "unsigned"
      // Session policies and tokens stand in parameters; they are data of the replay and no secret outside of it.
      return [
        sent.iso8601Milliseconds, " ", call.service, ":", call.operation, " ", call.region, " ", key, " ",
        call.parameters.json, " ", answered.iso8601Milliseconds, " ", outcome, " ", String(digest, radix: 16),
      ].joined()
    }
  }
}

/// Writes the transcript of the requests that pass through it.
struct TranscribingTransport: HTTPTransport {
  let transport: any HTTPTransport
  let transcript: Transcript
  let clock: any WorldClock

  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    let sent = clock.now
    // The signature stands for the whole request: host, headers, body, credentials and date.
    let signature = request.headers["Authorization"]?.split(separator: "=").last ?? "unsigned"
    let call = "\(sent.iso8601Milliseconds) \(request.method) \(request.authority) \(signature)"
    do {
      let response = try await transport.send(request, timeout: timeout)
      transcript.write("\(call) \(clock.now.iso8601Milliseconds) \(response.status) \(Digest.sha256Hex(response.body))")
      return response
    } catch {
      transcript.write("\(call) \(clock.now.iso8601Milliseconds) \(error.kind.rawValue)")
      throw error
    }
  }
}
