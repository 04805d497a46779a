import EC2Simulator
import Governance
import Orchestrator

extension ScenarioReader {
  /// What must be true at the end of a step; nil: of the timeline. Each must be able to fail.
  func readExpectations(_ value: SourceValue?, of step: ScenarioStep?) -> [Expectation] {
    guard let value else { return [] }
    let entries = reader.entries(of: value)
    if entries.isEmpty {
      reader.problem(value.location, "nothing is expected here; say what must be true, or leave expect out")
    }
    return entries.compactMap { name, content in
      guard let step else {
        return kind(name.text, content, isEnd: true).map { Expectation($0, location: name.location) }
      }
      guard goes(name, with: step), let kind = kind(name.text, content, isEnd: false) else { return nil }
      return Expectation(kind, location: name.location)
    }
  }

  private func goes(_ name: SourceValue, with step: ScenarioStep) -> Bool {
    let (event, allowed): (String, [String]) =
      switch step.event {
      case .call: ("a call", ["error", "result", "world", "duration"])
      case .wait: ("wait", ["world", "duration"])
      case .faults: ("faults", ["world"])
      case .sweep:
        (
          "a sweep",
          [
            "exit", "error", "duration", "warnings", "findings", "coverage", "gaps", "scopes", "notEvaluated", "calls",
            "kpis", "world",
          ]
        )
      case .plan: ("a plan", ["exit", "error", "duration", "plan", "calls", "findings", "world"])
      case .apply, .undo:
        ("an apply or undo", ["exit", "error", "duration", "run", "warnings", "calls", "findings", "world"])
      }
    if !allowed.contains(name.text) {
      reader.problem(
        name.location,
        "\"\(name.text)\" cannot be expected of \(event); expected one of \(allowed.joined(separator: ", "))")
      return false
    }
    return true
  }

  private func kind(_ name: String, _ value: SourceValue, isEnd: Bool) -> Expectation.Kind? {
    switch name {
    case "exit":
      let text = reader.text(value) ?? ""
      return .exit(text == "crashed" ? .crashed : .status(Int(text) ?? 0))
    case "error": return reader.text(value).map { .error($0) }
    case "result": return result(value)
    case "plan":
      let plan = PlanExpectation(
        actions: bound(value["actions"]), leftToPeople: bound(value["leftToPeople"]),
        operations: value["operations"].map { _ in reader.elements(value["operations"]).compactMap { operation($0) } })
      if plan == PlanExpectation() { return nothing(value) }
      return .plan(plan)
    case "run": return run(value).map { .run($0) }
    case "duration":
      let duration = DurationExpectation(
        atLeast: reader.duration(value["atLeast"]), atMost: reader.duration(value["atMost"]))
      if duration == DurationExpectation() { return nothing(value) }
      return .duration(duration)
    case "warnings": return .warnings(reader.texts(value))
    case "findings": return patterns(value).map { .findings($0) }
    case "notEvaluated": return patterns(value).map { .notEvaluated($0) }
    case "coverage":
      let scopes = scopes(value)
      return scopes.isEmpty ? nothing(value) : .coverage(scopes)
    case "gaps": return gaps(value)
    case "scopes": return counts(value)
    case "calls": return calls(value)
    case "kpis": return kpis(value)
    case "world": return world(value, isEnd: isEnd)
    case "runs":
      let runs = reader.entries(of: value).compactMap { name, content -> NamedRun? in
        let known = step(name, "applies or undoes", where: Self.changes)
        return run(content).flatMap { run in known.map { NamedRun(step: $0, run: run) } }
      }
      return runs.isEmpty ? nothing(value) : .runs(runs)
    default: return nil
    }
  }

  private static func changes(_ step: ScenarioStep) -> Bool {
    switch step.event {
    case .apply, .undo: true
    default: false
    }
  }

  /// An expectation that holds whatever happens is none.
  private func nothing(_ value: SourceValue) -> Expectation.Kind? {
    reader.problem(value.location, "this holds whatever happens; say what must be true, or leave it out")
    return nil
  }

  private func bound(_ value: SourceValue?) -> Bound? {
    guard let value else { return nil }
    if case .mapping = value.content {
      let bound = Bound(atLeast: reader.integer(value["atLeast"]), atMost: reader.integer(value["atMost"]))
      return bound == Bound() ? nothing(value).flatMap { _ in nil } : checked(bound, value)
    }
    return reader.integer(value).map { .exactly($0) }
  }

