import AWSWire
import Governance

/// One operation that the simulator has: how it is authorized and who answers it.
struct OperationEntry: Sendable {
  enum Authorization: Sendable {
    /// Everyone with valid credentials, as GetCallerIdentity; or the handler decides, as AssumeRole by trust policies.
    case none
    /// The operation's own action on `*`.
    case anyResource
    /// Each ARN it touches.
    case resources(@Sendable (Call, World) -> [Authorizer.Target])
  }

  typealias Handler = @Sendable (Call, inout SimulatorState) throws(ServiceError) -> Document

  var service: String
  var name: String
  var authorization: Authorization
  /// It changes the world.
  var isMutating: Bool
  var handler: Handler

  init(
    _ service: String, _ name: String, authorization: Authorization = .anyResource, isMutating: Bool = false,
    handler: @escaping Handler
  ) {
    self.service = service
    self.name = name
    self.authorization = authorization
    self.isMutating = isMutating
    self.handler = handler
  }

  var action: String { "\(service):\(name)" }
}

/// Every operation, by service and name. The fidelity page is generated from it.
package enum OperationTable {
  static let entries: [OperationEntry] =
    STSOperations.entries + OrganizationOperations.entries + AccountCreationOperations.entries
    + EC2Operations.entries

  private static let byAction = Dictionary(uniqueKeysWithValues: entries.map { ($0.action, $0) })

  static func entry(_ service: String, _ operation: String) -> OperationEntry? { byAction["\(service):\(operation)"] }

  /// `ec2:DescribeImages`, sorted.
  package static var names: [String] { byAction.keys.sorted() }
}
