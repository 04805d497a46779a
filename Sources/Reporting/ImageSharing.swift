import Governance

/// Who may launch an image, as far as it was read.
struct ImageSharing {
  /// nil: not read.
  var isPublic: Bool?
  /// Account ids and ARNs, sorted; nil: launch permissions were not read.
  var sharedWith: [String]?
  /// Why they were not read.
  var unread: FailureReason?

  init(of image: Resource) {
    let permissions = image.attributes["LaunchPermissions"]
    if let permissions, permissions.kind == .array {
      let keys = ["UserId", "OrganizationArn", "OrganizationalUnitArn"]
      sharedWith = permissions.elements.compactMap { entry in keys.lazy.compactMap { entry[$0]?.string }.first }
        .sorted()
      isPublic = permissions.elements.contains { $0["Group"]?.string == "all" }
    }
    if let flag = image.attributes["Public"]?.bool { isPublic = flag || isPublic == true }
    unread = image.notes.first { $0.name == "LaunchPermissions" }?.unread
  }

  var text: String {
    if isPublic == true { return (sharedWith ?? []).isEmpty ? "PUBLIC" : "PUBLIC, \(sharesText)" }
    if let sharedWith { return sharedWith.isEmpty ? "nobody" : sharesText }
    return unread.map { "unread: \($0.code)" } ?? "not read"
  }

  private var sharesText: String {
    guard let sharedWith else { return "" }
    let accounts = sharedWith.filter(Account.isID)
    let others = sharedWith.count - accounts.count
    if others == 0 { return accounts.count == 1 ? accounts[0] : accounts.count.counted("account") }
    let units = others.counted("org unit")
    return accounts.isEmpty ? units : "\(accounts.count.counted("account")), \(units)"
  }

  var document: Document {
    Document(entries: [
      ("public", isPublic.map { Document($0) } ?? .null),
      ("sharedWith", sharedWith.map { Document(strings: $0) } ?? .null),
      ("unread", unread.map { Document($0.description) }),
    ])
  }
}
