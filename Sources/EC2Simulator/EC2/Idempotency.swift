import AWSWire
import Governance

/// "Ensuring idempotency in Amazon EC2 API requests": a client token that was used already gives what it gave; with other
/// parameters it is an error.
enum Idempotency {
  struct Answer: Sendable {
    var parameters: Document
    var output: Document
  }

  static func once(
    _ call: Call, _ state: inout SimulatorState,
    _ body: (Call, inout SimulatorState) throws(ServiceError) -> Document
  ) throws(ServiceError) -> Document {
    if let earlier = try earlier(call, state) { return earlier }
    let output = try body(call, &state)
    remember(output, of: call, &state)
    return output
  }

  /// What the call's token was answered with; nil: it has none, or a new one.
  static func earlier(_ call: Call, _ state: SimulatorState) throws(ServiceError) -> Document? {
    guard let key = key(call), let earlier = state.usedTokens[key] else { return nil }
    guard earlier.parameters == call.parameters else {
      throw .ec2(
        "IdempotentParameterMismatch",
        "The request uses the same client token as a previous, but non-identical request.")
    }
    return earlier.output
  }

  static func remember(_ output: Document, of call: Call, _ state: inout SimulatorState) {
    guard let key = key(call) else { return }
    state.usedTokens[key] = Answer(parameters: call.parameters.compacted, output: output)
  }

  private static func key(_ call: Call) -> String? {
    guard let token = call.text("ClientToken"), !token.isEmpty else { return nil }
    return "\(call.operation)/\(call.scope)/\(token)"
  }
}
