import AWSWire
import Governance

/// CreateTags, DeleteTags, DescribeTags, and tags that are given at creation.
enum TagOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "CreateTags", authorization: .resources(targets), isMutating: true) {
      call, state throws(ServiceError) in
      let tags = try given(call)
      guard !tags.isEmpty else { throw .ec2("MissingParameter", "The request must contain the parameter tagSet") }
      let all = tags.map { Tag(key: $0.key, value: $0.value ?? "") }
      try change(call, &state) { current throws(ServiceError) in
        let result = merged(current, with: all)
        guard result.count(where: { !$0.key.hasPrefix("aws:") }) <= 50 else {
          throw .ec2("TagLimitExceeded", "You have reached the maximum of 50 tags on this resource.")
        }
        return result
      }
      return ImageLookup.success
    },
    OperationEntry("ec2", "DeleteTags", authorization: .resources(targets), isMutating: true) {
      call, state throws(ServiceError) in
      let tags = try given(call)
      try change(call, &state) { current throws(ServiceError) in
        // Without tags: all of the user's own. With a value: only if it has that value.
        current.filter { tag in
          guard !tag.key.hasPrefix("aws:") else { return true }
          return !tags.isEmpty && !tags.contains { $0.key == tag.key && ($0.value ?? tag.value) == tag.value }
        }
      }
      return ImageLookup.success
    },
    OperationEntry("ec2", "DescribeTags") { call, state throws(ServiceError) in try describe(call, state.world) },
  ]

  static func merged(_ tags: [Tag], with new: [Tag]) -> [Tag] {
    var byKey = Dictionary(tags.map { ($0.key, $0.value) }) { $1 }
    for tag in new { byKey[tag.key] = tag.value }
    return byKey.keys.sorted().map { Tag(key: $0, value: byKey[$0] ?? "") }
  }

  // MARK: Rules

  private static func given(_ call: Call) throws(ServiceError) -> [(key: String, value: String?)] {
    guard !call.texts("Resources").isEmpty else {
      throw .ec2("MissingParameter", "The request must contain the parameter resourceIdSet")
    }
    var tags: [(key: String, value: String?)] = []
    for tag in call.list("Tags") {
      let key = tag["Key"]?.string ?? ""
      let value = tag["Value"]?.string
      try check(key: key, value: value ?? "")
      tags.append((key, value))
    }
    return tags
  }

  private static func check(key: String, value: String) throws(ServiceError) {
    guard !key.isEmpty else { throw .ec2("InvalidParameterValue", "Tag key cannot be empty.") }
    guard !key.lowercased().hasPrefix("aws:") else {
      throw .ec2("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
    }
    guard key.count <= 128 else {
      throw .ec2("InvalidParameterValue", "Tag key exceeds the maximum length of 128 characters")
    }
    guard value.count <= 256 else {
      throw .ec2("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters")
    }
  }

  private static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    let tags = call.list("Tags")
    return call.texts("Resources").map { id in
      var target =
        switch TaggedResource.type(of: id) {
        case "image": ImageLookup.target(id, call, world)
        case "volume": VolumeOperations.target(id, call, world)
        case "instance": InstanceLookup.target(id, call, world)
        case "launch-template": LaunchTemplateLookup.target(id, call, world)
        case "image-usage-report": ImageUsageReportOperations.target(id, call, world)
        default: SnapshotLookup.target(id, call, world)
        }
      add(tags, to: &target)
      return target
    }
  }

  /// `aws:ResourceTag/…` and EC2's own older name for it.
  static func addResourceTags(_ tags: [Tag], to target: inout Authorizer.Target) {
    for tag in tags {
      target.context["aws:resourcetag/\(tag.key.lowercased())"] = [tag.value]
      target.context["ec2:resourcetag/\(tag.key.lowercased())"] = [tag.value]
    }
  }

  private static func add(_ tags: [Document], to target: inout Authorizer.Target) {
    let keys = tags.compactMap { $0["Key"]?.string }
    if !keys.isEmpty { target.context["aws:tagkeys"] = keys }
    for tag in tags {
      guard let key = tag["Key"]?.string, let value = tag["Value"]?.string else { continue }
      target.context["aws:requesttag/\(key.lowercased())"] = [value]
    }
  }

  // MARK: At creation

  /// Tagging at creation is a permission of its own, with the creating operation as a condition key.
  static func creationTargets(_ call: Call, creating operation: String) -> [Authorizer.Target] {
    call.list("TagSpecifications").map { specification in
      let type = specification["ResourceType"]?.string ?? "*"
      // ARNs of images and snapshots carry no account.
      let account = ["image", "snapshot"].contains(type) ? "" : call.caller.account
      var target = Authorizer.Target(resource: call.arn("\(type)/*", account: account), action: "ec2:CreateTags")
      target.context["ec2:createaction"] = [operation]
      add(specification["Tags"]?.elements ?? [], to: &target)
      return target
    }
  }

  static func creationTags(_ call: Call, of type: String, among types: [String] = ["image", "snapshot"])
    throws(ServiceError) -> [Tag]
  {
    var tags: [Tag] = []
    for specification in call.list("TagSpecifications") {
      let given = specification["ResourceType"]?.string ?? ""
      guard types.contains(given) else {
        throw .ec2("InvalidParameterValue", "'\(given)' is not a valid taggable resource type for this operation.")
      }
      guard given == type else { continue }
      for tag in self.tags(in: specification) {
        try check(key: tag.key, value: tag.value)
        tags.append(tag)
      }
    }
    guard tags.count <= 50 else {
      throw .ec2("TagLimitExceeded", "You have reached the maximum of 50 tags on this resource.")
    }
    return merged([], with: tags)
  }

  static func tags(in specification: Document) -> [Tag] {
    (specification["Tags"]?.elements ?? []).map {
      Tag(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "")
    }
  }

  // MARK: Changing

  /// All or nothing: a resource that is not there keeps the others as they were.
  private static func change(
    _ call: Call, _ state: inout SimulatorState, _ change: ([Tag]) throws(ServiceError) -> [Tag]
  ) throws(ServiceError) {
    var changes: [(TaggedResource, [Tag])] = []
    for id in call.texts("Resources") {
      let resource = try TaggedResource.find(id, call, state.world)
      changes.append((resource, try change(resource.tags)))
    }
    for (resource, tags) in changes { resource.put(tags, call.scope, &state.world) }
  }

  // MARK: Reading

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    let filters = try call.filters()
    let known = ["key", "value", "resource-id", "resource-type"]
    for filter in filters where !known.contains(filter.name) && !filter.name.hasPrefix("tag:") { throw filter.invalid }
    let page = try Page.ec2(call, idsParameter: "Resources", idsName: "resourceIdSet")
    let scope = world.state(of: call.scope)
    // Sorted by resource, then key: the resource's id cannot contain the separator.
    var found: [String: Document] = [:]
    func collect(_ id: String, _ tags: [Tag]) {
      let type = TaggedResource.type(of: id)
      for tag in tags where filters.allSatisfy({ matches($0, id, type, tag, among: tags) }) {
        found["\(id) \(tag.key)"] = [
          "ResourceId": Document(id), "ResourceType": Document(type), "Key": Document(tag.key),
          "Value": Document(tag.value),
        ]
      }
    }
    for image in scope.images.values { collect(image.id, image.tags) }
    for volume in scope.volumes.values { collect(volume.id, volume.tags) }
    for snapshot in scope.snapshots.values { collect(snapshot.id, snapshot.tags) }
    for instance in InstanceLookup.listed(call, world).values { collect(instance.id, instance.tags) }
    for template in scope.workloads.launchTemplates.values { collect(template.id, template.tags) }
    for report in scope.workloads.usageReports.values { collect(report.id, report.tags) }
    for (id, tags) in scope.foreignTags { collect(id, tags) }
    let (ids, next) = page.cut(found.keys.sorted())
    return Document(entries: [
      ("Tags", Document(ids.compactMap { found[$0] })), ("NextToken", next.map { Document($0) }),
    ])
  }

  private static func matches(_ filter: Filter, _ id: String, _ type: String, _ tag: Tag, among tags: [Tag]) -> Bool {
    switch filter.name {
    case "key": filter.matches(tag.key)
    case "value": filter.matches(tag.value)
    case "resource-id": filter.matches(id)
    case "resource-type": filter.matches(type)
    default: filter.matches(tags: tags) ?? false
    }
  }
}
