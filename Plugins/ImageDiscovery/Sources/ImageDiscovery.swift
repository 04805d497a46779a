import ReevePluginKit

/// Own images, with launch permissions and backing snapshots only where a selected check reads them: a sweep for public
/// images alone is one page sequence of DescribeImages and nothing else.
public struct ImageDiscovery: Discovery {
  static let imageType = "ec2:image"

  /// Deprecated images of one's own are listed always, disabled ones only when asked for.
  private static let everyOwnImage: Document = [
    "Owners": ["self"], "IncludeDeprecated": true, "IncludeDisabled": true, "MaxResults": 1000,
  ]

  public init(configuration: Document, organization: Organization) {}

  public func discover(_ scope: Scope, aws: AWS) async throws {
    let readsPermissions = scope.wants(Self.imageType, "LaunchPermissions")
    let readsSnapshots = scope.wants(BackingSnapshots.type)
    // Nobody wants to know: every call costs the budget.
    guard readsSnapshots || scope.wants(Self.imageType) else { return }
    var backing = BackingSnapshots(scope: scope)
    for try await page in aws.pages("ec2", "DescribeImages", Self.everyOwnImage) {
      let images = try page.elements("Images").map { try image(from: $0, in: scope) }
      if readsSnapshots { for image in images { backing.note(image) } }
      guard readsPermissions else {
        for image in images { aws.emit(image) }
        continue
      }
      for image in try await aws.map(images, { await withLaunchPermissions($0, aws: aws) }) { aws.emit(image) }
    }
    if readsSnapshots { try await backing.emit(to: aws) }
  }

  private func image(from description: Document, in scope: Scope) throws -> DiscoveredResource {
    guard let id = description["ImageId"]?.string else {
      throw AWSError.incomplete("DescribeImages", lacks: "an ImageId")
    }
    return DiscoveredResource(
      type: Self.imageType, id: id, arn: "arn:\(scope.partition):ec2:\(scope.region)::image/\(id)",
      account: scope.account, region: scope.region, tags: description.tags, attributes: description.removing("Tags"))
  }

  /// A permission that cannot be read is a gap of this attribute of this image; its neighbours are untouched.
  private func withLaunchPermissions(_ image: DiscoveredResource, aws: AWS) async -> DiscoveredResource {
    var image = image
    do {
      let response = try await aws.call(
        "ec2", "DescribeImageAttribute", ["Attribute": "launchPermission", "ImageId": .string(image.id)],
        reusable: true)
      guard let permissions = response["LaunchPermissions"] else {
        throw AWSError.incomplete("DescribeImageAttribute", lacks: "LaunchPermissions")
      }
      image.set("LaunchPermissions", to: permissions, readAt: response.readAt(ifBefore: aws.now))
    } catch {
      image.markUnread("LaunchPermissions", error)
    }
    return image
  }
}

extension AWSError {
  /// An answer without what was asked for is no answer of "nothing".
  static func incomplete(_ operation: String, lacks part: String) -> AWSError {
    AWSError(
      kind: .badData, code: "IncompleteAnswer", message: "the answer lacks \(part)", service: "ec2",
      operation: operation)
  }
}

extension Document {
  /// AWS's list of tags, as it prints it.
  var tags: [DiscoveredResource.Tag] {
    (self["Tags"]?.elements ?? []).compactMap { tag in
      tag["Key"]?.string.map { DiscoveredResource.Tag($0, tag["Value"]?.string ?? "") }
    }
  }
}

extension Response {
  /// nil for an answer of now.
  func readAt(ifBefore now: Time) -> Time? { readAt.flatMap { $0 < now ? $0 : nil } }
}
