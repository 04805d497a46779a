import Governance

/// Declarative policies for EC2: "the configuration is always maintained", whatever an account asks for.
/// "Declarative policy syntax and examples" of the Organizations User Guide.
struct DeclarativePolicy {
  /// As GetImageBlockPublicAccessState says it; nil: the account's own affair.
  var imageState: String?
  var snapshotState: String?
  var allowedImages: AllowedImages?
  /// What the administrators want to be told to who tries.
  var exceptionMessage: String?

  private static let imageStates = ["block_new_sharing", "unblocked"]
  private static let snapshotStates = ["block_all_sharing", "block_new_sharing", "unblocked"]
  private static let allowedStates = ["enabled", "audit_mode", "disabled"]
  private static let attributes = [
    "exception_message", "image_block_public_access", "snapshot_block_public_access", "allowed_images_settings",
    "serial_console_access", "instance_metadata_defaults", "vpc_block_public_access",
  ]

  init(effective: Document) {
    let attributes = effective["ec2_attributes"]
    exceptionMessage = attributes?["exception_message"]?.string
    imageState = attributes?.at(path: "image_block_public_access.state")?.string.map(Self.words)
    snapshotState = attributes?.at(path: "snapshot_block_public_access.state")?.string.map(Self.words)
    if let settings = attributes?["allowed_images_settings"], let state = settings["state"]?.string {
      let criteria = (settings["image_criteria"]?.entries ?? []).sorted { $0.name < $1.name }
      var allowed = AllowedImages()
      allowed.state = Self.words(state)
      allowed.managedBy = "declarative-policy"
      allowed.criteria = criteria.map { Self.criterion($0.value) }
      allowedImages = allowed
    }
  }

  private static func words(_ text: String) -> String { String(text.map { $0 == "_" ? "-" : $0 }) }

  /// As GetAllowedImagesSettings prints it.
  private static func criterion(_ given: Document) -> Document {
    func days(_ condition: String, _ member: String) -> Document? {
      given[condition]?[member].map { days in
        Document(days.int ?? days.string.flatMap { Int($0) } ?? 0)
      }
    }
    let deprecated = days("deprecation_time_condition", "maximum_days_since_deprecated")
    let created = days("creation_date_condition", "maximum_days_since_created")
    return Document(entries: [
      ("ImageProviders", given["allowed_image_providers"]),
      ("MarketplaceProductCodes", given["marketplace_product_codes"]),
      ("ImageNames", given["image_names"]),
      ("DeprecationTimeCondition", deprecated.map { ["MaximumDaysSinceDeprecated": $0] }),
      ("CreationDateCondition", created.map { ["MaximumDaysSinceCreated": $0] }),
    ])
  }

  /// What is wrong with a management policy; nil: nothing that is known here.
  static func problem(of document: Document, kind: WorldOrganizationPolicy.Kind) -> String? {
    guard document.kind == .object else { return "a policy is a JSON object" }
    let top: [WorldOrganizationPolicy.Kind: String] = [
      .declarativeEC2: "ec2_attributes", .tag: "tags", .backup: "plans", .aiOptOut: "services",
    ]
    guard let key = top[kind] else { return nil }
    for entry in document.entries where entry.name != key {
      return "\(entry.name) is no key of it; expected \(key)"
    }
    guard let content = document[key], content.kind == .object else { return "\(key) is missing" }
    guard kind == .declarativeEC2 else { return nil }
    for entry in content.entries where !entry.name.hasPrefix("@@") && !attributes.contains(entry.name) {
      return "\(entry.name) is no attribute; \(SourceReader.suggestion(for: entry.name, among: attributes))"
    }
    for (path, states) in [
      ("image_block_public_access.state", imageStates), ("snapshot_block_public_access.state", snapshotStates),
      ("allowed_images_settings.state", allowedStates),
    ] {
      guard let state = content.at(path: path)?["@@assign"] else { continue }
      guard let text = state.string, states.contains(text) else {
        return "\(path) is \(state.json); expected one of \(states.joined(separator: ", "))"
      }
    }
    return nil
  }
}

extension World {
  /// nil: no policy of the type is above the account.
  func effectivePolicy(_ kind: WorldOrganizationPolicy.Kind, ofAccount id: String) -> Document? {
    guard let organization = organization(ofAccount: id), organization.policyKinds.contains(kind),
      organization.has(kind)
    else { return nil }
    let levels = (ancestors(ofAccount: id) + [id]).map { target in
      organization.policies(of: kind, on: target).map(\.document)
    }
    return EffectivePolicy(levels: levels).document
  }

  func declarativePolicy(ofAccount id: String) -> DeclarativePolicy? {
    effectivePolicy(.declarativeEC2, ofAccount: id).map(DeclarativePolicy.init)
  }

  /// Allowed AMIs: the organization's, or the account's own.
  func allowedImages(of scope: Scope) -> AllowedImages {
    declarativePolicy(ofAccount: scope.account)?.allowedImages ?? scopes[scope]?.allowedImages ?? AllowedImages()
  }
}
