import CReevePlugin

/// One batch of resources with their findings through a remediator. A resource that lacks what the plan would rest on
/// gets no action.
@safe struct RemediatorBatch {
  let call: Call
  let resources: SpanReader<reeve_resource>

  func plan(_ remediator: any Remediator, findings: SpanReader<reeve_finding>) -> reeve_status {
    var findingsByResource: [Int: [Finding]] = [:]
    for index in unsafe 0..<findings.count {
      let raw = unsafe findings.element(index)
      let resource = unsafe Int(raw.pointee.resource)
      guard unsafe resource < resources.count else {
        return call.fail(REEVE_ERROR_BAD_DATA, unsafe "a finding names resource \(resource) of \(resources.count)")
      }
      findingsByResource[resource, default: []].append(unsafe Finding(raw))
    }
    let arena = Arena()
    let progress = unsafe call.progress
    var actions: [reeve_action] = unsafe []
    for position in findingsByResource.keys.sorted() {
      if call.isCancelled { return call.cancelled() }
      if let progress = unsafe progress { unsafe progress.pointee.at(call.raw, UInt32(position), REEVE_NO_CHECK) }
      let resource = unsafe Resource(raw: resources.element(position), now: call.now)
      do {
        for action in try remediator.plan(resource, findings: findingsByResource[position] ?? []) {
          unsafe actions.append(action.raw(resource: position, arena))
        }
      } catch let unread as UnreadAttribute {
        call.log(REEVE_LOG_WARNING, "no action for \(resource.type) \(resource.id): \(unread)")
      } catch {
        return call.fail(
          REEVE_ERROR_INTERNAL, resource: position, "remediator on \(resource.type) \(resource.id): \(error)")
      }
    }
    return unsafe call.emit(REEVE_EMIT_ACTION, actions)
  }
}

extension Finding {
  fileprivate init(_ raw: UnsafePointer<reeve_finding>) {
    unsafe self.init(
      check: Text(raw.pointee.check).string, message: Text(raw.pointee.message).string,
      evidence: DocumentView(raw.pointee.evidence)?.copy())
  }
}

extension Action {
  fileprivate func raw(resource: Int, _ arena: Arena) -> reeve_action {
    unsafe reeve_action(
      struct_size: UInt32(MemoryLayout<reeve_action>.size), resource: UInt32(resource), risk: risk.rawValue,
      reserved: 0, check: arena.string(check), service: arena.string(call.service),
      operation: arena.string(call.operation), summary: arena.string(summary),
      parameters: arena.document(call.parameters), precondition: arena.document(precondition.document),
      undo: arena.document(.object(undo.entries)), verification: arena.document(verification.document),
      before: arena.document(before), after: arena.document(after))
  }
}
