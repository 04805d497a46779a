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
  /// It goes out as bytes anyway: an operation that can writes them itself.
  var wantsBytes = false

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
  var result: Result<Answer, ServiceError>

  /// Of a call that wanted no bytes.
  var document: Result<Document, ServiceError> {
    result.map { answer in
      guard let document = answer.document else { preconditionFailure("a direct call wants no bytes") }
      return document
    }
  }
}

/// An answer in its parts: written when the state is free for others again, and made a document when somebody reads the
/// record.
protocol LateAnswer: Sendable {
  var document: Document { get }
  /// Its members, the same as the document written by the shape.
  func write(to xml: inout XMLWriter)
}

/// What a call is answered with.
enum Answer: Sendable {
  case document(Document)
  /// A whole body, with the request's id in it.
  case body([UInt8], requestID: String)
  case late(any LateAnswer)

  /// nil of a body: only calls that want bytes get one.
  var document: Document? {
    switch self {
    case .document(let document): document
    case .late(let answer): answer.document
    case .body: nil
    }
  }
}
