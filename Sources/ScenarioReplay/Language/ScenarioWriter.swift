import Configuration
import EC2Simulator
package import Governance

extension Scenario {
  /// As a scenario file; it reads back to an equal scenario.
  package var yaml: String { YAML.write(document) }

  package var document: Document {
    Document(entries: [
      ("version", 1), ("title", Document(title)), ("world", world.document),
      ("reeve", reeve.document.count == 0 ? nil : reeve.document), ("timeline", Document(timeline.map(\.document))),
      ("expect", expectations.isEmpty ? nil : Expectation.document(of: expectations)),
    ])
  }
}

extension ScenarioStep {
  package var document: Document {
    var entries: [(name: String, value: Document?)] = [
      ("name", Document(name)), ("at", at.map { Document($0.written) }), ("every", every.map { Document($0.written) }),
      ("times", times > 1 ? Document(times) : nil),
    ]
    entries += eventEntries
    entries += [
      ("crash", crash.map(\.document)), ("ledger", ledger == Self.defaultLedger ? nil : Document(ledger)),
      ("expect", expectations.isEmpty ? nil : Expectation.document(of: expectations)),
    ]
    return Document(entries: entries)
  }

  private var eventEntries: [(name: String, value: Document?)] {
    switch event {
    case .call(let call):
      [
        ("call", Document(call.name)), ("as", Document(call.actor.text)),
        ("invokedBy", call.invokedBy.map { Document($0) }), ("region", Document(call.region)),
        ("parameters", call.parameters.count == 0 ? nil : call.parameters),
      ]
    case .wait(let duration): [("wait", Document(duration.written))]
    case .faults(let rules): [("faults", Document(rules.map(\.document)))]
    case .sweep(let sweep): [("sweep", sweep.document)]
    case .plan(let plan):
      [
        (
          "plan",
          Document(entries: [
            ("checks", plan.checks.written), ("accounts", plan.accounts.written),
            ("resources", plan.resources.written),
          ])
        )
      ]
    case .apply(let apply): [("apply", Document(entries: [("plan", apply.plan.map { Document($0) })]))]
    case .undo(let undo):
      [
        (
          "undo",
          Document(entries: [
            ("apply", undo.apply.map { Document($0) }), ("action", undo.action.map { Document($0) }),
          ])
        )
      ]
    }
  }
}

extension ScenarioStep.Crash {
  var document: Document {
    losesMachine ? ["boundary": Document(boundary), "losesMachine": true] : Document(boundary)
  }
}

extension SweepEvent {
  var document: Document {
    let configurations = pluginConfigurations.sorted { $0.key < $1.key }.map {
      (name: $0.key, value: Optional($0.value))
    }
    return Document(entries: [
      ("checks", checks.written), ("regions", regions.written), ("accounts", accounts.written),
      ("maxDuration", maximumDuration.map { Document($0.written) }),
      ("maxAge", maximumAge.map { Document($0.written) }),
      ("concurrency", concurrency.map { Document($0) }), ("resume", resumes ? true : nil),
      ("failOn", failOn.map { Document($0.rawValue) }),
      ("configuration", configurations.isEmpty ? nil : Document(entries: configurations)),
    ])
  }
}

extension [String] {
  fileprivate var written: Document? { isEmpty ? nil : Document(strings: self) }
}

extension Expectation {
  package static func document(of expectations: [Expectation]) -> Document {
    Document(entries: expectations.map { ($0.kind.key, Optional($0.kind.document)) })
  }
}

extension Expectation.Kind {
  package var key: String {
    switch self {
    case .exit: "exit"
    case .error: "error"
    case .result: "result"
    case .plan: "plan"
    case .run: "run"
    case .duration: "duration"
    case .warnings: "warnings"
    case .findings: "findings"
    case .coverage: "coverage"
    case .gaps: "gaps"
    case .scopes: "scopes"
    case .notEvaluated: "notEvaluated"
    case .calls: "calls"
    case .kpis: "kpis"
    case .world: "world"
    case .runs: "runs"
    }
  }

  /// What stands behind the key.
  package var document: Document {
    switch self {
    case .exit(let exit): exit.document
    case .error(let text): Document(text)
    case .result(let expectations):
      Document(
        expectations.map { expectation in
          [
            "path": Document(expectation.path),
            expectation.comparison.rawValue: expectation.comparison == .absent ? true : expectation.value,
          ]
        })
    case .plan(let plan): plan.document
    case .run(let run): run.document
    case .duration(let duration): duration.document
    case .warnings(let texts): Document(strings: texts)
    case .findings(let patterns), .notEvaluated(let patterns): patterns.document
    case .coverage(let scopes), .gaps(let scopes): Document(entries: scopes.map { ($0.place, Optional($0.document)) })
    case .scopes(let counts): Document(entries: counts.map { ($0.verdict.rawValue, Optional($0.bound.document)) })
    case .calls(let calls): Document(calls.map(\.document))
    case .kpis(let bounds): Document(entries: bounds.map { ($0.name, Optional($0.bound.document)) })
    case .world(let world): world.document
    case .runs(let runs): Document(entries: runs.map { ($0.step, Optional($0.run.document)) })
    }
  }
}

extension WorldExpectation {
  var document: Document {
    Document(entries: [
      ("images", images.isEmpty ? nil : Document(images.map(\.document))),
      ("snapshots", snapshots.isEmpty ? nil : Document(snapshots.map(\.document))),
      ("settings", settings.isEmpty ? nil : Document(settings.map(\.document))),
      ("unchangedSince", unchangedSince.map { Document($0) }),
    ])
  }
}

extension WorldExpectation.Image {
  var document: Document {
    Document(entries: [
      ("image", Document(image)), ("account", Document(account)), ("region", Document(region)),
      ("exists", exists.map { Document($0) }), ("state", state.map { Document($0) }),
      ("sharedWith", sharedWith.map { Document(strings: $0) }),
      (
        "tags",
        tags.isEmpty
          ? nil : Document(entries: tags.map { ($0.key, $0.value.isEmpty ? .null : Document($0.value)) })
      ),
    ])
  }
}

extension WorldExpectation.Snapshot {
  var document: Document {
    Document(entries: [
      ("snapshot", Document(snapshot)), ("account", Document(account)), ("region", Document(region)),
      ("exists", exists.map { Document($0) }), ("sharedWith", sharedWith.map { Document(strings: $0) }),
    ])
  }
}

extension WorldExpectation.Setting {
  var document: Document {
    Document(entries: [
      ("account", Document(account)), ("region", Document(region)),
      ("imageBlockPublicAccess", imageBlockPublicAccess.map { Document($0) }),
      ("snapshotBlockPublicAccess", snapshotBlockPublicAccess.map { Document($0) }),
      ("allowedImages", allowedImages.map { Document($0) }),
    ])
  }
}
