import EC2Simulator
import Governance

/// Lines: a policy's kind, an action, a resource, a condition key, its values with blanks between, the policy as JSON.
///
/// Beside not crashing: an allow next to a policy never denies more, a deny next to it never allows, and an answer is
/// the same when it is asked again.
@c(LLVMFuzzerTestOneInput) func runOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  let lines = text.split(separator: "\n", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
  guard lines.count == 6 else { return 0 }
  let kinds: [Policy.Kind] = [.identity, .session, .serviceControl, .trust]
  guard let policy = try? Policy(json: lines[5], kind: kinds[(Int(lines[0]) ?? 0) & 3]) else { return 0 }
  let request = PolicyEvaluator.Request(
    action: lines[1], resource: lines[2],
    context: [lines[3].lowercased(): lines[4].split(separator: " ").map(String.init)])
  let answer = PolicyEvaluator.answer(of: [policy], to: request)
  precondition(answer == PolicyEvaluator.answer(of: [policy], to: request))
  let widened = PolicyEvaluator.answer(of: [policy, .administrator], to: request)
  precondition(widened == (answer == .deny ? .deny : .allow), "\(answer) beside an allow: \(widened)")
  precondition(PolicyEvaluator.answer(of: [policy, everythingDenied], to: request) == .deny)
  let asker = PolicyEvaluator.Asker(account: "123456789012", arns: [lines[2]])
  _ = PolicyEvaluator.answer(ofTrust: policy, to: request, by: asker)
  let decision = PolicyEvaluator.decide(request, policies: .init(identity: [.administrator], session: [policy]))
  precondition(decision.isAllowed == (answer == .allow), "\(answer) as a session policy: \(decision)")
  return 0
}

private let everythingDenied: Policy = {
  do {
    return try Policy(
      json: #"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#, kind: .identity)
  } catch {
    preconditionFailure("\(error)")
  }
}()
