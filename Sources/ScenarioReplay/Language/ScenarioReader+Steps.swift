import EC2Simulator
import Governance

extension ScenarioReader {
  func readStep(_ value: SourceValue) {
    let events = ScenarioKeys.eventNames.filter { value[$0] != nil }
    guard events.count == 1 else {
      reader.problem(
        value.location,
        events.isEmpty
          ? "a step needs what happens: one of \(ScenarioKeys.eventNames.joined(separator: ", "))"
          : "a step is one event, found \(events.joined(separator: " and ")); make it \(events.count) steps")
      return
    }
    guard let event = event(events[0], value) else { return }
    var step = ScenarioStep(name: name(value), event: event, location: value.location)
    step.at = time(value["at"])
    readRepetition(&step, value)
    step.crash = crash(value["crash"], of: step)
    if let ledger = reader.text(value["ledger"]) { step.ledger = ledger }
    // Expectations may name the step itself.
    steps.append(step)
    step.expectations = readExpectations(value["expect"], of: step)
    steps[steps.count - 1] = step
  }

  private func name(_ value: SourceValue) -> String {
    let name = reader.text(value["name"]) ?? "step \(steps.count + 1)"
    if steps.contains(where: { $0.name == name }) {
      reader.problem(value["name"]?.location ?? value.location, "the name \"\(name)\" is given twice")
    }
    if name == WorldExpectation.start {
      reader.problem(value["name"]?.location ?? value.location, "\"start\" stands for the beginning; take another name")
    }
    return name
  }

  private func readRepetition(_ step: inout ScenarioStep, _ value: SourceValue) {
    step.every = reader.duration(value["every"])
    step.times = reader.integer(value["times"]) ?? 1
    switch (value["every"], value["times"]) {
    case (let every?, nil): reader.problem(every.location, "every needs times: how often the step comes")
    case (nil, let times?): reader.problem(times.location, "times needs every: how long after each other")
    case (.some(let every), .some) where step.at == nil:
      reader.problem(every.location, "a step that comes again needs at: when it comes first")
    default: break
    }
  }

  private func crash(_ value: SourceValue?, of step: ScenarioStep) -> ScenarioStep.Crash? {
    guard let value else { return nil }
    switch step.event {
    case .sweep, .apply, .undo: break
    default: reader.problem(value.location, "only a sweep, an apply or an undo can be crashed")
    }
    guard case .mapping = value.content else {
      return reader.integer(value).map { ScenarioStep.Crash(boundary: $0) }
    }
    return ScenarioStep.Crash(
      boundary: reader.integer(value["boundary"]) ?? 1, losesMachine: reader.bool(value["losesMachine"]) ?? false)
  }

  private func event(_ name: String, _ value: SourceValue) -> ScenarioStep.Event? {
    for key in ["as", "invokedBy", "region", "parameters"] where name != "call" {
      if let field = value[key] { reader.problem(field.location, "\"\(key)\" goes with call") }
    }
    for key in ["crash", "ledger"] where ["call", "wait", "faults"].contains(name) {
      if let field = value[key] { reader.problem(field.location, "\"\(key)\" goes with what Reeve does") }
    }
    guard let content = value[name] else { return nil }
    switch name {
    case "call": return call(content, value).map { .call($0) }
    case "wait": return wait(content)
    case "faults": return .faults(FaultRule.read(content, with: reader))
    case "sweep": return .sweep(sweep(content))
    case "plan":
      var plan = PlanEvent()
      plan.checks = reader.texts(content["checks"])
      plan.accounts = accounts(content["accounts"])
      plan.resources = reader.texts(content["resources"])
      return .plan(plan)
    case "apply":
      let plan = step(content["plan"], "makes a plan") { if case .plan = $0.event { true } else { false } }
      if plan == nil, !steps.contains(where: { if case .plan = $0.event { true } else { false } }) {
        reader.problem(content.location, "no step before this one makes a plan")
      }
      return .apply(ApplyEvent(plan: plan))
    default:
      let apply = step(content["apply"], "applies a plan") { if case .apply = $0.event { true } else { false } }
      if apply == nil, !steps.contains(where: { if case .apply = $0.event { true } else { false } }) {
        reader.problem(content.location, "no step before this one applies a plan")
      }
      return .undo(UndoEvent(apply: apply, action: reader.integer(content["action"])))
    }
  }

  private func wait(_ value: SourceValue) -> ScenarioStep.Event? {
    guard let text = reader.text(value) else { return nil }
    guard Duration(text: text) == nil else { return Duration(text: text).map { .wait($0) } }
    reader.problem(value.location, "wait takes a duration; for a time, give the next step at: \(text)")
    return nil
  }

  private func call(_ value: SourceValue, _ step: SourceValue) -> ScenarioCall? {
    guard let name = operation(value) else { return nil }
    let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
    let region = region(step["region"]) ?? world.regions.first?.name ?? ""
    guard let who = step["as"] else {
      reader.problem(value.location, "a call needs as: who makes it, such as ACCOUNT/user/NAME")
      return nil
    }
    guard let actor = actor(who) else { return nil }
    let parameters = step["parameters"]?.document ?? .emptyObject
    for reference in parameters.answerReferences where !isCall(reference.step) {
      reader.problem(
        step["parameters"]?.location ?? value.location,
        "${\(reference.step):\(reference.path)}: no call before this one is named \"\(reference.step)\"")
    }
    return ScenarioCall(
      actor: actor, invokedBy: reader.text(step["invokedBy"]), service: parts[0],
      operation: parts.count > 1 ? parts[1] : "", region: region, parameters: parameters)
  }

  private func isCall(_ name: String) -> Bool {
    steps.contains { step in
      guard step.name == name, case .call = step.event else { return false }
      return true
    }
  }

  private func actor(_ value: SourceValue) -> ScenarioActor? {
    guard let actor = ScenarioActor(text: reader.text(value) ?? "") else { return nil }
    guard let account = world.accountID(named: actor.account).flatMap({ world.account($0) }) else {
      _ = self.account(
        SourceValue(content: .string(actor.account), location: value.location, text: actor.account))
      return actor
    }
    guard actor.kind != .root else { return actor }
    let known = actor.kind == .user ? account.users.map(\.name) : account.roles.map(\.name)
    if !known.contains(actor.name) {
      let hint =
        known.isEmpty ? "it has none; give it one" : SourceReader.suggestion(for: actor.name, among: known)
      reader.problem(
        value.location, "the account \(account.id) has no \(actor.kind.rawValue) \"\(actor.name)\"; \(hint)")
    }
    return actor
  }

  private func sweep(_ value: SourceValue) -> SweepEvent {
    var sweep = SweepEvent()
    sweep.checks = reader.texts(value["checks"])
    sweep.regions = reader.texts(value["regions"])
    sweep.accounts = accounts(value["accounts"])
    sweep.maximumDuration = reader.duration(value["maxDuration"])
    sweep.maximumAge = reader.duration(value["maxAge"])
    sweep.concurrency = reader.integer(value["concurrency"])
    sweep.resumes = reader.bool(value["resume"]) ?? false
    sweep.failOn = reader.text(value["failOn"]).flatMap(Severity.init(rawValue:))
    for entry in value["configuration"].map({ reader.entries(of: $0) }) ?? [] {
      sweep.pluginConfigurations[entry.name.text] = entry.value.document
    }
    return sweep
  }
}
