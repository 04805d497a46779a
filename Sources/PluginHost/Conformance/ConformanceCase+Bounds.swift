import CSandbox
import Glibc
import Governance
import Orchestrator

extension ConformanceCase {
  /// The sandbox closes around this process before the plugin is called, as it does around a host process. A canary first
  /// tries what must not work: a case that could not fail would say nothing. (What ends the process cannot be tried.)
  static let bounds = [
    ConformanceCase("bounds", "it makes no system call that the sandbox forbids") {
      subject throws(ConformanceFailure) in
      guard reeve_sandbox_layers() == REEVE_LAYERS_ALL else {
        return .skipped("this kernel offers no whole sandbox")
      }
      // Made before: what the first call in a process needs of the runtime is not the plugin's doing.
      try use(subject)
      guard reeve_confine_process(getppid(), 1 << 46) == 0, reeve_confine_running(REEVE_LAYERS_ALL) == 0 else {
        throw ConformanceFailure("the sandbox could not be closed around this process")
      }
      try tryCanary()
      try use(subject)
      return .passed
    }
  ]

  private static func tryCanary() throws(ConformanceFailure) {
    let attempts: [(what: String, result: Int32)] = unsafe [
      ("opened /etc/passwd", open("/etc/passwd", O_RDONLY)),
      ("opened /proc/self/environ", open("/proc/self/environ", O_RDONLY)),
      ("made a file", open("/tmp/reeve-canary", O_WRONLY | O_CREAT, 0o600)),
    ]
    if let escaped = attempts.first(where: { $0.result >= 0 }) {
      throw ConformanceFailure("the canary \(escaped.what): the sandbox does not hold here, so this case says nothing")
    }
  }

  /// One call of each kind.
  private static func use(_ subject: ConformanceSubject) throws(ConformanceFailure) {
    try subject.withInstance { instance throws(ConformanceFailure) in
      let resources = subject.samples(count: 20)
      if subject.manifest.kinds.contains(.check) {
        for check in subject.manifest.checks {
          let (returned, _) = try subject.evaluate(instance, try subject.samples([check], count: 20), checks: [check])
          try subject.demandOK(returned, "evaluate in the sandbox")
        }
      }
      if subject.manifest.kinds.contains(.tagger) {
        try subject.demandOK(try subject.propose(instance, resources).0, "propose in the sandbox")
      }
      if subject.manifest.kinds.contains(.remediator) {
        let findings = resources.indices.flatMap { position in
          subject.manifest.remediates.map {
            PlannableFinding(resource: position, check: $0, message: "found", evidence: .emptyObject)
          }
        }
        try subject.demandOK(try subject.plan(instance, resources, findings).0, "plan in the sandbox")
      }
      if subject.manifest.kinds.contains(.discovery) { _ = try drive(subject, wanted: wanted(subject), .empty) }
    }
  }
}
