import CReevePlugin

/// The host's side of one call, for tests: records what the plugin hands over, copied as the real host copies it.
@safe final class HostCall {
  var verdicts: [PluginHarness.Outcome] = []
  var tagOperations: [(resource: Int, operation: TagOperation)] = []
  var actions: [(resource: Int, action: Action)] = []
  var resources: [DiscoveredResource] = []
  var requests: [HarnessRequest] = []
  var lines: [String] = []
  var failure: HarnessFailure?
  /// How often the plugin may ask before it is told to stop. nil: for ever.
  var asksBeforeCancel: Int?
  private let now: Time

  init(now: Time, asksBeforeCancel: Int? = nil) {
    self.now = now
    self.asksBeforeCancel = asksBeforeCancel
  }

  func perform<Value>(_ body: (UnsafeMutablePointer<reeve_call>) -> Value) -> Value {
    var call = unsafe reeve_call(
      struct_size: UInt32(MemoryLayout<reeve_call>.size), reserved: 0,
      host: Unmanaged.passUnretained(self).toOpaque(), now: now.nanoseconds,
      cancelled: { unsafe HostCall.from($0).isCancelled() ? 1 : 0 },
      emit: { unsafe HostCall.from($0).take(kind: $1, $2) },
      fail: { call, status, resource, message in
        let host = unsafe HostCall.from(call)
        guard host.failure == nil else { return }
        host.failure = unsafe HarnessFailure(
          status: status, resource: resource == REEVE_NO_RESOURCE ? nil : Int(resource), message: Text(message).string)
      },
      log: { unsafe HostCall.from($0).lines.append(Text($2).string) },
      service: { _, _ in nil })
    return unsafe withUnsafeMutablePointer(to: &call) { pointer in
      withExtendedLifetime(self) { unsafe body(pointer) }
    }
  }

  /// The failure that goes with a status, or nil when the call went well.
  func failure(_ status: reeve_status) -> HarnessFailure? {
    guard status != REEVE_OK else { return nil }
    return failure ?? HarnessFailure(status: status, resource: nil, message: "the plugin did not say why")
  }

  private static func from(_ call: UnsafeMutablePointer<reeve_call>) -> HostCall {
    guard let host = unsafe call.pointee.host else { preconditionFailure("a call of the harness carries its host") }
    return unsafe Unmanaged<HostCall>.fromOpaque(host).takeUnretainedValue()
  }

  private func isCancelled() -> Bool {
    guard let left = asksBeforeCancel else { return false }
    asksBeforeCancel = max(0, left - 1)
    return left == 0
  }

  private func take(kind: UInt32, _ items: reeve_span) -> reeve_status {
    switch kind {
    case REEVE_EMIT_VERDICT:
      unsafe SpanReader<reeve_verdict>(items).each { raw in unsafe verdicts.append(.init(raw)) }
    case REEVE_EMIT_TAG_OPERATION:
      unsafe SpanReader<reeve_tag_operation>(items).each { raw in
        unsafe tagOperations.append((Int(raw.pointee.resource), TagOperation(raw)))
      }
    case REEVE_EMIT_ACTION:
      unsafe SpanReader<reeve_action>(items).each { raw in
        unsafe actions.append((Int(raw.pointee.resource), Action(raw)))
      }
    case REEVE_EMIT_RESOURCE:
      unsafe SpanReader<reeve_resource>(items).each { raw in unsafe resources.append(.init(raw)) }
    case REEVE_EMIT_REQUEST:
      unsafe SpanReader<reeve_request>(items).each { raw in unsafe requests.append(.init(raw)) }
    default: return REEVE_ERROR_BAD_DATA
    }
    return REEVE_OK
  }
}

extension PluginHarness.Outcome {
  fileprivate init(_ raw: UnsafePointer<reeve_verdict>) {
    unsafe resource = Int(raw.pointee.resource)
    unsafe check = Int(raw.pointee.check)
    let message = unsafe Text(raw.pointee.message).string
    verdict =
      switch unsafe raw.pointee.result {
      case REEVE_VERDICT_PASS: .pass
      case REEVE_VERDICT_FAIL: unsafe .fail(message, evidence: DocumentView(raw.pointee.evidence)?.copy())
      case REEVE_VERDICT_NOT_EVALUATED:
        unsafe .notEvaluated(code: Text(raw.pointee.reason_code).string, message: message)
      default: .notApplicable
      }
  }
}

extension HarnessRequest {
  fileprivate init(_ raw: UnsafePointer<reeve_request>) {
    unsafe id = raw.pointee.id
    unsafe followsPages = raw.pointee.flags & REEVE_REQUEST_ALL_PAGES != 0
    unsafe isReusable = raw.pointee.flags & REEVE_REQUEST_REUSABLE != 0
    unsafe service = Text(raw.pointee.service).string
    unsafe operation = Text(raw.pointee.operation).string
    unsafe parameters = DocumentView(raw.pointee.parameters)?.copy() ?? .emptyObject
  }
}

extension TagOperation {
  fileprivate init(_ raw: UnsafePointer<reeve_tag_operation>) {
    let key = unsafe Text(raw.pointee.key).string
    let reason = unsafe Text(raw.pointee.reason).string
    self =
      switch unsafe raw.pointee.operation {
      case REEVE_TAG_SET: unsafe .set(key: key, value: Text(raw.pointee.value).string, reason: reason)
      case REEVE_TAG_RENAME: unsafe .rename(key: key, newKey: Text(raw.pointee.new_key).string, reason: reason)
      default: .remove(key: key, reason: reason)
      }
  }
}

extension Action {
  fileprivate init(_ raw: UnsafePointer<reeve_action>) {
    let copy = { (document: reeve_document) in unsafe DocumentView(document)?.copy() ?? .emptyObject }
    unsafe self.init(
      check: Text(raw.pointee.check).string, summary: Text(raw.pointee.summary).string,
      risk: Risk(rawValue: raw.pointee.risk) ?? .high,
      call: Call(
        Text(raw.pointee.service).string, Text(raw.pointee.operation).string, copy(raw.pointee.parameters)),
      precondition: Observation(copy(raw.pointee.precondition)), undo: Call(copy(raw.pointee.undo)),
      verification: Observation(copy(raw.pointee.verification)), before: copy(raw.pointee.before),
      after: copy(raw.pointee.after))
  }
}

extension Action.Call {
  fileprivate init(_ document: Document) {
    self.init(
      document["service"]?.string ?? "", document["operation"]?.string ?? "", document["parameters"] ?? .emptyObject)
  }
}

extension Action.Observation {
  fileprivate init(_ document: Document) {
    call = Action.Call(document)
    expect = (document["expect"]?.elements ?? []).map { expectation in
      let path = expectation["path"]?.string ?? ""
      if let value = expectation["is"] { return .equals(path, value) }
      if let value = expectation["contains"] { return .contains(path, value) }
      if let value = expectation["lacks"] { return .lacks(path, value) }
      return .absent(path)
    }
  }
}
