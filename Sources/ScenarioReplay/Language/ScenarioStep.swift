package import EC2Simulator
package import Governance

/// One event of a timeline.
///
/// A step with a time falls at that time, whatever is still going on: so two sweeps overlap, and somebody acts in the
/// middle of one. A step without waits until everything before it has ended.
package struct ScenarioStep: Sendable, Equatable {
  package enum Event: Sendable, Equatable {
    case call(ScenarioCall)
    case wait(Duration)
    /// What goes wrong from now on, in place of what went wrong before.
    case faults([FaultRule])
    case sweep(SweepEvent)
    case plan(PlanEvent)
    case apply(ApplyEvent)
    case undo(UndoEvent)
  }

  /// Reeve dies at the Nth boundary between it and its ports.
  package struct Crash: Sendable, Equatable {
    package var boundary: Int
    /// The machine is gone with it: nobody can tell that the process is dead, its lease must run out.
    package var losesMachine: Bool

    package init(boundary: Int, losesMachine: Bool = false) {
      self.boundary = boundary
      self.losesMachine = losesMachine
    }
  }

  /// Unique within the timeline.
  package var name: String
  /// Since the start of the world's clock.
  package var at: Duration?
  /// The step falls `times` times, so long apart.
  package var every: Duration?
  package var times: Int
  package var event: Event
  package var crash: Crash?
  /// Which ledger Reeve works on: two machines have two.
  package var ledger: String
  /// When the step has ended.
  package var expectations: [Expectation]
  /// Where it was written. Does not count for equality.
  package var location: SourceValue.Location?

  package init(
    name: String, at: Duration? = nil, every: Duration? = nil, times: Int = 1, event: Event, crash: Crash? = nil,
    ledger: String = ScenarioStep.defaultLedger, expectations: [Expectation] = [],
    location: SourceValue.Location? = nil
  ) {
    self.name = name
    self.at = at
    self.every = every
    self.times = times
    self.event = event
    self.crash = crash
    self.ledger = ledger
    self.expectations = expectations
    self.location = location
  }

  package static let defaultLedger = "main"

  package static func == (left: ScenarioStep, right: ScenarioStep) -> Bool {
    left.name == right.name && left.at == right.at && left.every == right.every && left.times == right.times
      && left.event == right.event && left.crash == right.crash && left.ledger == right.ledger
      && left.expectations == right.expectations
  }
}

/// A call that somebody of the world makes.
package struct ScenarioCall: Sendable, Equatable {
  package var actor: ScenarioActor
  /// The AWS service that calls on the actor's behalf: `backup.amazonaws.com`.
  package var invokedBy: String?
  package var service: String
  package var operation: String
  package var region: String
  package var parameters: Document

  package init(
    actor: ScenarioActor, invokedBy: String? = nil, service: String, operation: String, region: String,
    parameters: Document
  ) {
    self.actor = actor
    self.invokedBy = invokedBy
    self.service = service
    self.operation = operation
    self.region = region
    self.parameters = parameters
  }

  package var name: String { "\(service):\(operation)" }
}

/// Who acts: `web-prod/user/anna`, `web-prod/role/ImageBuilder`, `web-prod/root`. The account by its id or its name.
package struct ScenarioActor: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable { case user, role, root }

  package var account: String
  package var kind: Kind
  /// Empty for the root user.
  package var name: String

  package init(account: String, kind: Kind, name: String) {
    self.account = account
    self.kind = kind
    self.name = name
  }

  package init?(text: String) {
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 2, !parts[0].isEmpty, let kind = Kind(rawValue: parts[1]) else { return nil }
    guard kind == .root ? parts.count == 2 : parts.count == 3 && !parts[2].isEmpty else { return nil }
    self.init(account: parts[0], kind: kind, name: parts.count > 2 ? parts[2] : "")
  }

  package var text: String { "\(account)/\(kind.rawValue)" + (name.isEmpty ? "" : "/\(name)") }
}

/// A sweep, as `reeve sweep` is given its options. What is nil is as the scenario's configuration says.
package struct SweepEvent: Sendable, Equatable {
  /// Patterns; empty: as configured.
  package var checks: [String] = []
  package var regions: [String] = []
  /// Account ids or names; empty: as configured.
  package var accounts: [String] = []
  package var maximumDuration: Duration?
  package var maximumAge: Duration?
  package var concurrency: Int?
  package var resumes = false
  package var failOn: Severity?
  /// By plugin id, in place of what the configuration says of that plugin.
  package var pluginConfigurations: [String: Document] = [:]

  package init() {}
}

package struct PlanEvent: Sendable, Equatable {
  package var checks: [String] = []
  package var accounts: [String] = []
  package var resources: [String] = []

  package init() {}
}

package struct ApplyEvent: Sendable, Equatable {
  /// The step that made the plan; nil: the latest.
  package var plan: String?

  package init(plan: String? = nil) { self.plan = plan }
}

package struct UndoEvent: Sendable, Equatable {
  /// The step that applied; nil: the latest apply.
  package var apply: String?
  /// One action of the run; nil: all.
  package var action: Int?

  package init(apply: String? = nil, action: Int? = nil) {
    self.apply = apply
    self.action = action
  }
}
