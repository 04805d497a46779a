/// A check: one verdict for each resource. A pure function of what it is handed.
///
/// An `UnreadAttribute` that it lets pass through becomes *not evaluated* with its code and message. Any other error
/// fails the whole batch, naming the check and the resource.
public protocol Check {
  /// As in plugin.json: `image.public`.
  static var id: StaticString { get }
  init(configuration: Document, organization: Organization) throws
  func evaluate(_ resource: borrowing Resource) throws -> Verdict
}

/// Discovery: looks at one scope, in straight-line code. It may await `aws.call`, `aws.pages` and its own child tasks,
/// and nothing else: no `Task {}`, no sleep, no main actor.
public protocol Discovery: Sendable {
  init(configuration: Document, organization: Organization) throws
  @concurrent func discover(_ scope: Scope, aws: AWS) async throws
}

/// Tagging enforcement: proposes what can be derived, and leaves the rest to a person.
public protocol Tagger {
  init(configuration: Document, organization: Organization) throws
  func propose(_ resource: borrowing Resource) throws -> [TagOperation]
}

/// Remediation: plans the exact calls that end findings. `findings` are those of this resource.
public protocol Remediator {
  init(configuration: Document, organization: Organization) throws
  func plan(_ resource: borrowing Resource, findings: [Finding]) throws -> [Action]
}