  private func checked(_ bound: Bound, _ value: SourceValue) -> Bound {
    if let low = bound.atLeast, let high = bound.atMost, low > high {
      reader.problem(value.location, "no number is at least \(low) and at most \(high)")
    }
    return bound
  }

  // MARK: Findings and coverage

  private func patterns(_ value: SourceValue) -> PatternSet? {
    guard case .mapping = value.content else {
      return .exactly(reader.elements(value).map(pattern))
    }
    let contains = reader.elements(value["contains"]).map(pattern)
    let absent = reader.elements(value["absent"]).map(pattern)
    if contains.isEmpty, absent.isEmpty {
      _ = nothing(value)
      return nil
    }
    return .some(contains: contains, absent: absent)
  }

  private func pattern(_ value: SourceValue) -> FindingPattern {
    func part(_ word: String?) -> SourceValue? {
      word.map { SourceValue(content: .string($0), location: value.location, text: $0) }
    }
    guard case .mapping = value.content else {
      let pattern = FindingPattern(text: reader.text(value) ?? "")
      _ = account(part(pattern.account))
      _ = region(part(pattern.region))
      return pattern
    }
    return FindingPattern(
      check: reader.text(value["check"]) ?? "", resource: reader.text(value["resource"]),
      account: account(value["account"]), region: region(value["region"]),
      status: reader.text(value["status"]).flatMap(Finding.Status.init(rawValue:)),
      message: reader.text(value["message"]), code: reader.text(value["code"]))
  }

  private func scopes(_ value: SourceValue) -> [ScopeExpectation] {
    reader.entries(of: value).compactMap { name, content in
      let parts = name.text.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { return nil }
      func part(_ text: String) -> SourceValue {
        SourceValue(content: .string(text), location: name.location, text: text)
      }
      if parts[0] != "*" { _ = account(part(parts[0])) }
      if parts[1] != "*" { _ = region(part(parts[1])) }
      let isMapping = if case .mapping = content.content { true } else { false }
      let verdict = reader.text(isMapping ? content["verdict"] : content).flatMap(Coverage.Verdict.init(rawValue:))
      return verdict.map {
        ScopeExpectation(account: parts[0], region: parts[1], verdict: $0, reason: reader.text(content["reason"]))
      }
    }
  }

  private func gaps(_ value: SourceValue) -> Expectation.Kind? {
    let scopes = scopes(value)
    for (entry, scope) in zip(reader.entries(of: value), scopes) where !scope.verdict.isGap {
      reader.problem(entry.value.location, "\(scope.verdict.rawValue) is no gap; under coverage it can be expected")
    }
    return .gaps(scopes)
  }

  private func counts(_ value: SourceValue) -> Expectation.Kind? {
    let counts = reader.entries(of: value).compactMap { name, content in
      Coverage.Verdict(rawValue: name.text).flatMap { verdict in
        bound(content).map { CountedVerdict(verdict: verdict, bound: $0) }
      }
    }
    return counts.isEmpty ? nothing(value) : .scopes(counts)
  }

  private func kpis(_ value: SourceValue) -> Expectation.Kind? {
    let bounds = reader.entries(of: value).compactMap { name, content in
      bound(content).map { NamedBound(name: name.text, bound: $0) }
    }
    return bounds.isEmpty ? nothing(value) : .kpis(bounds)
  }

  // MARK: Calls, runs, world

  private func result(_ value: SourceValue) -> Expectation.Kind? {
    let expectations = reader.elements(value).compactMap { element -> Observation.Expectation? in
      let comparisons = Observation.Expectation.Comparison.allCases.filter { element[$0.rawValue] != nil }
      guard comparisons.count == 1, let comparison = comparisons.first else {
        reader.problem(element.location, "expected path and one of is, contains, lacks, absent")
        return nil
      }
      if comparison == .absent, reader.bool(element["absent"]) == false {
        reader.problem(element.location, "absent: false says nothing; expect what is there with is or contains")
      }
      let value = comparison == .absent ? .null : element[comparison.rawValue]?.document ?? .null
      return Observation.Expectation(path: reader.text(element["path"]) ?? "", comparison: comparison, value: value)
    }
    return expectations.isEmpty ? nothing(value) : .result(expectations)
  }

