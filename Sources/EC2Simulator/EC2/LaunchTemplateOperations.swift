import AWSWire
import Governance

/// Creating, changing and deleting launch templates and their versions.
enum LaunchTemplateOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "CreateLaunchTemplate",
      authorization: .resources { call, world in
        [LaunchTemplateLookup.target(nil, call, world)]
          + TagOperations.creationTargets(call, creating: "CreateLaunchTemplate")
      }, isMutating: true
    ) { call, state throws(ServiceError) in
      try Idempotency.once(call, &state) { call, state throws(ServiceError) in try create(call, &state) }
    },
    entry("CreateLaunchTemplateVersion") { call, state throws(ServiceError) in
      try Idempotency.once(call, &state) { call, state throws(ServiceError) in try addVersion(call, &state) }
    },
    entry("ModifyLaunchTemplate") { call, state throws(ServiceError) in
      try Idempotency.once(call, &state) { call, state throws(ServiceError) in
        var template = try LaunchTemplateLookup.find(call, state.world)
        let version = try LaunchTemplateLookup.version(try call.required("DefaultVersion"), of: template)
        template.defaultVersion = version.number
        put(template, &state.world)
        return ["LaunchTemplate": LaunchTemplatePrinter.document(template)]
      }
    },
    entry("DeleteLaunchTemplate") { call, state throws(ServiceError) in
      let template = try LaunchTemplateLookup.find(call, state.world)
      state.world.change(template.scope) { $0.workloads.launchTemplates[template.id] = nil }
      return ["LaunchTemplate": LaunchTemplatePrinter.document(template)]
    },
    entry("DeleteLaunchTemplateVersions") { call, state throws(ServiceError) in try deleteVersions(call, &state) },
  ]

  private static func entry(_ name: String, _ handler: @escaping OperationEntry.Handler) -> OperationEntry {
    OperationEntry(
      "ec2", name, authorization: .resources(LaunchTemplateLookup.targets), isMutating: true, handler: handler)
  }

  private static func put(_ template: WorldLaunchTemplate, _ world: inout World) {
    world.change(template.scope) { $0.workloads.launchTemplates[template.id] = template }
  }

  private static func create(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let name = try call.required("LaunchTemplateName")
    let isValid = name.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber || "()./_-".contains(character))
    }
    guard (3...128).contains(name.count), isValid else {
      throw .ec2(
        "InvalidLaunchTemplateName.MalformedException",
        "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following "
          + "characters: - ( ) . / _.")
    }
    let data = try data(call)
    let twins = state.world.state(of: call.scope).workloads.launchTemplates.values
    guard !twins.contains(where: { $0.name == name }) else {
      // [quote]
      throw .ec2("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
    }
    let tags = try TagOperations.creationTags(call, of: "launch-template", among: ["launch-template"])
    var template = WorldLaunchTemplate(
      id: state.newID("lt"), owner: call.caller.account, region: call.region, name: name,
      created: Timestamp(seconds: call.now.seconds), author: call.caller.arn)
    template.tags = tags
    template.versions = [version(1, data, call)]
    put(template, &state.world)
    return ["LaunchTemplate": LaunchTemplatePrinter.document(template)]
  }

  private static func data(_ call: Call) throws(ServiceError) -> Document {
    guard let data = call.parameters["LaunchTemplateData"], data.count > 0 else {
      throw .ec2("MissingParameter", "The request must contain the parameter LaunchTemplateData")
    }
    if let image = data["ImageId"]?.string {
      // [doc] Also `resolve:ssm:...`, which is kept; what it names is another service's.
      if !image.hasPrefix("resolve:ssm:") { try ImageLookup.check(image) }
    }
    return data.compacted
  }

  private static func version(_ number: Int, _ data: Document, _ call: Call) -> WorldLaunchTemplate.Version {
    .init(
      number: number, created: Timestamp(seconds: call.now.seconds), author: call.caller.arn,
      description: call.text("VersionDescription"), data: data)
  }

  /// [doc] "If you specify SourceVersion, the new version inherits the same launch parameters as the source version,
  /// except for parameters that you specify in LaunchTemplateData."
  private static func addVersion(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    var template = try LaunchTemplateLookup.find(call, state.world)
    var data = try data(call)
    if let source = call.text("SourceVersion") {
      var merged = try LaunchTemplateLookup.version(source, of: template).data
      for entry in data.entries { merged = merged.setting(entry.name, to: entry.value) }
      data = merged
    }
    // [doc] "A launch template has a quota of 10,000 versions."
    guard template.versions.count < 10_000 else {
      throw .ec2("VersionLimitExceeded", "You have reached the maximum of 10000 versions of this launch template.")
    }
    template.latestVersion += 1
    let version = version(template.latestVersion, data, call)
    template.versions.append(version)
    put(template, &state.world)
    return ["LaunchTemplateVersion": LaunchTemplatePrinter.document(version, of: template)]
  }

  private static func deleteVersions(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    var template = try LaunchTemplateLookup.find(call, state.world)
    let versions = call.texts("Versions")
    guard !versions.isEmpty else {
      throw .ec2("MissingParameter", "The request must contain the parameter LaunchTemplateVersion")
    }
    var deleted: [Document] = []
    var kept: [Document] = []
    for text in versions {
      let place: [(name: String, value: Document?)] = [
        ("LaunchTemplateId", Document(template.id)), ("LaunchTemplateName", Document(template.name)),
        ("VersionNumber", Document(Int(text) ?? 0)),
      ]
      func failure(_ code: String, _ message: String) -> Document {
        Document(entries: place + [("ResponseError", ["Code": Document(code), "Message": Document(message)])])
      }
      guard let number = Int(text), template.version(number) != nil else {
        kept.append(failure("launchTemplateVersionDoesNotExist", "The launch template version \(text) does not exist."))
        continue
      }
      guard number != template.defaultVersion else {
        kept.append(
          failure("unexpectedError", "The default version \(number) of the launch template can't be deleted."))
        continue
      }
      template.versions.removeAll { $0.number == number }
      deleted.append(Document(entries: place))
    }
    put(template, &state.world)
    return [
      "SuccessfullyDeletedLaunchTemplateVersions": Document(deleted),
      "UnsuccessfullyDeletedLaunchTemplateVersions": Document(kept),
    ]
  }
}
