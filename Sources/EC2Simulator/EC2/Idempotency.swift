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
    guard let token = call.text("ClientToken"), !token.isEmpty else { return try body(call, &state) }
    let key = "\(call.operation)/\(call.scope)/\(token)"
    if let earlier = state.usedTokens[key] {
      guard earlier.parameters == call.parameters else {
        throw .ec2(
          "IdempotentParameterMismatch",
          "The request uses the same client token as a previous, but non-identical request.")
      }
      return earlier.output
    }
    let output = try body(call, &state)
    state.usedTokens[key] = Answer(parameters: call.parameters.compacted, output: output)
    return output
  }
}
