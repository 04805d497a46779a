import Governance
import Orchestrator

/// Gets everything out of a batch that a plugin does not die of.
///
/// When a call gives nothing and it is known where the plugin was, the rest is done again without that resource (or that
/// check on it); when it is not known, the batch is halved until it is. What remains of a fault is one resource and as few
/// checks as can be told: those are `missing`.
struct BatchRecovery<Output> {
  typealias Checks = [PluginManifest.Check]

  /// The checks' places in the descriptor, by id.
  let descriptorChecks: [String]
  let attempt: (BatchPart, Checks, Duration) -> Result<[Output], CallFault>
  /// What is said of one resource that a plugin did not get over.
  let missing: (BatchPart, Checks, CallFault) -> [Output]
  /// Is told of each fault that has been brought home to one resource; gives the reason when the plugin is not to be
  /// called any more.
  let pinned: (CallFault) -> PluginFailure?

  /// A call that hung is not waited for as long again while it is looked for what it hangs on.
  private static var shortened: Int { 8 }
  private static var shortest: Duration { .seconds(1) }

  /// Failure: nothing can be had of the plugin at all.
  func run(_ part: BatchPart, checks: Checks, limit: Duration) -> Result<[Output], PluginFailure> {
    var output: [Output] = []
    var part = part
    var limit = limit
    while !part.resources.isEmpty {
      let fault: CallFault
      switch attempt(part, checks, limit) {
      case .success(let all): return .success(output + all)
      case .failure(let found): fault = found
      }
      if fault.kind == .unavailable { return .failure(fault.failure) }
      // It said that it cannot, and not on what: there is nothing to leave out.
      if fault.kind == .said, fault.resource == nil { return .failure(fault.failure) }
      if part.resources.count == 1 {
        return single(part, checks, fault, limit).map { output + $0 }
      }
      if let suspect = fault.resource {
        let alone = part[suspect..<suspect + 1]
        // Who only guessed from what came last is asked again, alone.
        let found = fault.isCertain ? single(alone, checks, fault, limit) : run(alone, checks: checks, limit: limit)
        switch found {
        case .success(let more): output += more
        case .failure(let failure): return .failure(failure)
        }
        part = part.removing(at: suspect)
      } else {
        if fault.kind == .hung { limit = min(limit, max(limit / Self.shortened, Self.shortest)) }
        return halves(part, checks, limit).map { output + $0 }
      }
    }
    return .success(output)
  }

  private func halves(_ part: BatchPart, _ checks: Checks, _ limit: Duration) -> Result<[Output], PluginFailure> {
    let middle = part.resources.count / 2
    return run(part[0..<middle], checks: checks, limit: limit).flatMap { first in
      run(part[middle..<part.resources.count], checks: checks, limit: limit).map { first + $0 }
    }
  }

  /// One resource that the plugin fell over: which of the checks was it?
  private func single(_ part: BatchPart, _ checks: Checks, _ fault: CallFault, _ limit: Duration)
    -> Result<[Output], PluginFailure>
  {
    guard checks.count > 1 else { return pin(part, checks, fault) }
    let blamed = fault.check.flatMap { index in
      descriptorChecks.indices.contains(index) ? checks.firstIndex { $0.id == descriptorChecks[index] } : nil
    }
    if let blamed {
      var others = checks
      let guilty = others.remove(at: blamed)
      return pin(part, [guilty], fault).flatMap { gone in
        run(part, checks: others, limit: limit).map { gone + $0 }
      }
    }
    var output: [Output] = []
    for check in checks {
      switch run(part, checks: [check], limit: limit) {
      case .success(let more): output += more
      case .failure(let failure): return .failure(failure)
      }
    }
    return .success(output)
  }

  private func pin(_ part: BatchPart, _ checks: Checks, _ fault: CallFault) -> Result<[Output], PluginFailure> {
    if let reason = pinned(fault) { return .failure(reason) }
    return .success(missing(part, checks, fault))
  }
}
