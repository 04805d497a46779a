import CReevePlugin
import Governance
import Orchestrator

extension ConformanceCase {
  private typealias Propose =
    @Sendable (
      ConformanceSubject, ConformanceSubject.Instance, [Resource], HostLayout, Int?
    ) throws(ConformanceFailure) -> (ConformanceSubject.Returned, [String])

  static let taggers = proposals(of: .tagger, "tagger", function: "propose") {
    subject, instance, resources, layout, stopAt throws(ConformanceFailure) in
    let (returned, operations) = try subject.propose(instance, resources, layout: layout, stopAt: stopAt)
    return (returned, operations.map { "\(resources[$0.resource].id): \($0.kind) \($0.key) (\($0.reason))" }.sorted())
  }

  static let remediators = proposals(of: .remediator, "remediator", function: "plan") {
    subject, instance, resources, layout, stopAt throws(ConformanceFailure) in
    let findings = resources.indices.flatMap { position in
      subject.manifest.remediates.map {
        PlannableFinding(resource: position, check: $0, message: "found by \($0)", evidence: .emptyObject)
      }
    }
    let (returned, actions) = try subject.plan(instance, resources, findings, layout: layout, stopAt: stopAt)
    return (
      returned,
      actions.map { "\($0.resource.id): \($0.call.operation) \($0.call.parameters.json) (\($0.summary))" }.sorted()
    )
  }

  /// Taggers and remediators are asked the same.
  private static func proposals(
    of kind: PluginManifest.Kind, _ name: String, function: String, _ propose: @escaping Propose
  ) -> [ConformanceCase] {
    @Sendable func ask(
      _ subject: ConformanceSubject, _ instance: ConformanceSubject.Instance, _ resources: [Resource],
      layout: HostLayout = .first
    ) throws(ConformanceFailure) -> [String] {
      let (returned, lines) = try propose(subject, instance, resources, layout, nil)
      try subject.demandOK(returned, "\(function) of \(resources.count) resources")
      return lines
    }
    return [
      ConformanceCase("\(name).empty", "a batch without resources", of: kind) { subject throws(ConformanceFailure) in
        try subject.withInstance { instance throws(ConformanceFailure) in
          _ = try ask(subject, instance, [])
          return .passed
        }
      },
      ConformanceCase("\(name).many", "a batch of 10,000 resources, within the time for a case", of: kind) {
        subject throws(ConformanceFailure) in
        try subject.withInstance { instance throws(ConformanceFailure) in
          _ = try ask(subject, instance, subject.samples(count: 10_000))
          return .passed
        }
      },
      ConformanceCase("\(name).missing", "a resource without any attribute does not stop the batch", of: kind) {
        subject throws(ConformanceFailure) in
        try subject.withInstance { instance throws(ConformanceFailure) in
          _ = try ask(subject, instance, subject.samples(count: 6).map { $0.keeping([]) })
          return .passed
        }
      },
      ConformanceCase("\(name).unread", "nothing is proposed for what could not be read", of: kind) {
        subject throws(ConformanceFailure) in
        let reason = FailureReason(kind: .denied, code: "ReeveTestDenied", message: "You are not authorized.")
        let reads = subject.manifest.readsAttributes
        guard !reads.isEmpty else { return .skipped("its manifest names nothing that it reads") }
        return try subject.withInstance { instance throws(ConformanceFailure) in
          let resources = subject.samples(count: 12).filter { reads[$0.type] != nil }
            .map { $0.unread(reads[$0.type] ?? [], reason) }
          if let line = try ask(subject, instance, resources).first {
            throw ConformanceFailure("it rests on what could not be read: \(line)")
          }
          return .passed
        }
      },
      ConformanceCase("\(name).same", "the same resources give the same, whatever their order", of: kind) {
        subject throws(ConformanceFailure) in
        let resources = subject.samples(count: 60)
        let first = try subject.withInstance { instance throws(ConformanceFailure) in
          let once = try ask(subject, instance, resources)
          guard try ask(subject, instance, resources.reversed()) == once else {
            throw ConformanceFailure("the same resources in another order gave something else")
          }
          return once
        }
        let other = try subject.withInstance { instance throws(ConformanceFailure) in
          try ask(subject, instance, resources)
        }
        guard other == first else { throw ConformanceFailure("another instance gave something else") }
        return .passed
      },
      ConformanceCase("\(name).cancel", "told to stop, it stops", of: kind) { subject throws(ConformanceFailure) in
        try subject.withInstance { instance throws(ConformanceFailure) in
          let (returned, _) = try propose(subject, instance, subject.samples(count: 10_000), .first, 3)
          try demandStopped(returned, function)
          return .passed
        }
      },
      ConformanceCase("\(name).memory", "nothing that was lent is looked at after the call", of: kind) {
        subject throws(ConformanceFailure) in
        let instance = try subject.create()
        for _ in 0..<3 { _ = try ask(subject, instance, subject.samples(count: 20)) }
        subject.destroy(instance)
        return .passed
      },
      ConformanceCase("\(name).newer", "a later host, whose structs are larger, gets the same", of: kind) {
        subject throws(ConformanceFailure) in
        let resources = subject.samples(count: 40)
        let now = try subject.withInstance { instance throws(ConformanceFailure) in
          try ask(subject, instance, resources)
        }
        let later = try subject.withInstance(layout: .newer) { instance throws(ConformanceFailure) in
          try ask(subject, instance, resources, layout: .newer)
        }
        guard now == later else {
          throw ConformanceFailure("with larger structs it gives something else: step through arrays with their stride")
        }
        return .passed
      },
    ]
  }
}
