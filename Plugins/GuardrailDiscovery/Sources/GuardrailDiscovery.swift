import ReevePluginKit

/// The settings of an account in a region that bound what can be shared and launched there. Each is read only when one
/// of its attributes is wanted; one that cannot be read is emitted with its attributes unread.
public struct GuardrailDiscovery: Discovery {
  public init(configuration: Document, organization: Organization) {}

  public func discover(_ scope: Scope, aws: AWS) async throws {
    let wanted = Guardrail.all.filter { scope.wants($0.type) }
    for resource in try await aws.map(wanted, { await $0.read(in: scope, aws: aws) }) { aws.emit(resource) }
  }
}

/// One setting: its operation and what that answers.
struct Guardrail: Sendable {
  var type: String
  var operation: String
  var attributes: [String]

  static let all = [
    Guardrail(
      type: "ec2:image-block-public-access", operation: "GetImageBlockPublicAccessState",
      attributes: ["ImageBlockPublicAccessState", "ManagedBy"]),
    Guardrail(
      type: "ec2:snapshot-block-public-access", operation: "GetSnapshotBlockPublicAccessState",
      attributes: ["State", "ManagedBy"]),
    Guardrail(
      type: "ec2:allowed-images-settings", operation: "GetAllowedImagesSettings",
      attributes: ["State", "ImageCriteria", "ManagedBy"]),
  ]

  func read(in scope: Scope, aws: AWS) async -> DiscoveredResource {
    var resource = resource(in: scope)
    do {
      let response = try await aws.call("ec2", operation)
      resource.attributes = .object(
        attributes.compactMap { name in response[name].map { (name: name, value: $0) } })
    } catch {
      resource.markUnread(attributes, error)
    }
    return resource
  }

  /// There is one of each in an account's region, so the region's name is its id.
  private func resource(in scope: Scope) -> DiscoveredResource {
    let kind = type.dropFirst("ec2:".count)
    return DiscoveredResource(
      type: type, id: scope.region, arn: "arn:\(scope.partition):ec2:\(scope.region):\(scope.account):\(kind)",
      account: scope.account, region: scope.region)
  }
}
