import AWSWire
import Governance

/// What is known of a call so far: first what it says, then what is proven. Whatever becomes of it, this much is put on
/// record.
struct Arrival: Sendable {
  var model: ServiceModel
  var operation = ""
  var region = ""
  var accessKeyID = ""
  var caller: Caller?
  /// In process it comes from the machine itself.
  var sourceAddress = "127.0.0.1"
  var userAgent = ""

  init(model: ServiceModel, operation: String = "") {
    self.model = model
    self.operation = operation
  }
}

/// How a call ended.
struct Outcome: Sendable {
  var id: RequestID
  /// nil: it was refused before that was known.
  var operation: Operation?
  var result: Result<Document, ServiceError>
}
