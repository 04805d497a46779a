import AWSWire
import Governance

/// One operation that the simulator has: how it is authorized and who answers it.
final class OperationEntry: Sendable {
  enum Authorization: Sendable {
    /// Everyone with valid credentials, as GetCallerIdentity; or the handler decides, as AssumeRole by trust policies.
    case none
    /// The operation's own action on `*`.
    case anyResource
    /// Each ARN it touches.
    case resources(@Sendable (Call, World) -> [Authorizer.Target])
  }

  typealias Handler = @Sendable (Call, inout SimulatorState) throws(ServiceError) -> Document

  /// The members of the answer straight in bytes, by the output's shape: the same as the handler's document written by it.
  typealias Writer = @Sendable (Call, inout SimulatorState, Shape, inout XMLWriter) throws(ServiceError) -> Void

  /// What the answer is made of, where that is done when nobody waits for the state any more.
  typealias Maker = @Sendable (Call, inout SimulatorState) throws(ServiceError) -> any LateAnswer

  let service: String
  let name: String
  /// `ec2:DescribeImages`
  let action: String
  let authorization: Authorization
  /// It changes the world.
  let isMutating: Bool
  /// Without one it is nobody who calls, as with AssumeRoleWithWebIdentity.
  let needsSignature: Bool
  /// For the fidelity page: what of this operation differs from AWS or is less than AWS has.
  let notes: [String]
  /// For the fidelity page: codes and texts that are not established, and what is answered instead.
  let unestablished: [String]
  /// Parameters that it has; any other is refused, also one that AWS has.
  let parameters: ParameterSet
  /// Of these, what is accepted and has no effect, and why.
  let ignoredParameters: [String: String]
  let handler: Handler
  /// Of reads whose answers are long.
  let writer: Writer?
  /// Of what is called most.
  let maker: Maker?

  init(
    _ service: String, _ name: String, authorization: Authorization = .anyResource, isMutating: Bool = false,
    needsSignature: Bool = true, notes: [String] = [], unestablished: [String] = [], writer: Writer? = nil,
    maker: Maker? = nil, handler: @escaping Handler
  ) {
    self.service = service
    self.name = name
    action = "\(service):\(name)"
    self.authorization = authorization
    self.isMutating = isMutating
    self.needsSignature = needsSignature
    self.notes = notes
    self.unestablished = unestablished
    ignoredParameters = ParameterTable.ignored(service, name)
    parameters = ParameterTable.read(service, name)
      .union(ParameterSet(paths: ignoredParameters.keys.sorted()))
      .union(service == "ec2" ? ParameterSet("DryRun") : ParameterSet())
    self.handler = handler
    self.writer = writer
    self.maker = maker
  }

  /// Paths of AWS's model that are refused.
  var refusedParameters: [String] {
    guard let input = ServiceModel.named(service)?.operation(name)?.input else { return [] }
    return parameters.missing(from: input)
  }
}

/// Every operation, by service and name. The fidelity page is generated from it.
package enum OperationTable {
  static let entries: [OperationEntry] =
    STSOperations.entries + OrganizationOperations.entries + AccountCreationOperations.entries
    + OrganizationalUnitOperations.entries + MembershipOperations.entries + OrganizationPolicyOperations.entries
    + OrganizationTagOperations.entries + DelegationOperations.entries + HandshakeOperations.entries
    + RoleOperations.entries + UserOperations.entries + ManagedPolicyOperations.entries + PermissionOperations.entries
    + IAMTagOperations.entries + IAMAccountOperations.entries + CloudTrailOperations.entries
    + EC2Operations.entries

  private static let byService = Dictionary(grouping: entries, by: \.service).mapValues { entries in
    Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
  }

  static func entry(_ service: String, _ operation: String) -> OperationEntry? { byService[service]?[operation] }

  /// Sorted.
  static func operations(of service: String) -> [String] { (byService[service]?.keys).map { $0.sorted() } ?? [] }

  /// `ec2:DescribeImages`, sorted.
  package static let names: [String] = entries.map(\.action).sorted()
}
