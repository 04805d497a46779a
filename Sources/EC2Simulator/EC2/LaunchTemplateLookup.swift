import AWSWire
import Governance

/// Finding the launch template, and the version of it, that a call names.
enum LaunchTemplateLookup {
  static func find(id: String?, name: String?, _ call: Call, _ world: World) throws(ServiceError)
    -> WorldLaunchTemplate
  {
    let templates = world.state(of: call.scope).workloads.launchTemplates
    switch (id, name) {
    case (let id?, nil):
      guard id.hasPrefix("lt-") else {
        throw .ec2("InvalidLaunchTemplateId.Malformed", "Invalid launch template ID \(id).")
      }
      guard let template = templates[id] else { throw notFound(id: id) }
      return template
    case (nil, let name?):
      guard let template = templates.values.first(where: { $0.name == name }) else { throw notFound(name: name) }
      return template
    case (nil, nil):
      throw .ec2(
        "MissingParameter", "Either a launch template ID or a launch template name must be specified in the request.")
    default:
      throw .ec2(
        "InvalidParameterCombination",
        "You must specify either the launch template ID or the launch template name, but not both.")
    }
  }

  static func find(_ call: Call, _ world: World) throws(ServiceError) -> WorldLaunchTemplate {
    try find(id: call.text("LaunchTemplateId"), name: call.text("LaunchTemplateName"), call, world)
  }

  /// [quote]
  static func notFound(id: String) -> ServiceError {
    .ec2(
      "InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID \(id), does not exist.")
  }
  /// [quote]
  static func notFound(name: String) -> ServiceError {
    .ec2(
      "InvalidLaunchTemplateName.NotFoundException",
      "The specified launch template, with template name \(name), does not exist.")
  }

  /// A number, `$Latest` or `$Default`.
  static func version(_ text: String, of template: WorldLaunchTemplate) throws(ServiceError)
    -> WorldLaunchTemplate.Version
  {
    let number: Int?
    switch text {
    case "$Latest", "": number = template.versions.last?.number
    case "$Default": number = template.defaultVersion
    default: number = Int(text)
    }
    guard let number else { throw .ec2("InvalidLaunchTemplateVersion.Malformed", "Invalid version number \(text).") }
    guard let version = template.version(number) else { throw versionNotFound(text, of: template) }
    return version
  }

  /// [quote]
  static func versionNotFound(_ text: String, of template: WorldLaunchTemplate) -> ServiceError {
    .ec2(
      "InvalidLaunchTemplateId.VersionNotFound",
      "Could not find the specified version \(text) for the launch template with ID \(template.id).")
  }

  static func target(_ id: String?, _ call: Call, _ world: World) -> Authorizer.Target {
    var target = Authorizer.Target(
      resource: call.arn("launch-template/\(id ?? "*")", account: call.caller.account))
    target.context["aws:resourceaccount"] = [call.caller.account]
    if let id, let template = world.state(of: call.scope).workloads.launchTemplates[id] {
      TagOperations.addResourceTags(template.tags, to: &target)
    }
    return target
  }

  static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    [target((try? find(call, world))?.id ?? call.text("LaunchTemplateId"), call, world)]
  }
}
