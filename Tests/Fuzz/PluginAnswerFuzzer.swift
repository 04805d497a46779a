import CReevePlugin
import Governance
import Orchestrator
import PluginFrames
@testable import PluginHost

/// One byte: which function was called. Then what its host process answered: a frame.
///
/// Beside not crashing: nothing but the frame is read (it ends where memory does, and the address sanitizer looks at every
/// access), and what comes out is a document that can be printed.
@c(LLVMFuzzerTestOneInput) func runOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > FrameHeader.size else { return 0 }
  let length = count - 1
  let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
  defer { unsafe frame.deallocate() }
  unsafe frame.copyMemory(from: UnsafeRawBufferPointer(start: start + 1, count: length))
  // What was looked at before a frame gets here; and the true length, so that a mutation need not guess it.
  var header = unsafe frame.loadUnaligned(as: FrameHeader.self)
  header.magic = FrameHeader.magic
  header.length = UInt64(length)
  unsafe frame.storeBytes(of: header, as: FrameHeader.self)
  switch unsafe start.pointee & 7 {
  case 0: unsafe introduce(header, frame)
  case 1, 5: unsafe discover(header, frame)
  case 2, 6: unsafe check(header, frame)
  case 3: unsafe tag(header, frame)
  case 4, 7: unsafe plan(header, frame)
  default: break
  }
  return 0
}

private func introduce(_ header: FrameHeader, _ frame: UnsafeMutableRawBufferPointer) {
  _ = try? unsafe AnswerFrame.introduction(header, frame) { words, interfaces in
    guard let words = unsafe words else { return }
    let descriptor = try? unsafe PluginDescriptor(elsewhere: words) { name in
      unsafe SandboxedPlugin.place(of: name).flatMap { unsafe interfaces[$0] }
    }
    _ = descriptor?.mismatches(with: manifest)
  }
}

private func context(_ intake: any Intake) -> CallContext {
  CallContext(intake: intake, cancellation: CancellationFlag()) { _, line in precondition(!line.contains("\n")) }
}

private func discover(_ header: FrameHeader, _ frame: UnsafeMutableRawBufferPointer) {
  let intake = DiscoveryIntake(manifest: manifest, scope: scope, outstanding: [7])
  let context = context(intake)
  guard (try? unsafe AnswerFrame.unpack(header, frame, into: context)) != nil, context.badData == nil else { return }
  let found = intake.finish()
  for resource in found.resources { print(resource.attributes) }
  for request in found.requests { print(request.call.parameters) }
}

private func check(_ header: FrameHeader, _ frame: UnsafeMutableRawBufferPointer) {
  let intake = VerdictIntake(checks: manifest.checks, resources: resources, descriptorChecks: manifest.checks.map(\.id))
  let context = context(intake)
  guard (try? unsafe AnswerFrame.unpack(header, frame, into: context)) != nil, context.badData == nil else { return }
  let verdicts = intake.verdicts(original: Array(resources.indices))
  precondition(verdicts.count == resources.count * manifest.checks.count)
  for verdict in verdicts {
    if case .fail(_, let evidence) = verdict.verdict { print(evidence) }
  }
}

private func tag(_ header: FrameHeader, _ frame: UnsafeMutableRawBufferPointer) {
  let intake = TagIntake(resourceCount: resources.count)
  let context = context(intake)
  guard (try? unsafe AnswerFrame.unpack(header, frame, into: context)) != nil, context.badData == nil else { return }
  for operation in intake.operations { precondition(resources.indices.contains(operation.resource)) }
}

private func plan(_ header: FrameHeader, _ frame: UnsafeMutableRawBufferPointer) {
  let findings = resources.indices.map {
    PlannableFinding(resource: $0, check: "image.public", message: "", evidence: .emptyObject)
  }
  let intake = ActionIntake(manifest: manifest, resources: resources, findings: findings)
  let context = context(intake)
  guard (try? unsafe AnswerFrame.unpack(header, frame, into: context)) != nil, context.badData == nil else { return }
  for action in intake.actions { print(action.call.parameters) }
}

private func print(_ document: Document) { precondition(!document.json.isEmpty) }

// MARK: What the calls were about

private let scope = Scope(account: "111122223333", region: "eu-west-1")

private let resources = (0..<4).map { number in
  Resource(
    type: "ec2:image", id: "ami-\(number)", arn: "arn:aws:ec2:eu-west-1::image/ami-\(number)", account: scope.account,
    region: scope.region)
}

private let manifest = PluginManifest(
  id: "org.example.fuzzed", version: "1.0.0", kinds: PluginManifest.Kind.allCases,
  checks: ["image.public", "image.second"].map { id in
    PluginManifest.Check(
      id: id, title: "Public", severity: .high, remediation: "", resourceTypes: ["ec2:image"], attributes: ["Public"])
  }, resourceTypes: ["ec2:image", "ec2:snapshot"],
  attributes: ["ec2:image": [], "ec2:snapshot": []], remediates: ["image.public"],
  operations: ["ec2:DescribeImages", "ec2:ModifyImageAttribute"])
