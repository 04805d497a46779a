import Configuration
package import Governance
package import Orchestrator

/// One thing that must be true, at the end of a step or of the timeline.
package struct Expectation: Sendable, Equatable {
  package var kind: Kind
  /// Where it was written. Does not count for equality.
  package var location: SourceValue.Location?

  package init(_ kind: Kind, location: SourceValue.Location? = nil) {
    self.kind = kind
    self.location = location
  }

  package static func == (left: Expectation, right: Expectation) -> Bool { left.kind == right.kind }

  package enum Kind: Sendable, Equatable {
    // Of a step.
    case exit(ExitExpectation)
    /// In what a step says when it fails: AWS's code for a call.
    case error(String)
    /// In a call's answer.
    case result([Observation.Expectation])
    case plan(PlanExpectation)
    case run(RunExpectation)
    case duration(DurationExpectation)
    /// Each must be in one of the lines that Reeve wrote; none: there must be no line.
    case warnings([String])

    // Of a step or of the end.
    case findings(PatternSet)
    case coverage([ScopeExpectation])
    /// Exactly these scopes are gaps.
    case gaps([ScopeExpectation])
    /// How many scopes got each verdict.
    case scopes([CountedVerdict])
    case notEvaluated(PatternSet)
    case calls([CallExpectation])
    case kpis([NamedBound])
    case world(WorldExpectation)

    // Of the end.
    /// How the run of each named step stands.
    case runs([NamedRun])
  }
}

/// What `reeve` would end with.
package enum ExitExpectation: Sendable, Equatable {
  case status(Int)
  case crashed

  package var document: Document {
    switch self {
    case .status(let code): Document(code)
    case .crashed: "crashed"
    }
  }
}

/// A finding, or a verdict that could not be given. What is nil may be anything.
package struct FindingPattern: Sendable, Equatable {
  package var check: String
  /// The resource's id or its name.
  package var resource: String?
  /// The account's id or its name.
  package var account: String?
  package var region: String?
  /// nil: open or reopened.
  package var status: Finding.Status?
  /// Part of the message.
  package var message: String?
  /// Of a verdict that could not be given: why.
  package var code: String?

  package init(
    check: String, resource: String? = nil, account: String? = nil, region: String? = nil,
    status: Finding.Status? = nil, message: String? = nil, code: String? = nil
  ) {
    self.check = check
    self.resource = resource
    self.account = account
    self.region = region
    self.status = status
    self.message = message
    self.code = code
  }

  /// `image.public ami-0123 web-prod eu-west-1`, from the left as far as it goes.
  package init(text: String) {
    let words = text.split(separator: " ").map(String.init)
    self.init(
      check: words.first ?? "", resource: words.count > 1 ? words[1] : nil, account: words.count > 2 ? words[2] : nil,
      region: words.count > 3 ? words[3] : nil)
  }

  package var document: Document {
    let words = [check, resource, account, region]
    let given = words.prefix { $0 != nil }.compactMap(\.self)
    let isLine = status == nil && message == nil && code == nil && words.dropFirst(given.count).allSatisfy { $0 == nil }
    if isLine, given.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }) {
      return Document(given.joined(separator: " "))
    }
    return Document(entries: [
      ("check", Document(check)), ("resource", resource.map { Document($0) }),
      ("account", account.map { Document($0) }), ("region", region.map { Document($0) }),
      ("status", status.map { Document($0.rawValue) }), ("message", message.map { Document($0) }),
      ("code", code.map { Document($0) }),
    ])
  }
}

/// Exactly these, or some that must be there and some that must not.
package enum PatternSet: Sendable, Equatable {
  case exactly([FindingPattern])
  case some(contains: [FindingPattern], absent: [FindingPattern])

  package var patterns: [FindingPattern] {
    switch self {
    case .exactly(let patterns): patterns
    case .some(let contains, let absent): contains + absent
    }
  }

  package var document: Document {
    switch self {
    case .exactly(let patterns): Document(patterns.map(\.document))
    case .some(let contains, let absent):
      Document(entries: [
        ("contains", contains.isEmpty ? nil : Document(contains.map(\.document))),
        ("absent", absent.isEmpty ? nil : Document(absent.map(\.document))),
      ])
    }
  }
}

