import CReevePlugin

/// One batch of resources through the selected checks: one verdict for each resource × check, handed over at once.
@safe struct CheckBatch {
  let call: Call
  let resources: SpanReader<reeve_resource>

  func evaluate(_ checks: [any Check], selected: SpanReader<UInt32>) -> reeve_status {
    let indexes = unsafe selected.map { unsafe $0.pointee }
    guard let unknown = indexes.first(where: { $0 >= checks.count }) else {
      return evaluate(indexes.map { (index: $0, check: checks[Int($0)]) })
    }
    return call.fail(REEVE_ERROR_BAD_DATA, "check \(unknown) was selected, but this plugin has only \(checks.count)")
  }

  private func evaluate(_ checks: [(index: UInt32, check: any Check)]) -> reeve_status {
    let arena = Arena()
    let now = call.now
    let progress = unsafe call.progress
    var verdicts: [reeve_verdict] = unsafe []
    unsafe verdicts.reserveCapacity(resources.count * checks.count)
    for position in unsafe 0..<resources.count {
      if call.isCancelled { return call.cancelled() }
      let resource = unsafe Resource(raw: resources.element(position), now: now)
      for (index, check) in checks {
        if let progress = unsafe progress { unsafe progress.pointee.at(call.raw, UInt32(position), index) }
        let verdict: Verdict
        do {
          verdict = try check.evaluate(resource)
        } catch let unread as UnreadAttribute {
          verdict = .notEvaluated(code: unread.code, message: unread.description)
        } catch {
          return call.fail(
            REEVE_ERROR_INTERNAL, resource: position,
            "check \(type(of: check).id) on \(resource.type) \(resource.id): \(error)")
        }
        unsafe verdicts.append(verdict.raw(resource: position, check: index, arena))
      }
    }
    return unsafe call.emit(REEVE_EMIT_VERDICT, verdicts)
  }
}

extension Verdict {
  fileprivate func raw(resource: Int, check: UInt32, _ arena: Arena) -> reeve_verdict {
    var raw = unsafe reeve_verdict()
    unsafe raw.struct_size = UInt32(MemoryLayout<reeve_verdict>.size)
    unsafe raw.resource = UInt32(resource)
    unsafe raw.check = check
    switch self {
    case .pass: unsafe raw.result = REEVE_VERDICT_PASS
    case .notApplicable: unsafe raw.result = REEVE_VERDICT_NOT_APPLICABLE
    case .fail(let message, let evidence):
      unsafe raw.result = REEVE_VERDICT_FAIL
      unsafe raw.message = arena.string(message)
      unsafe raw.evidence = arena.document(evidence)
    case .notEvaluated(let code, let message):
      unsafe raw.result = REEVE_VERDICT_NOT_EVALUATED
      unsafe raw.reason_code = arena.string(code)
      unsafe raw.message = arena.string(message)
    }
    return unsafe raw
  }
}
