import CReevePlugin
import Governance
import Orchestrator

/// Takes a check's verdicts: exactly one for each resource × check of the call.
final class VerdictIntake: Intake {
  private struct Detail {
    var message: String
    var code: String
    var evidence: Int?
  }

  /// A verdict that has not come yet.
  private static let none: Int32 = -1

  private let checks: [PluginManifest.Check]
  private let resources: [Resource]
  /// By the descriptor's index: which of `checks` it is, or nil when the check was not asked for.
  private let positions: [Int?]
  /// One place for each resource × check: the result.
  private var results: [Int32]
  /// Of the places that have more to say.
  private var details: [Int: Detail] = [:]
  private var documents = DocumentIntake()
  private var budget = OutputBudget()

  init(checks: [PluginManifest.Check], resources: [Resource], descriptorChecks: [String]) {
    self.checks = checks
    self.resources = resources
    positions = descriptorChecks.map { id in checks.firstIndex { $0.id == id } }
    results = Array(repeating: Self.none, count: checks.count * resources.count)
  }

  func take(_ kind: UInt32, _ items: reeve_span) throws(BadData) {
    guard kind == REEVE_EMIT_VERDICT else { throw Self.notEmitted(kind, by: "a check") }
    let items = unsafe try EmittedItems<reeve_verdict>(items, "verdict")
    unsafe try budget.spend(items: items.count)
    for index in unsafe 0..<items.count { unsafe try take(try items.item(index), index) }
  }

  private func take(_ verdict: reeve_verdict, _ index: Int) throws(BadData) {
    let resource = Int(unsafe verdict.resource)
    guard resource < resources.count else {
      throw BadData("verdict \(index) names resource \(resource) of a batch of \(resources.count)")
    }
    let check = Int(unsafe verdict.check)
    guard check < positions.count else {
      throw BadData("verdict \(index) names check \(check) of \(positions.count)", resource: resource)
    }
    guard let position = positions[check] else {
      throw BadData("verdict \(index) is by check \(check), which was not asked", resource: resource)
    }
    let place = resource * checks.count + position
    guard results[place] == Self.none else {
      throw BadData("verdict \(index) is the second by \(checks[position].id) on one resource", resource: resource)
    }
    let result = unsafe verdict.result
    switch result {
    case REEVE_VERDICT_PASS, REEVE_VERDICT_NOT_APPLICABLE: break
    case REEVE_VERDICT_FAIL, REEVE_VERDICT_NOT_EVALUATED:
      do throws(BadData) {
        details[place] = Detail(
          message: unsafe try budget.text(verdict.message, "the message of verdict \(index)"),
          code: unsafe try budget.text(verdict.reason_code, "the reason of verdict \(index)"),
          evidence: unsafe try documents.take(verdict.evidence, "the evidence of verdict \(index)", &budget))
      } catch {
        throw BadData(error.message, resource: resource)
      }
    default: throw BadData("verdict \(index) has the result \(result)", resource: resource)
    }
    results[place] = result
  }

  /// What was said, by resource, then check; once the call has returned OK. `original` is where the resources stood in
  /// the batch that the caller knows.
  func verdicts(original: [Int]) -> [CheckedResource] {
    let storage = Document.Storage(nodes: documents.nodes, heap: documents.heap)
    var verdicts: [CheckedResource] = []
    verdicts.reserveCapacity(results.count)
    for resource in resources.indices {
      for (position, check) in checks.enumerated() {
        verdicts.append(
          CheckedResource(
            check: check.id, resource: original[resource],
            verdict: verdict(resource, check, place: resource * checks.count + position, storage)))
      }
    }
    return verdicts
  }

  private func verdict(
    _ resource: Int, _ check: PluginManifest.Check, place: Int, _ storage: Document.Storage
  ) -> Verdict {
    let detail = details[place]
    switch results[place] {
    case REEVE_VERDICT_PASS: return .pass
    case REEVE_VERDICT_NOT_APPLICABLE: return .notApplicable
    case REEVE_VERDICT_FAIL:
      let message = detail?.message ?? ""
      return .fail(
        message: message.isEmpty ? check.title : message,
        evidence: detail?.evidence.map { Document(storage: storage, index: $0) } ?? .emptyObject)
    case REEVE_VERDICT_NOT_EVALUATED:
      return .notEvaluated(reason(code: detail?.code ?? "", message: detail?.message ?? "", resources[resource]))
    default:
      return .notEvaluated(
        FailureReason(
          kind: .internal, code: "NoVerdict", message: "the plugin gave no verdict of \(check.id) on this resource"))
    }
  }

  /// The class of a reason is that of the unread attribute whose code it carries; the plugin's own words have none.
  private func reason(code: String, message: String, _ resource: Resource) -> FailureReason {
    let unread = resource.notes.lazy.compactMap(\.unread).first { $0.code == code }
    return FailureReason(
      kind: unread?.kind ?? .unsupported, code: code.isEmpty ? "NotEvaluated" : code,
      message: message.isEmpty ? unread?.message ?? "" : message)
  }
}