/// `web-prod/eu-west-1: scanned`; a region `*` stands for all of an account whose regions were not told apart.
package struct ScopeExpectation: Sendable, Equatable {
  /// Id, name, or `*` for what concerns every account.
  package var account: String
  package var region: String
  package var verdict: Coverage.Verdict
  /// Part of the reason.
  package var reason: String?

  package init(account: String, region: String, verdict: Coverage.Verdict, reason: String? = nil) {
    self.account = account
    self.region = region
    self.verdict = verdict
    self.reason = reason
  }

  package var place: String { "\(account)/\(region)" }
  package var document: Document {
    guard let reason else { return Document(verdict.rawValue) }
    return ["verdict": Document(verdict.rawValue), "reason": Document(reason)]
  }
}

package struct CountedVerdict: Sendable, Equatable {
  package var verdict: Coverage.Verdict
  package var bound: Bound

  package init(verdict: Coverage.Verdict, bound: Bound) {
    self.verdict = verdict
    self.bound = bound
  }
}

/// How many.
package struct Bound: Sendable, Equatable {
  package var atLeast: Int?
  package var atMost: Int?

  package init(atLeast: Int? = nil, atMost: Int? = nil) {
    self.atLeast = atLeast
    self.atMost = atMost
  }

  package static func exactly(_ count: Int) -> Bound { Bound(atLeast: count, atMost: count) }

  package func holds(for count: Int) -> Bool { count >= (atLeast ?? .min) && count <= (atMost ?? .max) }

  package var text: String {
    switch (atLeast, atMost) {
    case (let low?, let high?): low == high ? "\(low)" : "\(low) to \(high)"
    case (let low?, nil): "at least \(low)"
    case (nil, let high?): "at most \(high)"
    case (nil, nil): "any number"
    }
  }

  package var document: Document {
    if let atLeast, atLeast == atMost { return Document(atLeast) }
    return Document(entries: [("atLeast", atLeast.map { Document($0) }), ("atMost", atMost.map { Document($0) })])
  }
}

package struct NamedBound: Sendable, Equatable {
  package var name: String
  package var bound: Bound

  package init(name: String, bound: Bound) {
    self.name = name
    self.bound = bound
  }
}

/// Calls that Reeve made; what the timeline's actors did does not count.
package struct CallExpectation: Sendable, Equatable {
  /// `ec2:ModifyImageAttribute`; `*` stands for anything.
  package var operation: String
  package var account: String?
  package var region: String?
  /// AWS's code, or `OK`.
  package var result: String?
  package var count: Bound

  package init(
    operation: String, account: String? = nil, region: String? = nil, result: String? = nil, count: Bound
  ) {
    self.operation = operation
    self.account = account
    self.region = region
    self.result = result
    self.count = count
  }

  package var document: Document {
    var entries: [(name: String, value: Document?)] = [
      ("operation", Document(operation)), ("account", account.map { Document($0) }),
      ("region", region.map { Document($0) }), ("result", result.map { Document($0) }),
    ]
    if let exact = count.atLeast, exact == count.atMost {
      entries.append(("count", Document(exact)))
    } else {
      entries += [("atLeast", count.atLeast.map { Document($0) }), ("atMost", count.atMost.map { Document($0) })]
    }
    return Document(entries: entries)
  }
}

package struct PlanExpectation: Sendable, Equatable {
  package var actions: Bound?
  package var leftToPeople: Bound?
  /// Exactly these, sorted.
  package var operations: [String]?

  package init(actions: Bound? = nil, leftToPeople: Bound? = nil, operations: [String]? = nil) {
    self.actions = actions
    self.leftToPeople = leftToPeople
    self.operations = operations
  }

  package var document: Document {
    Document(entries: [
      ("actions", actions?.document), ("leftToPeople", leftToPeople?.document),
      ("operations", operations.map { Document(strings: $0) }),
    ])
  }
}

