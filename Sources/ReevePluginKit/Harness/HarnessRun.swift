import CReevePlugin

/// A request that a discovery under test made.
public struct HarnessRequest: Sendable, Equatable {
  public var id: UInt32
  public var service: String
  public var operation: String
  public var parameters: Document
  public var followsPages: Bool
  public var isReusable: Bool
}

/// One response (page) to it.
public enum HarnessAnswer: Sendable {
  case page(Document, isLast: Bool = true, readAt: Time? = nil)
  case failure(AWSError)
}

/// One discovery run under test, stepped by hand.
@safe public final class HarnessRun {
  public struct Step: Sendable {
    public var requests: [HarnessRequest]
    public var resources: [DiscoveredResource]
    public var isDone: Bool
  }

  private let interface: UnsafePointer<reeve_discovery>
  private let instance: OpaquePointer
  private let now: Time
  private let harness: PluginHarness
  private var run: OpaquePointer?

  init(
    _ interface: UnsafePointer<reeve_discovery>, _ instance: OpaquePointer, now: Time, keeping harness: PluginHarness
  ) {
    unsafe self.interface = unsafe interface
    unsafe self.instance = unsafe instance
    self.now = now
    self.harness = harness
  }

  public func begin(_ scope: Scope, asksBeforeCancel: Int? = nil) throws -> Step {
    let arena = Arena()
    let wanted = unsafe scope.pairs.map { pair in
      unsafe reeve_wanted_attribute(resource_type: arena.string(pair.type), name: arena.string(pair.name))
    }
    var raw = unsafe reeve_scope(
      struct_size: UInt32(MemoryLayout<reeve_scope>.size), reserved: 0, account: arena.string(scope.account),
      region: arena.string(scope.region), partition: arena.string(scope.partition), wanted: arena.span(wanted))
    return unsafe try step(asksBeforeCancel) { call in
      withExtendedLifetime(arena) { unsafe interface.pointee.begin(instance, call, &raw, &run) }
    }
  }

  public func resume(_ answers: [(request: UInt32, answer: HarnessAnswer)], asksBeforeCancel: Int? = nil) throws
    -> Step
  {
    guard let run = unsafe run else {
      throw HarnessFailure(status: REEVE_ERROR_BAD_DATA, resource: nil, message: "there is no run to resume")
    }
    // As the real host does it, the memory is gone when the call returns.
    let arena = Arena()
    let responses = unsafe answers.map { unsafe $0.answer.raw($0.request, arena) }
    return unsafe try step(asksBeforeCancel) { call in
      withExtendedLifetime(arena) { unsafe interface.pointee.resume(run, call, arena.span(responses)) }
    }
  }

  /// Exactly once, also after a failure.
  public func end() {
    if let run = unsafe run { unsafe interface.pointee.end(run) }
    unsafe run = nil
  }

  private func step(_ asksBeforeCancel: Int?, _ body: (UnsafeMutablePointer<reeve_call>) -> Int32) throws -> Step {
    let host = HostCall(now: now, asksBeforeCancel: asksBeforeCancel)
    switch unsafe host.perform(body) {
    case REEVE_RUN_DONE: return Step(requests: host.requests, resources: host.resources, isDone: true)
    case REEVE_RUN_MORE: return Step(requests: host.requests, resources: host.resources, isDone: false)
    default:
      throw host.failure
        ?? HarnessFailure(status: REEVE_ERROR_INTERNAL, resource: nil, message: "the run did not say why it failed")
    }
  }
}

extension HarnessAnswer {
  fileprivate func raw(_ request: UInt32, _ arena: Arena) -> reeve_response {
    var raw = unsafe reeve_response()
    unsafe raw.struct_size = UInt32(MemoryLayout<reeve_response>.size)
    unsafe raw.request_id = request
    switch self {
    case .page(let body, let isLast, let readAt):
      unsafe raw.last_page = isLast ? 1 : 0
      unsafe raw.body = arena.document(body)
      unsafe raw.read_at = readAt?.nanoseconds ?? 0
    case .failure(let error):
      unsafe raw.status = error.kind.status
      unsafe raw.last_page = 1
      unsafe raw.error_code = arena.string(error.code)
      unsafe raw.error_message = arena.string(error.message)
    }
    return unsafe raw
  }
}
