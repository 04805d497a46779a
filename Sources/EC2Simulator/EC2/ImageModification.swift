import AWSWire
import Governance

/// ModifyImageAttribute: what is asked for in either of its two forms, and the rules that it must pass.
struct ImageModification {
  private enum Change {
    case permissions(add: [Grantee], remove: [Grantee])
    case description(String)
    case imdsSupport
  }

  private let call: Call
  private var image: WorldImage
  private let change: Change

  /// Attribute types that a call names, sorted: EC2 lists them in its refusal of more than one.
  static func attributes(_ call: Call) -> [String] {
    var names: Set<String> = []
    if call.parameters["Description"] != nil { names.insert("description") }
    if call.parameters["ImdsSupport"] != nil { names.insert("imdsSupport") }
    if !call.list("ProductCodes").isEmpty { names.insert("productCodes") }
    if let permission = call.parameters["LaunchPermission"],
      permission["Add"]?.elements.isEmpty == false || permission["Remove"]?.elements.isEmpty == false
    {
      names.insert("launchPermission")
    }
    if let attribute = call.text("Attribute") {
      names.insert(attribute)
    } else if call.text("OperationType") != nil {
      names.insert("launchPermission")
    }
    return names.sorted()
  }

  init(_ call: Call, _ state: SimulatorState) throws(ServiceError) {
    self.call = call
    _ = try call.required("ImageId")
    change = try Self.change(call)
    image = try ImageLookup.owned(call, state)
    if case .permissions(let add, _) = change, !add.isEmpty { try checkSharing(add, state.world) }
  }

  func apply(to state: inout SimulatorState) throws(ServiceError) {
    var image = image
    switch change {
    case .description(let text): image.members[.description] = text
    case .imdsSupport: image.members[.imdsSupport] = "v2.0"
    case .permissions(let add, let remove):
      image.sharedWith.removeAll { remove.contains($0) }
      for grantee in add where !image.sharedWith.contains(grantee) { image.sharedWith.append(grantee) }
    }
    state.world.put(image)
  }
}

// MARK: Reading the request

extension ImageModification {
  private static func change(_ call: Call) throws(ServiceError) -> Change {
    let attributes = attributes(call)
    guard attributes.count < 2 else {
      throw .ec2(
        "InvalidParameterCombination",
        "Fields for multiple attribute types specified: \(attributes.joined(separator: ", "))")
    }
    switch attributes.first {
    case "launchPermission": return try permissions(call)
    case "description":
      guard let text = call.parameters["Description"]?["Value"]?.string ?? call.text("Value"), !text.isEmpty else {
        throw .ec2("MissingParameter", "The request must contain the parameter description")
      }
      return .description(text)
    case "imdsSupport":
      guard (call.parameters["ImdsSupport"]?["Value"]?.string ?? call.text("Value")) == "v2.0" else {
        throw .ec2("MissingParameter", "The request must contain the parameter imdsSupport with value v2.0")
      }
      return .imdsSupport
    case nil: throw .ec2("InvalidParameterCombination", "No attributes specified.")
    case .some: throw .ec2("InvalidRequest", "The request received was invalid.")
    }
  }

  private static func permissions(_ call: Call) throws(ServiceError) -> Change {
    if let permission = call.parameters["LaunchPermission"] {
      return .permissions(
        add: try grantees(permission["Add"]?.elements ?? []), remove: try grantees(permission["Remove"]?.elements ?? [])
      )
    }
    // The older form: one operation on lists of names.
    var named: [Grantee] = []
    for group in call.texts("UserGroups") { named.append(try grantee("Group", group)) }
    for user in call.texts("UserIds") { named.append(try grantee("UserId", user)) }
    for arn in call.texts("OrganizationArns") { named.append(try grantee("OrganizationArn", arn)) }
    for arn in call.texts("OrganizationalUnitArns") { named.append(try grantee("OrganizationalUnitArn", arn)) }
    guard !named.isEmpty else { throw .ec2("InvalidParameterCombination", "No attributes specified.") }
    switch try call.required("OperationType") {
    case "add": return .permissions(add: named, remove: [])
    case "remove": return .permissions(add: [], remove: named)
    case let other:
      throw .ec2("InvalidParameterValue", "Value (\(other)) for parameter operationType is invalid.")
    }
  }

  private static func grantees(_ list: [Document]) throws(ServiceError) -> [Grantee] {
    var grantees: [Grantee] = []
    for item in list {
      guard let entry = item.entries.first, let text = entry.value.string else {
        throw .ec2("InvalidParameterCombination", "No attributes specified.")
      }
      grantees.append(try grantee(entry.name, text))
    }
    return grantees
  }

  static func grantee(_ member: String, _ text: String) throws(ServiceError) -> Grantee {
    if let grantee = Grantee(text: text), grantee.memberName == member { return grantee }
    switch member {
    // [capture] The blank behind the id is EC2's own.
    case "UserId":
      throw .ec2("InvalidAMIAttributeItemValue", "Invalid attribute item value \"\(text) \" for userId item type.")
    default:
      let item = member.prefix(1).lowercased() + member.dropFirst()
      throw .ec2("InvalidAMIAttributeItemValue", "Invalid attribute item value \"\(text)\" for \(item) item type.")
    }
  }
}

// MARK: The rules of sharing

extension ImageModification {
  /// [quote] With EC2's typographic apostrophe.
  static let blocked = ServiceError.ec2(
    "OperationNotPermitted",
    "You can\u{2019}t publicly share this image because block public access for AMIs is enabled for this account. "
      + "To publicly share the image, you must call the DisableImageBlockPublicAccess API.")

  private func checkSharing(_ add: [Grantee], _ world: World) throws(ServiceError) {
    // Code and text are not established: the nearest documented code.
    guard image.state != .disabled else {
      throw .ec2("OperationNotPermitted", "The image \(image.id) is disabled. A disabled image cannot be shared.")
    }
    let backing = image.snapshotIDs.compactMap { world.scopes[image.scope]?.snapshots[$0] }
    guard !backing.contains(where: \.usesDefaultKey) else {
      throw .ec2(
        "InvalidParameter", "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.")
    }
    if add.contains(.everyone), !image.isPublic { try checkPublicSharing(backing, world) }
    let entities = Set(image.sharedWith + add).count
    guard entities <= 1_000 else {
      throw .ec2("ResourceLimitExceeded", "The image \(image.id) is shared with the maximum of 1000 entities.")
    }
  }

  private func checkPublicSharing(_ backing: [WorldSnapshot], _ world: World) throws(ServiceError) {
    guard world.imageBlockPublicAccess(of: image.scope).state(at: call.now) == "unblocked" else { throw Self.blocked }
    guard !backing.contains(where: \.isEncrypted) else {
      throw .ec2("InvalidParameter", "An image with encrypted snapshots can't be shared publicly.")
    }
    let quota = world.account(image.owner)?.publicImageQuota ?? 5
    guard world.publicImageCount(in: image.scope) < quota else {
      throw .ec2("ResourceLimitExceeded", "You have reached the maximum of \(quota) public images in this Region.")
    }
  }
}
