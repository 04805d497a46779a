import AWSWire
import Governance

/// DescribeLaunchTemplates and DescribeLaunchTemplateVersions.
enum LaunchTemplateReadOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeLaunchTemplates") { call, state throws(ServiceError) in
      try describe(call, state.world)
    },
    OperationEntry("ec2", "DescribeLaunchTemplateVersions") { call, state throws(ServiceError) in
      try describeVersions(call, state.world)
    },
  ]

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    var templates = world.state(of: call.scope).workloads.launchTemplates
    let names = call.texts("LaunchTemplateNames")
    for name in names where !templates.values.contains(where: { $0.name == name }) {
      // [quote]
      throw .ec2(
        "InvalidLaunchTemplateName.NotFoundException",
        "At least one of the launch templates specified in the request does not exist.")
    }
    if !names.isEmpty { templates = templates.filter { names.contains($0.value.name) } }
    let ids = Listing.IDs(parameter: "LaunchTemplateIds", name: "launchTemplateIds") {
      LaunchTemplateLookup.notFound(id: $0[0])
    }
    let listing = Listing(
      call: call, ids: ids,
      filterNames: ["create-time", "launch-template-name"], limits: 1...200)
    let (listed, next) = try listing.cut(
      templates, tags: \.tags
    ) { filter, template in
      switch filter.name {
      case "create-time": filter.matches(template.created.wholeSeconds)
      default: filter.matches(template.name)
      }
    }
    return Document(entries: [
      ("LaunchTemplates", Document(listed.map(LaunchTemplatePrinter.document))), ("NextToken", next),
    ])
  }

  private static let versionFilters: Set<String> = [
    "create-time", "ebs-optimized", "http-endpoint", "http-protocol-ipv4", "host-resource-group-arn", "http-tokens",
    "iam-instance-profile", "image-id", "instance-type", "is-default-version", "kernel-id",
    "license-configuration-arn", "network-card-index", "ram-disk-id",
  ]

  private static func describeVersions(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    let listing = Listing(
      call: call, filterNames: versionFilters, takesTagFilters: false, limits: 1...200)
    let found = try candidates(call, world)
    // Newest first, as EC2 lists them: the key sorts that way.
    var byKey: [String: (WorldLaunchTemplate, WorldLaunchTemplate.Version)] = [:]
    for (template, version) in found {
      byKey["\(template.id)/\(String(1_000_000_000 - version.number).suffix(9))"] = (template, version)
    }
    let (listed, next) = try listing.cut(byKey) {
      filter, found in
      matches(filter, found.1, of: found.0)
    }
    return Document(entries: [
      ("LaunchTemplateVersions", Document(listed.map { LaunchTemplatePrinter.document($0.1, of: $0.0) })),
      ("NextToken", next),
    ])
  }

  /// Of one template those that are asked for; without a template, `$Latest` or `$Default` of all of them.
  private static func candidates(_ call: Call, _ world: World) throws(ServiceError)
    -> [(WorldLaunchTemplate, WorldLaunchTemplate.Version)]
  {
    let versions = call.texts("Versions")
    guard call.text("LaunchTemplateId") != nil || call.text("LaunchTemplateName") != nil else {
      guard !versions.isEmpty, versions.allSatisfy({ ["$Latest", "$Default"].contains($0) }) else {
        throw .ec2(
          "MissingParameter",
          "Either a launch template ID or a launch template name must be specified in the request.")
      }
      var found: [(WorldLaunchTemplate, WorldLaunchTemplate.Version)] = []
      for template in world.state(of: call.scope).workloads.launchTemplates.values {
        for version in versions { found.append((template, try LaunchTemplateLookup.version(version, of: template))) }
      }
      return found
    }
    let template = try LaunchTemplateLookup.find(call, world)
    if !versions.isEmpty {
      var found: [(WorldLaunchTemplate, WorldLaunchTemplate.Version)] = []
      for version in versions { found.append((template, try LaunchTemplateLookup.version(version, of: template))) }
      return found
    }
    let least = call.text("MinVersion").flatMap { Int($0) } ?? 1
    let most = call.text("MaxVersion").flatMap { Int($0) } ?? Int.max
    return template.versions.filter { $0.number >= least && $0.number <= most }.map { (template, $0) }
  }

  private static func matches(
    _ filter: Filter, _ version: WorldLaunchTemplate.Version, of template: WorldLaunchTemplate
  ) -> Bool {
    let data = version.data
    switch filter.name {
    case "create-time": return filter.matches(version.created.wholeSeconds)
    case "ebs-optimized": return filter.matches(data["EbsOptimized"]?.bool ?? false)
    case "http-endpoint": return filter.matches(data["MetadataOptions"]?["HttpEndpoint"]?.string)
    case "http-tokens": return filter.matches(data["MetadataOptions"]?["HttpTokens"]?.string)
    case "iam-instance-profile":
      return filter.matches(
        data["IamInstanceProfile"]?["Arn"]?.string ?? data["IamInstanceProfile"]?["Name"]?.string)
    case "image-id": return filter.matches(version.imageID)
    case "instance-type": return filter.matches(data["InstanceType"]?.string)
    case "is-default-version": return filter.matches(version.number == template.defaultVersion)
    case "kernel-id": return filter.matches(data["KernelId"]?.string)
    case "ram-disk-id": return filter.matches(data["RamDiskId"]?.string)
    default: return false
    }
  }
}

/// Launch templates as EC2 prints them.
enum LaunchTemplatePrinter {
  static func document(_ template: WorldLaunchTemplate) -> Document {
    Document(entries: [
      ("LaunchTemplateId", Document(template.id)), ("LaunchTemplateName", Document(template.name)),
      ("CreateTime", Document(template.created.wholeSeconds)), ("CreatedBy", Document(template.author)),
      ("DefaultVersionNumber", Document(template.defaultVersion)),
      ("LatestVersionNumber", Document(template.versions.last?.number ?? template.latestVersion)),
      ("Tags", template.tags.isEmpty ? nil : ImagePrinter.tags(template.tags)), ("Operator", ["Managed": false]),
    ])
  }

  static func document(_ version: WorldLaunchTemplate.Version, of template: WorldLaunchTemplate) -> Document {
    Document(entries: [
      ("LaunchTemplateId", Document(template.id)), ("LaunchTemplateName", Document(template.name)),
      ("VersionNumber", Document(version.number)), ("VersionDescription", version.description.map { Document($0) }),
      ("CreateTime", Document(version.created.wholeSeconds)), ("CreatedBy", Document(version.author)),
      ("DefaultVersion", Document(version.number == template.defaultVersion)),
      ("LaunchTemplateData", version.data), ("Operator", ["Managed": false]),
    ])
  }
}
