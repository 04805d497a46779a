import Governance
import Orchestrator

/// Reads one account in one region.
struct ScopeRecorder: Sendable {
  /// With the account's pseudonym: for what could not be read.
  let place: String
  let region: String
  let session: any CloudSession
  let pseudonyms: Pseudonyms
  let unread: Unread

  func record() async -> RecordedScope {
    var scope = RecordedScope()
    let images = await list(
      "DescribeImages", ["Owners": ["self"], "IncludeDisabled": true, "IncludeDeprecated": true, "MaxResults": 200],
      member: "Images")
    for image in images {
      let shares = await permissions(
        "DescribeImageAttribute", ["Attribute": "launchPermission", "ImageId": image["ImageId"] ?? .null],
        member: "LaunchPermissions", otherwise: image["Public"]?.bool == true ? ["all"] : [])
      if shares.contains("all") { scope.publicImages += 1 }
      scope.images.append(describe(image, shares))
    }
    scope.snapshots = await snapshots(behind: images)
    await readSettings(&scope)
    return scope
  }

  // MARK: Calls

  private func answer(_ operation: String, _ parameters: Document) async -> Document? {
    do {
      return try await session.perform(
        APICall(service: "ec2", operation: operation, parameters: parameters), in: region
      ).body
    } catch {
      unread.add(place, operation, error)
      return nil
    }
  }

  /// Every page; what came before a failure is kept, and the failure is listed.
  private func list(_ operation: String, _ parameters: Document, member: String) async -> [Document] {
    var found: [Document] = []
    var next: APICall? = APICall(service: "ec2", operation: operation, parameters: parameters)
    while let call = next {
      do {
        let page = try await session.perform(call, in: region)
        found += page.body[member]?.elements ?? []
        next = page.next
      } catch {
        unread.add(place, operation, error)
        next = nil
      }
    }
    return found
  }

  private func permissions(_ operation: String, _ parameters: Document, member: String, otherwise: [String]) async
    -> [String]
  {
    guard let answer = await answer(operation, parameters) else { return otherwise }
    return (answer[member]?.elements ?? []).compactMap { pseudonyms.grantee($0) }
  }

  // MARK: Images and snapshots

  private func text(_ value: Document?) -> Document? { value?.string.map { Document($0) } }

  private func tags(_ value: Document?) -> Document? {
    let tags = (value?.elements ?? []).compactMap { entry in
      entry["Key"]?.string.map { Tag(key: $0, value: entry["Value"]?.string ?? "") }
    }
    return WorldRecorder.tags(tags, pseudonyms)
  }

  private func describe(_ image: Document, _ shares: [String]) -> Document {
    let id = image["ImageId"]?.string ?? ""
    let state = image["State"]?.string ?? "available"
    let protection = image["DeregistrationProtection"]?.string
    let codes = (image["ProductCodes"]?.elements ?? []).map { code -> Document in
      [
        "id": Document(pseudonyms.name(code["ProductCodeId"]?.string ?? "", of: "product")),
        "type": text(code["ProductCodeType"]) ?? "marketplace",
      ]
    }
    return Document(entries: [
      ("id", Document(pseudonyms.resource(id))),
      ("name", Document(pseudonyms.name(image["Name"]?.string ?? id, of: "image"))), ("region", Document(region)),
      ("state", state == "available" ? nil : Document(state)), ("created", text(image["CreationDate"])),
      ("deprecated", text(image["DeprecationTime"])), ("lastLaunched", text(image["LastLaunchedTime"])),
      ("architecture", text(image["Architecture"])), ("rootDevice", text(image["RootDeviceName"])),
      ("virtualization", text(image["VirtualizationType"])), ("enaSupport", image["EnaSupport"]),
      (
        "protection", ["enabled", "enabled-with-cooldown"].contains(protection) ? protection.map { Document($0) } : nil
      ),
      ("bootMode", text(image["BootMode"])), ("imdsSupport", text(image["ImdsSupport"])),
      ("tpmSupport", text(image["TpmSupport"])), ("platform", text(image["Platform"])),
      ("sriovNetSupport", text(image["SriovNetSupport"])),
      ("sourceImageId", image["SourceImageId"]?.string.map { Document(pseudonyms.resource($0)) }),
      ("sourceImageRegion", text(image["SourceImageRegion"])),
      ("sharedWith", shares.isEmpty ? nil : Document(strings: shares)),
      ("devices", Document((image["BlockDeviceMappings"]?.elements ?? []).map(device))),
      ("productCodes", codes.isEmpty ? nil : Document(codes)), ("tags", tags(image["Tags"])),
    ])
  }

