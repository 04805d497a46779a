import Governance

/// Parameters and answers as CloudTrail writes them: `ModifyImageAttribute` that makes an image public has
/// `requestParameters.launchPermission.add.items[].group == "all"`.
enum EventParameters {
  /// EC2's names of lists, and of what stands in them where the API has bare texts.
  private static let ec2Lists: [String: (list: String, element: String)] = [
    "ImageIds": ("imagesSet", "imageId"), "SnapshotIds": ("snapshotSet", "snapshotId"),
    "VolumeIds": ("volumeSet", "volumeId"), "InstanceIds": ("instancesSet", "instanceId"),
    "Owners": ("ownersSet", "owner"),
    "OwnerIds": ("ownersSet", "owner"), "ExecutableUsers": ("executableBySet", "user"),
    "Resources": ("resourcesSet", "resourceId"), "Filters": ("filterSet", "filter"), "Values": ("valueSet", "value"),
    "Tags": ("tagSet", "tag"), "TagSpecifications": ("tagSpecificationSet", "tagSpecification"),
    "BlockDeviceMappings": ("blockDeviceMapping", "blockDevice"), "RegionNames": ("regionSet", "regionName"),
    "UserIds": ("userIds", "userId"), "GroupNames": ("groups", "group"),
  ]

  static func request(_ event: CallEvent) -> Document? {
    guard event.parameters.count > 0 else { return nil }
    guard event.service == "ec2" else { return plain(event.parameters) }
    switch event.operation {
    case "ModifyImageAttribute": return permissions(event.parameters, "LaunchPermission", type: "launchPermission")
    case "ModifySnapshotAttribute":
      return permissions(event.parameters, "CreateVolumePermission", type: "CREATE_VOLUME_PERMISSION")
    case "DescribeImageAttribute", "ResetImageAttribute", "DescribeSnapshotAttribute", "ResetSnapshotAttribute":
      return ec2(event.parameters.setting("Attribute", to: nil))
        .setting("attributeType", to: event.parameters["Attribute"]?.compacted)
    default: return ec2(event.parameters)
    }
  }

  static func response(_ event: CallEvent) -> Document? {
    guard let answer = event.answer else { return nil }
    guard event.service == "ec2" else { return answer.count == 0 ? nil : plain(answer) }
    let text = ec2(answer.setting("Return", to: nil))
    return text.setting("requestId", to: Document(event.id.text)).setting("_return", to: true)
  }

  private static func lowered(_ name: String) -> String {
    // `DryRun` → dryRun, `ARN` → aRN would be wrong: leading capitals go together, but for the last before a small one.
    let capitals = name.prefix { $0.isUppercase }
    guard capitals.count > 1, capitals.count < name.count else {
      return capitals.lowercased() + name.dropFirst(capitals.count)
    }
    return capitals.dropLast().lowercased() + name.dropFirst(capitals.count - 1)
  }

  /// The secrets of credentials are in no event.
  private static let hidden: Set<String> = ["SecretAccessKey", "SessionToken", "WebIdentityToken"]

  private static func plain(_ value: Document) -> Document {
    switch value.kind {
    case .object:
      Document(
        entries: value.entries.filter { !hidden.contains($0.name) }.map { (lowered($0.name), plain($0.value)) })
    case .array: Document(value.elements.map(plain))
    default: value.compacted
    }
  }

  private static func ec2(_ value: Document) -> Document {
    guard value.kind == .object else { return value.compacted }
    return Document(
      entries: value.entries.map { entry in
        guard entry.value.kind == .array else { return (lowered(entry.name), ec2(entry.value)) }
        let names = ec2Lists[entry.name] ?? (lowered(entry.name), lowered(entry.name))
        let items = entry.value.elements.map { element in
          element.kind == .object ? ec2(element) : Document(entries: [(names.element, element.compacted)])
        }
        return (names.list, ["items": Document(items)])
      })
  }

  /// Both forms of the call read alike: `launchPermission.add.items`.
  private static func permissions(_ parameters: Document, _ member: String, type: String) -> Document {
    var rest = parameters
    var add = parameters[member]?["Add"]?.elements ?? []
    var remove = parameters[member]?["Remove"]?.elements ?? []
    if let operation = parameters["OperationType"]?.string {
      var named: [Document] = []
      for (list, name) in [
        ("UserGroups", "Group"), ("GroupNames", "Group"), ("UserIds", "UserId"),
        ("OrganizationArns", "OrganizationArn"),
        ("OrganizationalUnitArns", "OrganizationalUnitArn"),
      ] {
        named += (parameters[list]?.elements ?? []).map { Document(entries: [(name, $0.compacted)]) }
        rest = rest.setting(list, to: nil)
      }
      if operation == "add" { add += named } else { remove += named }
    }
    for name in [member, "OperationType", "Attribute"] { rest = rest.setting(name, to: nil) }
    guard !add.isEmpty || !remove.isEmpty else {
      return ec2(rest).setting("attributeType", to: parameters["Attribute"]?.compacted)
    }
    func items(_ list: [Document]) -> Document? { list.isEmpty ? nil : ["items": Document(list.map(ec2))] }
    return ec2(rest).setting(lowered(member), to: Document(entries: [("add", items(add)), ("remove", items(remove))]))
      .setting("attributeType", to: Document(type))
  }
}
