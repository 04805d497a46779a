public import ReevePluginKit
import Testing

/// Runs a tagger on a resource and records an issue where it proposes something else.
public func expectTagOperations<T: Tagger>(
  of tagger: T.Type, on resource: DiscoveredResource, _ expected: [TagOperation],
  configuration: Document = .emptyObject, organization: Organization = Sample.organization(), now: Time = Sample.now,
  fileID: String = #fileID, filePath: String = #filePath, line: Int = #line, column: Int = #column
) throws {
  let harness = try PluginHarness(
    tagger: tagger, configuration: configuration, organization: organization, now: now)
  let found = try harness.propose([resource]).map(\.operation)
  if found != expected {
    Issue.record(
      "\(T.self) on \(resource.id): expected \(expected), found \(found)",
      sourceLocation: SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column))
  }
}

/// What a remediator plans for findings of one resource.
public func actions<R: Remediator>(
  of remediator: R.Type, on resource: DiscoveredResource, findings: [Finding],
  configuration: Document = .emptyObject, organization: Organization = Sample.organization(), now: Time = Sample.now
) throws -> [Action] {
  let harness = try PluginHarness(
    remediator: remediator, configuration: configuration, organization: organization, now: now)
  return try harness.plan([resource], findings: findings.map { (0, $0) }).map(\.action)
}

/// What a discovery finds in a scope where AWS answers as `answer` says: once for each request, a page or a failure.
public func discover<D: Discovery>(
  with discovery: D.Type, in scope: Scope, configuration: Document = .emptyObject,
  organization: Organization = Sample.organization(), now: Time = Sample.now,
  answer: (HarnessRequest) -> HarnessAnswer
) throws -> [DiscoveredResource] {
  let harness = try PluginHarness(
    discovery: discovery, configuration: configuration, organization: organization, now: now)
  return try harness.discover(scope) { [answer($0)] }
}
