import AWSWire
import Determinism
import Governance
import Synchronization

/// What a replay did, line by line: each request with its virtual time, and what it was answered. Two replays of the
/// same seeds have equal transcripts.
package final class Transcript: Sendable {
  private let state = Mutex<[String]>([])

  package init() {}

  package var text: String { state.withLock { $0.map { $0 + "\n" }.joined() } }
  package func write(_ line: String) { state.withLock { $0.append(line) } }
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
