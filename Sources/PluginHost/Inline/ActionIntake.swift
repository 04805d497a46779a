import CReevePlugin
import Governance
import Orchestrator

/// Takes a remediator's actions: each answers a finding of the batch and lies within what the manifest plans.
final class ActionIntake: Intake {
  /// An action outside the grant: not bad data, but a capability that the plugin does not have.
  struct NotGranted: Equatable {
    var operation: String
    var resource: Int
  }

  private struct Answerable: Hashable {
    var resource: Int
    var check: String
  }

  private let manifest: PluginManifest
  private let resources: [Resource]
  private let answerable: Set<Answerable>
  private(set) var actions: [Action] = []
  private(set) var notGranted: NotGranted?
  private var budget = OutputBudget()

  init(manifest: PluginManifest, resources: [Resource], findings: [PlannableFinding]) {
    self.manifest = manifest
    self.resources = resources
    answerable = Set(findings.map { Answerable(resource: $0.resource, check: $0.check) })
  }

  func take(_ kind: UInt32, _ items: reeve_span) throws(BadData) {
    guard kind == REEVE_EMIT_ACTION else { throw Self.notEmitted(kind, by: "a remediator") }
    let items = unsafe try EmittedItems<reeve_action>(items, "action")
    unsafe try budget.spend(items: items.count)
    for index in unsafe 0..<items.count {
      let item = unsafe try items.item(index)
      let resource = Int(unsafe item.resource)
      guard resource < resources.count else {
        throw BadData("action \(index) names resource \(resource) of a batch of \(resources.count)")
      }
      do throws(BadData) {
        actions.append(unsafe try action(item, index, resource))
      } catch {
        throw BadData(error.message, resource: resource)
      }
    }
  }

  private func action(_ item: reeve_action, _ index: Int, _ resource: Int) throws(BadData) -> Action {
    let check = unsafe try budget.someText(item.check, "the check of action \(index)")
    guard manifest.remediates.contains(check), answerable.contains(Answerable(resource: resource, check: check)) else {
      throw BadData("action \(index) answers \(check), of which this resource has no finding in the batch")
    }
    let risk: Action.Risk
    switch unsafe item.risk {
    case REEVE_RISK_LOW: risk = .low
    case REEVE_RISK_MEDIUM: risk = .medium
    case REEVE_RISK_HIGH: risk = .high
    default: throw BadData("action \(index) has the risk \(unsafe item.risk)")
    }
    let call = APICall(
      service: unsafe try budget.someText(item.service, "the service of action \(index)"),
      operation: unsafe try budget.someText(item.operation, "the operation of action \(index)"),
      parameters: unsafe try object(item.parameters, "the parameters of action \(index)"))
    let undo = unsafe try document(item.undo, "the undo of action \(index)")
    let action = Action(
      plugin: manifest.id, check: check, resource: resources[resource].key, arn: resources[resource].arn,
      summary: unsafe try budget.someText(item.summary, "the summary of action \(index)"), risk: risk, call: call,
      precondition: try observation(
        unsafe object(item.precondition, "the precondition of action \(index)"), "the precondition of action \(index)"),
      undo: try undo.map { (undo) throws(BadData) in try self.call(undo, "the undo of action \(index)") },
      verification: try observation(
        unsafe object(item.verification, "the verification of action \(index)"), "the verification of action \(index)"),
      before: unsafe try document(item.before, "what action \(index) changes, before") ?? .null,
      after: unsafe try document(item.after, "what action \(index) changes, after") ?? .null)
    for call in [action.call] + (action.undo.map { [$0] } ?? []) {
      let name = "\(call.service):\(call.operation)"
      if !manifest.operations.contains(name) {
        notGranted = notGranted ?? NotGranted(operation: name, resource: resource)
      }
    }
    return action
  }

  private func document(_ document: reeve_document, _ what: String) throws(BadData) -> Document? {
    // Of its own storage: an action is kept for long, and alone.
    var intake = DocumentIntake()
    guard let root = unsafe try intake.take(document, what, &budget) else { return nil }
    return Document(storage: Document.Storage(nodes: intake.nodes, heap: intake.heap), index: root)
  }

  private func object(_ document: reeve_document, _ what: String) throws(BadData) -> Document {
    guard let object = unsafe try self.document(document, what), object.kind == .object else {
      throw BadData("\(what) is no object")
    }
    return object
  }

  private func call(_ document: Document, _ what: String) throws(BadData) -> APICall {
    do {
      return try APICall(document: document)
    } catch {
      throw BadData("\(what): \(error.reason)")
    }
  }

  /// Reeve makes the calls of an observation without asking anybody, so they can only be reads.
  private func observation(_ document: Document, _ what: String) throws(BadData) -> Observation {
    let observation: Observation
    do {
      observation = try Observation(document: document)
    } catch {
      throw BadData("\(what): \(error.reason)")
    }
    guard ["Describe", "Get", "List", "Lookup"].contains(where: observation.call.operation.hasPrefix) else {
      throw BadData("\(what) calls \(observation.call.operation), which is no read")
    }
    return observation
  }
}