  private func device(_ mapping: Document) -> Document {
    let disk = mapping["Ebs"]
    return Document(entries: [
      ("name", text(mapping["DeviceName"])), ("virtualName", text(mapping["VirtualName"])),
      ("snapshot", disk?["SnapshotId"]?.string.map { Document(pseudonyms.resource($0)) }),
      ("size", disk?["VolumeSize"]), ("type", text(disk?["VolumeType"])),
      ("encrypted", disk?["Encrypted"]?.bool == true ? true : nil),
      ("deleteOnTermination", disk?["DeleteOnTermination"]?.bool == false ? false : nil), ("iops", disk?["Iops"]),
      ("throughput", disk?["Throughput"]),
    ])
  }

  private static let batch = 200

  private func snapshots(behind images: [Document]) async -> [Document] {
    let devices = images.flatMap { $0["BlockDeviceMappings"]?.elements ?? [] }
    let ids = Set(devices.compactMap { $0["Ebs"]?["SnapshotId"]?.string }).sorted()
    var found: [Document] = []
    for start in stride(from: 0, to: ids.count, by: Self.batch) {
      let part = Array(ids[start..<min(start + Self.batch, ids.count)])
      // By a filter: one snapshot that is gone must not make an error of all the others.
      let filter: Document = ["Name": "snapshot-id", "Values": Document(strings: part)]
      let listed = await list(
        "DescribeSnapshots", ["OwnerIds": ["self"], "Filters": Document([filter])], member: "Snapshots")
      for snapshot in listed {
        let shares = await permissions(
          "DescribeSnapshotAttribute",
          ["Attribute": "createVolumePermission", "SnapshotId": snapshot["SnapshotId"] ?? .null],
          member: "CreateVolumePermissions", otherwise: [])
        found.append(describe(snapshot: snapshot, shares))
      }
    }
    return found
  }

  private func describe(snapshot: Document, _ shares: [String]) -> Document {
    let state = snapshot["State"]?.string ?? "completed"
    return Document(entries: [
      ("id", Document(pseudonyms.resource(snapshot["SnapshotId"]?.string ?? ""))), ("region", Document(region)),
      ("volume", snapshot["VolumeId"]?.string.map { Document(pseudonyms.resource($0)) }),
      ("size", snapshot["VolumeSize"]), ("started", text(snapshot["StartTime"])),
      ("state", ["pending", "completed", "error"].contains(state) ? Document(state) : nil),
      ("encrypted", snapshot["Encrypted"]?.bool == true ? true : nil),
      ("sharedWith", shares.isEmpty ? nil : Document(strings: shares)), ("tags", tags(snapshot["Tags"])),
    ])
  }

  // MARK: Settings

  private func readSettings(_ scope: inout RecordedScope) async {
    if let answer = await answer("GetImageBlockPublicAccessState", .emptyObject) {
      scope.imageBlockPublicAccess = guardrail(answer["ImageBlockPublicAccessState"], answer["ManagedBy"])
    }
    if let answer = await answer("GetSnapshotBlockPublicAccessState", .emptyObject) {
      scope.snapshotBlockPublicAccess = guardrail(answer["State"], answer["ManagedBy"])
    }
    guard let answer = await answer("GetAllowedImagesSettings", .emptyObject) else { return }
    let criteria = answer["ImageCriteria"]?.elements ?? []
    guard let state = text(answer["State"]), answer["State"]?.string != "disabled" || !criteria.isEmpty else { return }
    scope.allowedImages = Document(entries: [
      ("state", state), ("managedBy", text(answer["ManagedBy"])), ("criteria", Document(criteria.map(criterion))),
    ])
  }

  private func guardrail(_ state: Document?, _ manager: Document?) -> Document? {
    guard let state = text(state) else { return nil }
    return manager?.string == "declarative-policy" ? ["state": state, "managedBy": "declarative-policy"] : state
  }

  /// Providers that AWS names stay; accounts and names do not.
  private func criterion(_ criterion: Document) -> Document {
    func list(_ member: String, _ replace: (String) -> String) -> Document? {
      criterion[member].map { Document(strings: $0.elements.compactMap(\.string).map(replace)) }
    }
    return Document(entries: [
      ("ImageProviders", list("ImageProviders") { pseudonyms.account($0) }),
      ("ImageNames", list("ImageNames") { pseudonyms.name($0, of: "image") }),
      ("MarketplaceProductCodes", list("MarketplaceProductCodes") { pseudonyms.name($0, of: "product") }),
      ("CreationDateCondition", criterion["CreationDateCondition"]),
      ("DeprecationTimeCondition", criterion["DeprecationTimeCondition"]),
    ])
  }
}