package struct RunExpectation: Sendable, Equatable {
  package var status: RunRecord.Status?
  /// How many entries stand in each state; a state that is not named has none.
  package var journal: [CountedState]?
  /// Part of the run's or of an entry's message.
  package var message: String?

  package init(status: RunRecord.Status? = nil, journal: [CountedState]? = nil, message: String? = nil) {
    self.status = status
    self.journal = journal
    self.message = message
  }

  package struct CountedState: Sendable, Equatable {
    package var state: JournalEntry.State
    package var count: Int

    package init(state: JournalEntry.State, count: Int) {
      self.state = state
      self.count = count
    }
  }

  package var document: Document {
    Document(entries: [
      ("status", status.map { Document($0.rawValue) }),
      ("journal", journal.map { Document(entries: $0.map { ($0.state.rawValue, Document($0.count)) }) }),
      ("message", message.map { Document($0) }),
    ])
  }
}

package struct NamedRun: Sendable, Equatable {
  package var step: String
  package var run: RunExpectation

  package init(step: String, run: RunExpectation) {
    self.step = step
    self.run = run
  }
}

/// In virtual time.
package struct DurationExpectation: Sendable, Equatable {
  package var atLeast: Duration?
  package var atMost: Duration?

  package init(atLeast: Duration? = nil, atMost: Duration? = nil) {
    self.atLeast = atLeast
    self.atMost = atMost
  }

  package var document: Document {
    Document(entries: [
      ("atLeast", atLeast.map { Document($0.written) }), ("atMost", atMost.map { Document($0.written) }),
    ])
  }
}

/// What the simulator's world must be like.
package struct WorldExpectation: Sendable, Equatable {
  package struct Image: Sendable, Equatable {
    /// Id or name.
    package var image: String
    package var account: String
    package var region: String
    package var exists: Bool?
    package var state: String?
    /// As world files write it, in any order.
    package var sharedWith: [String]?
    /// Tags that must have these values; an empty value: the tag must not be there.
    package var tags: [Tag]

    package init(
      image: String, account: String, region: String, exists: Bool? = nil, state: String? = nil,
      sharedWith: [String]? = nil, tags: [Tag] = []
    ) {
      self.image = image
      self.account = account
      self.region = region
      self.exists = exists
      self.state = state
      self.sharedWith = sharedWith
      self.tags = tags
    }
  }

  package struct Snapshot: Sendable, Equatable {
    package var snapshot: String
    package var account: String
    package var region: String
    package var exists: Bool?
    package var sharedWith: [String]?

    package init(
      snapshot: String, account: String, region: String, exists: Bool? = nil, sharedWith: [String]? = nil
    ) {
      self.snapshot = snapshot
      self.account = account
      self.region = region
      self.exists = exists
      self.sharedWith = sharedWith
    }
  }

  package struct Setting: Sendable, Equatable {
    package var account: String
    package var region: String
    package var imageBlockPublicAccess: String?
    package var snapshotBlockPublicAccess: String?
    package var allowedImages: String?

    package init(
      account: String, region: String, imageBlockPublicAccess: String? = nil,
      snapshotBlockPublicAccess: String? = nil, allowedImages: String? = nil
    ) {
      self.account = account
      self.region = region
      self.imageBlockPublicAccess = imageBlockPublicAccess
      self.snapshotBlockPublicAccess = snapshotBlockPublicAccess
      self.allowedImages = allowedImages
    }
  }

  package var images: [Image] = []
  package var snapshots: [Snapshot] = []
  package var settings: [Setting] = []
  /// The world is as it was at the end of this step; `start`: as the scenario began.
  package var unchangedSince: String?

  package init() {}

  package static let start = "start"
}
