import CReevePlugin

enum RunAnswer: Sendable {
  case response(Response)
  case failure(AWSError)
  /// After the last page.
  case finished
}

struct PendingRequest {
  var service: String
  var operation: String
  var isPaged: Bool
  var isSent = false
  /// The last response has come.
  var isComplete = false
  /// Nobody waits for it any more.
  var isGivenUp = false
  var arrived: [RunAnswer] = []
  var waiter: CheckedContinuation<RunAnswer, Never>?
}

struct OutgoingRequest {
  var id: UInt32
  var flags: UInt32
  var service: String
  var operation: String
  var parameters: Document
}

struct RunState {
  var now = Time(nanoseconds: 0)
  var task: Task<Void, Never>?
  var outcome: Result<Void, any Error>?
  var isEnded = false
  var nextID: UInt32 = 0
  var pending: [UInt32: PendingRequest] = [:]
  /// Pending requests whose last response has not come.
  var outstanding = 0
  var requests: [OutgoingRequest] = []
  var resources: [DiscoveredResource] = []
  var lines: [(level: Int32, message: String)] = []
  var refusals = 0
  var parked: [CheckedContinuation<Void, Never>] = []
}

extension RunState {
  mutating func register(
    _ service: String, _ operation: String, _ parameters: Document, flags: UInt32
  ) -> UInt32 {
    let id = nextID
    nextID += 1
    outstanding += 1
    pending[id] = PendingRequest(
      service: service, operation: operation, isPaged: flags & REEVE_REQUEST_ALL_PAGES != 0)
    requests.append(
      OutgoingRequest(id: id, flags: flags, service: service, operation: operation, parameters: parameters))
    return id
  }

  /// Stores an answer, or returns the one who waits for it.
  mutating func take(_ answer: RunAnswer, of id: UInt32, isLast: Bool)
    -> (continuation: CheckedContinuation<RunAnswer, Never>, answer: RunAnswer)?
  {
    guard var request = pending[id], !request.isComplete else { return nil }
    var isFailure = false
    if case .failure = answer { isFailure = true }
    if isLast || isFailure || !request.isPaged {
      request.isComplete = true
      outstanding -= 1
    }
    if request.isGivenUp {
      pending[id] = request.isComplete ? nil : request
      return nil
    }
    guard let waiter = request.waiter else {
      request.arrived.append(answer)
      pending[id] = request
      return nil
    }
    request.waiter = nil
    pending[id] = request
    return (waiter, answer)
  }

  /// What is there already; nil when the continuation has to wait.
  mutating func wait(
    for id: UInt32, _ continuation: CheckedContinuation<RunAnswer, Never>
  ) -> RunAnswer? {
    guard var request = pending[id] else { return .finished }
    if request.isGivenUp {
      if request.isComplete { pending[id] = nil }
      return .failure(.cancelled(request.service, request.operation))
    }
    if !request.arrived.isEmpty {
      let answer = request.arrived.removeFirst()
      pending[id] = request
      return answer
    }
    if request.isComplete {
      pending[id] = nil
      return .finished
    }
    request.waiter = continuation
    pending[id] = request
    return nil
  }

  mutating func giveUp(_ id: UInt32) -> (CheckedContinuation<RunAnswer, Never>, AWSError)? {
    guard var request = pending[id] else { return nil }
    let waiter = request.waiter
    request.waiter = nil
    request.isGivenUp = true
    request.arrived = []
    if !request.isSent, !request.isComplete {
      // The host has not heard of it: it never will.
      requests.removeAll { $0.id == id }
      request.isComplete = true
      outstanding -= 1
    }
    pending[id] = request
    return waiter.map { ($0, .cancelled(request.service, request.operation)) }
  }
}

extension RunAnswer {
  init(_ raw: UnsafePointer<reeve_response>, service: String, operation: String) {
    guard unsafe raw.pointee.status == REEVE_OK else {
      self = unsafe .failure(
        AWSError(
          kind: FailureKind(raw.pointee.status), code: Text(raw.pointee.error_code).string,
          message: Text(raw.pointee.error_message).string, service: service, operation: operation))
      return
    }
    let readAt = unsafe raw.pointee.read_at
    self = unsafe .response(
      Response(
        body: DocumentView(raw.pointee.body)?.copy() ?? .emptyObject,
        readAt: readAt == 0 ? nil : Time(nanoseconds: readAt)))
  }
}

extension AWSError {
  static func cancelled(_ service: String, _ operation: String) -> AWSError {
    AWSError(
      kind: .cancelled, code: "Cancelled", message: "the run was asked to stop", service: service,
      operation: operation)
  }
}
