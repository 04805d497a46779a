import CReevePlugin
import Governance
import Orchestrator

extension ConformanceCase {
  /// A verdict as it is compared: all of it.
  private typealias Said = [String]

  static let checks: [ConformanceCase] = [
    ConformanceCase("check.empty", "a batch without resources", of: .check) { subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        let (returned, _) = try subject.evaluate(instance, [])
        try subject.demandOK(returned, "evaluate of no resources")
        return .passed
      }
    },
    ConformanceCase("check.one", "each resource gets exactly one verdict of each check", of: .check) {
      subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        for group in groups(subject) {
          for resource in try subject.samples(group, count: 6) {
            _ = try verdicts(subject, instance, [resource], group)
          }
        }
        return .passed
      }
    },
    ConformanceCase("check.many", "a batch of 10,000 resources, within the time for a case", of: .check) {
      subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        for group in groups(subject) {
          _ = try verdicts(subject, instance, try subject.samples(group, count: 10_000), group)
        }
        return .passed
      }
    },
    ConformanceCase("check.selected", "only the selected checks answer", of: .check) {
      subject throws(ConformanceFailure) in
      guard subject.manifest.checks.count > 1 else { return .skipped("it has one check") }
      return try subject.withInstance { instance throws(ConformanceFailure) in
        for check in subject.manifest.checks {
          _ = try verdicts(subject, instance, try subject.samples([check], count: 3), [check])
        }
        return .passed
      }
    },
    ConformanceCase("check.missing", "a resource without any attribute does not stop the batch", of: .check) {
      subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        for group in groups(subject) {
          let bare = try subject.samples(group, count: 4).map { $0.keeping([]) }
          _ = try verdicts(subject, instance, bare, group)
        }
        return .passed
      }
    },
    ConformanceCase("check.unread", "what could not be read is not evaluated, with the reason it was given", of: .check)
    {
      subject throws(ConformanceFailure) in try unread(subject)
    },
    ConformanceCase("check.undeclared", "attributes that its manifest does not name change no verdict", of: .check) {
      subject throws(ConformanceFailure) in try undeclared(subject)
    },
    ConformanceCase(
      "check.same", "the same resources give the same verdicts, twice and from another instance", of: .check
    ) {
      subject throws(ConformanceFailure) in
      for group in groups(subject) {
        let resources = try subject.samples(group, count: 200)
        let first = try subject.withInstance { instance throws(ConformanceFailure) in
          let once = try verdicts(subject, instance, resources, group)
          guard try verdicts(subject, instance, resources, group) == once else {
            throw ConformanceFailure(
              "the second call gave other verdicts than the first: it remembers, or reads a clock")
          }
          return once
        }
        let other = try subject.withInstance { instance throws(ConformanceFailure) in
          try verdicts(subject, instance, resources, group)
        }
        guard other == first else {
          throw ConformanceFailure("another instance gave other verdicts on the same resources")
        }
      }
      return .passed
    },
    ConformanceCase(
      "check.order", "a verdict depends on its resource alone, not on its neighbours or their order", of: .check
    ) {
      subject throws(ConformanceFailure) in try order(subject)
    },
    ConformanceCase("check.cancel", "told to stop, it stops", of: .check) { subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        guard let group = groups(subject).first else { return .skipped("it has no check") }
        let (returned, _) = try subject.evaluate(
          instance, try subject.samples(group, count: 10_000), checks: group, stopAt: 3)
        try demandStopped(returned, "evaluate")
        return .passed
      }
    },
    ConformanceCase("check.memory", "nothing that was lent is looked at after the call", of: .check) {
      subject throws(ConformanceFailure) in
      let instance = try subject.create()
      for group in groups(subject) {
        for _ in 0..<3 { _ = try verdicts(subject, instance, try subject.samples(group, count: 20), group) }
      }
      subject.destroy(instance)
      return .passed
    },
    ConformanceCase("check.newer", "a later host, whose structs are larger, gets the same verdicts", of: .check) {
      subject throws(ConformanceFailure) in
      for group in groups(subject) {
        let resources = try subject.samples(group, count: 50)
        let now = try subject.withInstance { instance throws(ConformanceFailure) in
          try verdicts(subject, instance, resources, group)
        }
        let later = try subject.withInstance(layout: .newer) { instance throws(ConformanceFailure) in
          try verdicts(subject, instance, resources, group, layout: .newer)
        }
        if let place = now.indices.first(where: { now[$0] != later[$0] }) {
          throw ConformanceFailure(
            "with larger structs it says \(later[place]) and not \(now[place]): step through arrays with their stride")
        }
      }
      return .passed
    },
    ConformanceCase("check.first", "a host of version 1.0 lends no byte more than its structs have", of: .check) {
      subject throws(ConformanceFailure) in
      try subject.withInstance { instance throws(ConformanceFailure) in
        for group in groups(subject) {
          for count in [1, 2, 3, 7] {
            _ = try verdicts(subject, instance, try subject.samples(group, count: count), group, layout: .first)
          }
        }
        return .passed
      }
    },
    ConformanceCase("check.threads", "calls into one instance overlap, since it says they may", of: .check) {
      subject throws(ConformanceFailure) in try threads(subject)
    },
  ]

  // MARK: Asking

  /// Checks that share a call.
  private static func groups(_ subject: ConformanceSubject) -> [[PluginManifest.Check]] {
    var groups: [[PluginManifest.Check]] = []
    for check in subject.manifest.checks {
      if let place = groups.firstIndex(where: { Set($0[0].resourceTypes) == Set(check.resourceTypes) }) {
        groups[place].append(check)
      } else {
        groups.append([check])
      }
    }
    return groups
  }

  /// The verdicts as lines, one for each resource and check, in the order of the batch.
  private static func verdicts(
    _ subject: ConformanceSubject, _ instance: ConformanceSubject.Instance, _ resources: [Resource],
    _ checks: [PluginManifest.Check], layout: HostLayout = .first
  ) throws(ConformanceFailure) -> Said {
    let (returned, checked) = try subject.evaluate(instance, resources, checks: checks, layout: layout)
    try subject.demandOK(returned, "evaluate of \(resources.count) resources")
    return try checked.map { checked throws(ConformanceFailure) in
      try line(checked, resources[checked.resource])
    }
  }

  /// Without messages and evidence, which may be richer for what happens to be known.
  private static func results(
    _ subject: ConformanceSubject, _ instance: ConformanceSubject.Instance, _ resources: [Resource],
    _ checks: [PluginManifest.Check]
  ) throws(ConformanceFailure) -> Said {
    try verdicts(subject, instance, resources, checks).map { line in
      String(line.prefix { $0 != "\"" })
    }
  }

  private static func line(_ checked: CheckedResource, _ resource: Resource) throws(ConformanceFailure) -> String {
    let place = "\(checked.check) on \(resource.id)"
    switch checked.verdict {
    case .pass: return "\(place): pass"
    case .notApplicable: return "\(place): not applicable"
    case .fail(let message, let evidence): return "\(place): fail \"\(message)\" \(evidence.json)"
    case .notEvaluated(let reason):
      guard reason.code != PluginFault.noVerdict.rawValue else {
        throw ConformanceFailure("it gave no verdict of \(place): every resource and check has exactly one")
      }
      return "\(place): not evaluated, \(reason.code) \"\(reason.message)\""
    }
  }

  private static func unread(_ subject: ConformanceSubject) throws(ConformanceFailure) -> Result {
    let reason = FailureReason(kind: .denied, code: "ReeveTestDenied", message: "You are not authorized.")
    var asked = false
    try subject.withInstance { instance throws(ConformanceFailure) in
      for check in subject.manifest.checks where !check.attributes.isEmpty {
        asked = true
        let resources = try subject.samples([check], count: 12).map { $0.unread(check.attributes, reason) }
        let (returned, checked) = try subject.evaluate(instance, resources, checks: [check])
        try subject.demandOK(returned, "evaluate of resources whose attributes were not read")
        for item in checked {
          switch item.verdict {
          case .notApplicable: continue
          case .notEvaluated(let found) where found.code == reason.code: continue
          case .notEvaluated(let found):
            throw ConformanceFailure(
              "\(check.id) gave the reason \(found.code) where the unread attribute's was \(reason.code): pass the note's "
                + "code on")
          case .pass:
            throw ConformanceFailure(
              "\(check.id) passed a resource of which nothing that it reads could be read: never pass what you could not "
                + "look at")
          case .fail:
            throw ConformanceFailure("\(check.id) failed a resource of which nothing that it reads could be read")
          }
        }
      }
    }
    return asked ? .passed : .skipped("its checks read no attribute")
  }

  private static func undeclared(_ subject: ConformanceSubject) throws(ConformanceFailure) -> Result {
    try subject.withInstance { instance throws(ConformanceFailure) in
      for check in subject.manifest.checks {
        let whole = try subject.samples([check], count: 60)
        let names = check.attributes
        let declared = try results(subject, instance, whole.map { $0.keeping(names) }, [check])
        let others = Set(whole.flatMap { $0.attributes.entries.map(\.name) }).subtracting(names).sorted()
        for name in others {
          let more = whole.map { resource in
            name == "Tags" ? resource.keeping(names + ["Tags"]) : resource.keeping(names + [name])
          }
          if try results(subject, instance, more, [check]) != declared {
            throw ConformanceFailure(
              "\(check.id) judges by \(name), which its manifest does not name: a sweep need not fetch it")
          }
        }
        let strange = whole.map { $0.keeping(names).adding(SampleResources.undeclared, ["a": [1, 2, 3]]) }
        guard try results(subject, instance, strange, [check]) == declared else {
          throw ConformanceFailure("an attribute that nobody has heard of changed a verdict of \(check.id)")
        }
      }
      return .passed
    }
  }

  private static func order(_ subject: ConformanceSubject) throws(ConformanceFailure) -> Result {
    try subject.withInstance { instance throws(ConformanceFailure) in
      for group in groups(subject) {
        let resources = try subject.samples(group, count: 40)
        let forward = try verdicts(subject, instance, resources, group)
        let backward = try verdicts(subject, instance, resources.reversed(), group)
        if let line = Set(forward).symmetricDifference(backward).sorted().first {
          throw ConformanceFailure("the same resources in another order gave another verdict: \(line)")
        }
        var alone: Said = []
        for resource in resources { alone += try verdicts(subject, instance, [resource], group) }
        if let line = Set(forward).symmetricDifference(alone).sorted().first {
          throw ConformanceFailure("a resource alone got another verdict than among others: \(line)")
        }
      }
      return .passed
    }
  }

  static func demandStopped(_ returned: ConformanceSubject.Returned, _ function: String) throws(ConformanceFailure) {
    guard returned.asked > 0 else {
      throw ConformanceFailure(
        "\(function) never asked whether it should stop in a batch of 10,000: ask `cancelled` once per resource")
    }
    guard returned.status == REEVE_ERROR_CANCELLED else {
      throw ConformanceFailure(
        "\(function) was told to stop and returned \(returned.status), expected \(REEVE_ERROR_CANCELLED) (CANCELLED)")
    }
    guard returned.asked < 1_000 else {
      throw ConformanceFailure("\(function) was told to stop at its third question and asked \(returned.asked) times")
    }
  }

  private static func threads(_ subject: ConformanceSubject) throws(ConformanceFailure) -> Result {
    guard subject.isReentrant else { return .skipped("it does not say that it is reentrant") }
    guard let group = groups(subject).first else { return .skipped("it has no check") }
    let resources = try subject.samples(group, count: 100)
    return try subject.withInstance { instance throws(ConformanceFailure) in
      let expected = try verdicts(subject, instance, resources, group)
      let wrong = OverlappingCalls(threads: 8, rounds: 25) {
        do throws(ConformanceFailure) { return try verdicts(subject, instance, resources, group) == expected } catch {
          return false
        }
      }.countOfWrong()
      guard wrong == 0 else {
        throw ConformanceFailure(
          "\(wrong) of 200 overlapping calls gave other verdicts than a call alone: it is not reentrant as it says")
      }
      return .passed
    }
  }
}

extension ConformanceSubject {
  /// Resources of the types that these checks name.
  func samples(_ checks: [PluginManifest.Check], count: Int) throws(ConformanceFailure) -> [Resource] {
    var samples = SampleResources(seed: seed, attributes: declaredAttributes)
    return samples.resources(Set(checks.flatMap(\.resourceTypes)).sorted(), count: count)
  }

  func samples(count: Int) -> [Resource] {
    var samples = SampleResources(seed: seed, attributes: declaredAttributes)
    return samples.resources(types, count: count)
  }
}