  private func calls(_ value: SourceValue) -> Expectation.Kind? {
    let calls = reader.elements(value).compactMap { element -> CallExpectation? in
      var count = Bound(atLeast: reader.integer(element["atLeast"]), atMost: reader.integer(element["atMost"]))
      if let field = element["count"] {
        if count != Bound() { reader.problem(field.location, "count is exact; atLeast and atMost go without it") }
        count = .exactly(reader.integer(field) ?? 0)
      }
      if count == Bound() {
        reader.problem(element.location, "how often? expected count, atLeast or atMost; count: 0 for never")
      }
      guard let operation = operation(element["operation"]) else { return nil }
      return CallExpectation(
        operation: operation, account: account(element["account"]), region: region(element["region"]),
        result: reader.text(element["result"]), count: checked(count, element))
    }
    return calls.isEmpty ? nothing(value) : .calls(calls)
  }

  private func run(_ value: SourceValue) -> RunExpectation? {
    let states = value["journal"].map { journal in
      reader.entries(of: journal).compactMap { name, content in
        JournalEntry.State(rawValue: name.text).map {
          RunExpectation.CountedState(state: $0, count: reader.integer(content) ?? 0)
        }
      }
    }
    let run = RunExpectation(
      status: reader.text(value["status"]).flatMap(RunRecord.Status.init(rawValue:)), journal: states,
      message: reader.text(value["message"]))
    if run == RunExpectation() {
      _ = nothing(value)
      return nil
    }
    return run
  }

  private func world(_ value: SourceValue, isEnd: Bool) -> Expectation.Kind? {
    var expected = WorldExpectation()
    expected.images = reader.elements(value["images"]).map(image)
    expected.snapshots = reader.elements(value["snapshots"]).map { element in
      let snapshot = WorldExpectation.Snapshot(
        snapshot: reader.text(element["snapshot"]) ?? "", account: account(element["account"]) ?? "",
        region: region(element["region"]) ?? "", exists: reader.bool(element["exists"]),
        sharedWith: element["sharedWith"].map { reader.texts($0) })
      if snapshot.exists == nil, snapshot.sharedWith == nil { _ = nothing(element) }
      return snapshot
    }
    expected.settings = reader.elements(value["settings"]).map { element in
      let setting = WorldExpectation.Setting(
        account: account(element["account"]) ?? "", region: region(element["region"]) ?? "",
        imageBlockPublicAccess: reader.text(element["imageBlockPublicAccess"]),
        snapshotBlockPublicAccess: reader.text(element["snapshotBlockPublicAccess"]),
        allowedImages: reader.text(element["allowedImages"]))
      if setting == WorldExpectation.Setting(account: setting.account, region: setting.region) { _ = nothing(element) }
      return setting
    }
    if let since = value["unchangedSince"], let text = reader.text(since) {
      expected.unchangedSince =
        text == WorldExpectation.start ? text : step(since, "has this name") { !$0.name.isEmpty }
      if !isEnd, text == steps.last?.name {
        reader.problem(since.location, "the world is always as it was at the end of the step itself")
      }
    }
    return expected == WorldExpectation() ? nothing(value) : .world(expected)
  }

  private func image(_ element: SourceValue) -> WorldExpectation.Image {
    var image = WorldExpectation.Image(
      image: reader.text(element["image"]) ?? "", account: account(element["account"]) ?? "",
      region: region(element["region"]) ?? "", exists: reader.bool(element["exists"]),
      state: reader.text(element["state"]), sharedWith: element["sharedWith"].map { reader.texts($0) })
    let tags = element["tags"].map { reader.entries(of: $0) } ?? []
    for (name, content) in tags {
      if case .null = content.content {
        image.tags.append(Tag(key: name.text, value: ""))
      } else {
        image.tags.append(Tag(key: name.text, value: reader.text(content) ?? ""))
      }
    }
    if image.exists == nil, image.state == nil, image.sharedWith == nil, image.tags.isEmpty { _ = nothing(element) }
    if image.exists == false, image.state != nil || image.sharedWith != nil || !image.tags.isEmpty {
      reader.problem(element.location, "an image that is not there has no state, shares or tags")
    }
    return image
  }
}
