import ReevePluginKit

/// The snapshots that lie behind own images. A snapshot has a sharing list of its own: revoking the image does not
/// revoke it.
struct BackingSnapshots {
  static let type = "ec2:snapshot"
  private static let batch = 200
  /// What this discovery adds to what DescribeSnapshots says.
  private static let added: Set<String> = ["BackingImages", "CreateVolumePermissions"]

  let scope: Scope
  private var images: [String: Set<String>] = [:]

  init(scope: Scope) { self.scope = scope }

  mutating func note(_ image: DiscoveredResource) {
    for device in image.attributes["BlockDeviceMappings"]?.elements ?? [] {
      guard let snapshot = device.at("Ebs.SnapshotId")?.string, !snapshot.isEmpty else { continue }
      images[snapshot, default: []].insert(image.id)
    }
  }

  func emit(to aws: AWS) async throws {
    let ids = images.keys.sorted()
    let batches = stride(from: 0, to: ids.count, by: Self.batch).map {
      Array(ids[$0..<min($0 + Self.batch, ids.count)])
    }
    for batch in batches {
      let snapshots = try await describe(batch, aws: aws)
      let finished = try await aws.map(snapshots) { await withCreateVolumePermissions($0, aws: aws) }
      for snapshot in finished { aws.emit(snapshot) }
    }
  }

  /// DescribeSnapshots answers for all ids or for none: one that has vanished hides the others. Then the batch is halved
  /// until the vanished one stands alone.
  private func describe(_ ids: [String], aws: AWS) async throws -> [DiscoveredResource] {
    do {
      var descriptions: [Document] = []
      let parameters: Document = ["SnapshotIds": .array(ids.map { .string($0) })]
      for try await page in aws.pages("ec2", "DescribeSnapshots", parameters) {
        descriptions += page.elements("Snapshots")
      }
      // An id that was asked for and neither described nor refused is not known to be gone.
      let answered = Set(descriptions.compactMap { $0["SnapshotId"]?.string })
      let silent = ids.filter { !answered.contains($0) }
      return descriptions.compactMap { described($0) }
        + silent.map { undescribed($0, .incomplete("DescribeSnapshots", lacks: $0)) }
    } catch let error as AWSError {
      if error.kind == .cancelled { throw error }
      guard error.isVanishedSnapshot else { return ids.map { undescribed($0, error) } }
      guard ids.count > 1 else {
        aws.log(.info, "snapshot \(ids[0]) has vanished behind \(backed(ids[0]).joined(separator: ", "))")
        return []
      }
      let half = ids.count / 2
      return try await describe(Array(ids[..<half]), aws: aws) + describe(Array(ids[half...]), aws: aws)
    }
  }

  private func withCreateVolumePermissions(_ snapshot: DiscoveredResource, aws: AWS) async -> DiscoveredResource {
    guard scope.wants(Self.type, "CreateVolumePermissions") else { return snapshot }
    var snapshot = snapshot
    do {
      let response = try await aws.call(
        "ec2", "DescribeSnapshotAttribute",
        ["Attribute": "createVolumePermission", "SnapshotId": .string(snapshot.id)], reusable: true)
      guard let permissions = response["CreateVolumePermissions"] else {
        throw AWSError.incomplete("DescribeSnapshotAttribute", lacks: "CreateVolumePermissions")
      }
      snapshot.set("CreateVolumePermissions", to: permissions, readAt: response.readAt(ifBefore: aws.now))
    } catch {
      snapshot.markUnread("CreateVolumePermissions", error)
    }
    return snapshot
  }

  private func described(_ description: Document) -> DiscoveredResource? {
    guard let id = description["SnapshotId"]?.string else { return nil }
    var snapshot = resource(id)
    snapshot.tags = description.tags
    snapshot.attributes = description.removing("Tags").setting("BackingImages", to: backing(id))
    return snapshot
  }

  /// It is there, since an image rests on it, but nothing of it could be read.
  private func undescribed(_ id: String, _ error: AWSError) -> DiscoveredResource {
    var snapshot = resource(id)
    snapshot.attributes = ["SnapshotId": .string(id), "BackingImages": backing(id)]
    snapshot.markUnread(
      scope.wanted(Self.type).subtracting(Self.added).subtracting(["SnapshotId"]).union(["Tags"]), error)
    return snapshot
  }

  private func resource(_ id: String) -> DiscoveredResource {
    DiscoveredResource(
      type: Self.type, id: id, arn: "arn:\(scope.partition):ec2:\(scope.region)::snapshot/\(id)",
      account: scope.account, region: scope.region)
  }

  private func backed(_ snapshot: String) -> [String] { (images[snapshot] ?? []).sorted() }
  private func backing(_ snapshot: String) -> Document { .array(backed(snapshot).map { .string($0) }) }
}

extension AWSError {
  fileprivate var isVanishedSnapshot: Bool {
    code == "InvalidSnapshot.NotFound" || code == "InvalidSnapshotID.NotFound"
  }
}
