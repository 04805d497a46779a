package import AWSWire
package import Governance

/// One call as it was handled, whichever way it came. Its parts are the ones that were at hand: nothing is printed or
/// built until somebody reads the record.
package final class CallEvent: Sendable {
  /// Who it was, once that is proven.
  package struct Identity: Sendable, Equatable {
    package enum Kind: String, Sendable { case root, user, roleSession, anonymous }
    package var kind: Kind
    package var account: String
    /// As GetCallerIdentity answers it.
    package var arn: String
    package var userID: String
    /// Of a session, the role with its path.
    package var principalARN: String
    /// Of temporary credentials, when they were given.
    package var issued: Timestamp?
    package var sourceIdentity: String?
    /// The identity provider that vouched for the session's bearer.
    package var provider: String?
  }

  package let id: RequestID
  private let call: Call
  /// What the request says it is, also where there is no such operation.
  package let operation: String
  /// What the request claims; empty: it is unsigned.
  package let accessKeyID: String
  private let given: Answer?
  package let error: ServiceError?
  /// It would change something; known only of operations that the simulator has.
  package let isMutating: Bool

  init(
    id: RequestID, call: Call, operation: String, accessKeyID: String, isMutating: Bool, answer: Answer?,
    error: ServiceError?
  ) {
    self.id = id
    self.call = call
    self.operation = operation
    self.accessKeyID = accessKeyID
    self.isMutating = isMutating
    given = answer
    self.error = error
  }

  /// Of a call that succeeded and changed something: what it made is in there.
  package var answer: Document? { given?.document }
  package var time: Timestamp { call.now }
  package var service: String { call.service }
  package var region: String { call.region }
  /// nil: the signature told nobody.
  package var caller: Identity? { call.caller.kind == .anonymous ? nil : call.caller.identity }
  package var parameters: Document { call.parameters }
  package var sourceAddress: String { call.sourceAddress }
  package var userAgent: String { call.userAgent }
  /// The AWS service that called on the caller's behalf.
  package var invokedBy: String? { call.caller.invokedBy }
  package var account: String { call.caller.account }
  /// AWS's error code, or `OK`.
  package var result: String { error?.code ?? "OK" }
}

extension CallEvent {
  /// For a person who asks what happened.
  package var document: Document {
    Document(entries: [
      ("time", Document(time.iso8601Milliseconds)), ("requestID", Document(id.text)), ("service", Document(service)),
      ("operation", Document(operation)), ("region", Document(region)), ("account", Document(account)),
      ("caller", caller.map { Document($0.arn) }), ("accessKeyID", Document(accessKeyID)),
      ("invokedBy", invokedBy.map { Document($0) }), ("parameters", parameters.withoutSecrets),
      ("result", Document(result)), ("message", error.map { Document($0.message) }),
    ])
  }
}

extension Document {
  /// A bearer token is one whoever sees it can use.
  fileprivate var withoutSecrets: Document {
    self["WebIdentityToken"] == nil ? self : setting("WebIdentityToken", to: "HIDDEN_DUE_TO_SECURITY_REASONS")
  }
}

/// The last calls, oldest first. Those that change something are kept apart: a million reads do not push out who made
/// an image public.
package struct CallLog: Sendable {
  private var changes = Ring<CallEvent>(capacity: 32_768)
  private var reads = Ring<CallEvent>(capacity: 16_384)
  /// How many there were in all.
  package private(set) var total = 0

  mutating func append(_ event: CallEvent) {
    total += 1
    if event.isMutating { changes.append(event) } else { reads.append(event) }
  }

  /// Newest first. An event that `isWanted` refuses counts for nothing.
  package func newest(_ limit: Int, where isWanted: (CallEvent) -> Bool) -> [CallEvent] {
    var found: [CallEvent] = []
    var change = changes.count - 1
    var read = reads.count - 1
    while found.count < limit, change >= 0 || read >= 0 {
      let takesChange = read < 0 || (change >= 0 && changes[change].id.number > reads[read].id.number)
      let event = takesChange ? changes[change] : reads[read]
      if takesChange { change -= 1 } else { read -= 1 }
      if isWanted(event) { found.append(event) }
    }
    return found
  }
}

/// The last so many of something, by position from the oldest.
struct Ring<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  /// Where the oldest stands once it is full.
  private var start = 0
  let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  var count: Int { elements.count }

  mutating func append(_ element: Element) {
    guard elements.count == capacity else {
      elements.append(element)
      return
    }
    elements[start] = element
    start = start + 1 == capacity ? 0 : start + 1
  }

  subscript(position: Int) -> Element {
    let place = start + position
    return elements[place < elements.count ? place : place - elements.count]
  }
}
