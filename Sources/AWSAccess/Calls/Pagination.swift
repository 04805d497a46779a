import AWSWire
import Governance
import Orchestrator

/// From the model: which member of a response is the next call's token.
enum Pagination {
  static func page(of call: APICall, _ pagination: Operation.Pagination?, body: Document) throws(CallFailure)
    -> CloudPage
  {
    guard let pagination, let token = body.at(path: pagination.outputToken)?.string, !token.isEmpty
    else { return CloudPage(body: body) }
    // A server that answers with the token it was asked with would be asked for ever.
    guard call.parameters[pagination.inputToken]?.string != token else {
      throw .local(
        FailureReason(
          kind: .badData, code: "RepeatedPageToken",
          message:
            "\(call.name) answered with the page token that it was asked with; the list cannot be read to its end"
        ))
    }
    var next = call
    next.parameters = call.parameters.setting(pagination.inputToken, to: Document(token))
    return CloudPage(body: body, next: next)
  }
}
