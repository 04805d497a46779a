import AWSWire
import EC2Simulator
package import Governance
package import Orchestrator

/// How one step, or one of its repetitions, went.
package struct StepRecord: Sendable {
  package var step: ScenarioStep
  /// The step's name; of the third repetition `nightly#3`.
  package var name: String
  package var started: Timestamp
  package var ended: Timestamp
  /// What the command would have ended with; nil for a call and a wait.
  package var exit: ExitExpectation?
  /// What it said when it failed, or AWS's refusal.
  package var error: String?
  /// AWS's code, of a call that was refused.
  package var code: String?
  /// Of a call: the answer.
  package var answer: Document?
  package var sweep: String? { sweepRecord?.id }
  var sweepRecord: SweepRecord?
  package var run: String?
  package var plan: Plan?
  /// Every attempt, as the report counts them.
  package var callCounts: [String: Int] = [:]
  package var warnings: [String] = []
  /// Boundaries between Reeve and its ports that were passed, where a crash was asked for.
  package var boundaries: Int?
  var callsBefore: [CallRecord.Key: Int] = [:]
  /// How the orchestrator ended.
  var ending: SweepConclusion?

  init(step: ScenarioStep, name: String, started: Timestamp) {
    self.step = step
    self.name = name
    self.started = started
    ended = started
  }

  /// One line for a person.
  package var summary: String {
    var words: [String] = []
    switch exit {
    case .status(let code): words.append("status \(code)")
    case .crashed: words.append("crashed")
    case nil: break
    }
    if let error { words.append(error) }
    return words.joined(separator: ": ")
  }
}

/// One thing that was expected and did not come true, or why a scenario could not be played at all.
package struct ScenarioFailure: Sendable, Equatable {
  package var location: SourceValue.Location?
  /// `findings after "nightly"`
  package var what: String
  package var expected: [String]
  package var actual: [String]
  /// What would have held, to stand in place of the expectation; nil where nothing was measured.
  package var measured: Document?

  package init(
    location: SourceValue.Location?, what: String, expected: [String], actual: [String], measured: Document? = nil
  ) {
    self.location = location
    self.what = what
    self.expected = expected
    self.actual = actual
    self.measured = measured
  }

  /// The harness itself: a deadlock, work that escaped the replay's thread, a world that cannot be played.
  package static func harness(_ error: any Error) -> ScenarioFailure {
    ScenarioFailure(location: nil, what: harness, expected: [], actual: ["\(error)"])
  }

  private static let harness = "the replay itself failed"
  var isOfHarness: Bool { location == nil && what == Self.harness }
}
