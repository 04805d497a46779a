import Governance

/// A random small organization, as a world file.
///
/// Small on purpose: what can go wrong between two accounts goes wrong between twenty, and a person has to read what is
/// left of it.
struct SwarmWorld {
  private var draw: SwarmDraw
  let regions: [String]
  let members: [String]
  let units: [(id: String, parent: String?)]
  /// The accounts whose roles stand between Reeve and the last one, in their order.
  let hubs: [String]

  static let management = "100000000001"
  static let organization = "o-swarm00001"
  static let stranger = "900000000001"
  static let foreignManagement = "900000000002"
  static let foreignMember = "900000000003"
  static let foreignOrganization = "o-foreign001"
  static let optInRegion = "eu-central-2"
  /// In every account: somebody who may do anything there.
  static let person = "dev"
  static let accessRole = "OrganizationAccountAccessRole"
  /// A member that holds nothing but a role of the chain.
  static let tooling = "200000000199"
  static let hubRole = "ReeveHub"

  private static let ordinaryRegions = ["eu-west-1", "ap-south-1", "us-west-2"]

  init(seed: UInt64) {
    draw = SwarmDraw(seed: seed, stream: "swarm world")
    var regions = Array(Self.ordinaryRegions.prefix(draw.weighted((6, 1), (3, 2), (1, 3))))
    if draw.chance(0.25) { regions.append(Self.optInRegion) }
    self.regions = regions
    let count = draw.weighted((2, 1), (4, 2), (3, 3), (1, 5))
    members = (0..<count).map { "20000000010\($0)" }
    var units: [(id: String, parent: String?)] = []
    for number in 0..<draw.weighted((3, 0), (3, 1), (2, 2), (1, 3)) {
      let isNested = draw.chance(0.5)
      units.append(("ou-swrm-0000000\(number)", isNested ? units.last?.id : nil))
    }
    self.units = units
    // A stream of its own: the rest of a seed's world is as it is without a chain.
    var chainDraw = SwarmDraw(seed: seed, stream: "swarm chain")
    hubs = chainDraw.weighted(
      (6, []), (1, [Self.management]), (2, [Self.tooling]), (2, [Self.management, Self.tooling]))
  }

  /// nil: Organizations' own role, from the caller's credentials.
  var chain: Document? {
    guard !hubs.isEmpty else { return nil }
    let roles = hubs.map { ["arn": Document("arn:aws:iam::\($0):role/\(Self.hubRole)")] as Document }
    return Document(roles + [["name": Document(Self.accessRole)]])
  }

  /// The role in a hub that the account before it in the chain may assume.
  private func hub(in account: String) -> Document? {
    guard let place = hubs.firstIndex(of: account) else { return nil }
    return role(Self.hubRole, trust: place == 0 ? Self.management : hubs[place - 1], action: "*")
  }

  private func role(_ name: String, trust: String, action: Document) -> Document {
    [
      "name": Document(name), "trust": Document(trust),
      "policies": action == "*"
        ? ["AdministratorAccess"]
        : [["Version": "2012-10-17", "Statement": [["Effect": "Allow", "Action": action, "Resource": "*"]]]],
    ]
  }

  var accounts: [String] { [Self.management] + members }

  mutating func document(seed: UInt64, clock: Timestamp) -> Document {
    var accounts: [Document] = [account(Self.management, isManagement: true)]
    for member in members { accounts.append(account(member, isManagement: false)) }
    if hubs.contains(Self.tooling) {
      let roles = [hub(in: Self.tooling), role(Self.accessRole, trust: Self.tooling, action: "*")].compactMap(\.self)
      accounts.append(["id": Document(Self.tooling), "name": "tooling", "roles": Document(roles)])
    }
    accounts.append(["id": Document(Self.stranger), "name": "stranger", "organization": "none"])
    accounts.append([
      "id": Document(Self.foreignMember), "name": "foreign-member",
      "organization": Document(Self.foreignOrganization),
      "images": Document(foreignImages()),
    ])
    return Document(entries: [
      ("version", 1), ("seed", Document(Int(seed & 0xFFFF_FFFF))), ("clock", Document(clock.iso8601)),
      ("regions", Document(regions.map { ["name": Document($0), "optIn": Document($0 == Self.optInRegion)] })),
      ("organization", organizationDocument()),
      (
        "organizations",
        [
          [
            "id": Document(Self.foreignOrganization), "management": Document(Self.foreignManagement),
            "units": [["id": "ou-frgn-00000001", "name": "Partners"]],
          ]
        ]
      ),
      ("defaults", defaults()), ("accounts", Document(accounts)),
    ])
  }

  // MARK: Organization

  private mutating func organizationDocument() -> Document {
    func tree(_ parent: String?) -> [Document] {
      units.filter { $0.parent == parent }.map { unit in
        let children = tree(unit.id)
        return Document(entries: [
          ("id", Document(unit.id)), ("name", Document("Unit \(unit.id.suffix(1))")),
          ("units", children.isEmpty ? nil : Document(children)),
        ])
      }
    }
    let policies = (0..<draw.weighted((6, 0), (2, 1), (1, 2))).map { servicePolicy($0) }
    return Document(entries: [
      ("id", Document(Self.organization)), ("root", "r-swrm"), ("management", Document(Self.management)),
      ("units", units.isEmpty ? nil : Document(tree(nil))),
      ("policies", policies.isEmpty ? nil : Document(policies)),
    ])
  }

  private mutating func servicePolicy(_ number: Int) -> Document {
    let targets = ["root"] + units.map(\.id) + members
    let action = draw.weighted(
      (3, "ec2:DescribeImages"), (3, "ec2:DescribeImageAttribute"), (2, "ec2:ModifyImageAttribute"),
      (2, "ec2:Get*BlockPublicAccessState"), (2, "ec2:DescribeSnapshot*"), (1, "ec2:*Tags"), (1, "ec2:DescribeRegions"),
      (2, "ec2:*"))
    var statement: [(name: String, value: Document?)] = [
      ("Effect", "Deny"), ("Action", Document(action)), ("Resource", "*"),
    ]
    if draw.chance(0.6), let region = draw.pick(regions) {
      statement.append(("Condition", ["StringEquals": ["aws:RequestedRegion": Document(region)]]))
    }
    return [
      "name": Document("deny-\(number)"), "targets": Document(strings: [draw.pick(targets) ?? "root"]),
      "document": ["Version": "2012-10-17", "Statement": [Document(entries: statement)]],
    ]
  }

  private mutating func defaults() -> Document {
    [
      "imageBlockPublicAccess": Document(draw.chance(0.6) ? "unblocked" : "block-new-sharing"),
      "snapshotBlockPublicAccess": Document(
        draw.weighted((3, "unblocked"), (2, "block-new-sharing"), (1, "block-all-sharing"))),
    ]
  }

  // MARK: Accounts

  private mutating func account(_ id: String, isManagement: Bool) -> Document {
    var entries: [(name: String, value: Document?)] = [
      ("id", Document(id)), ("name", Document(isManagement ? "management" : "member-\(id.suffix(1))")),
    ]
    if !isManagement {
      if let unit = draw.pick(units), draw.chance(0.7) { entries.append(("unit", Document(unit.id))) }
      if draw.chance(0.1) {
        entries.append(("state", Document(draw.pick(["SUSPENDED", "PENDING_CLOSURE", "CLOSED"]) ?? "SUSPENDED")))
      }
      if let roles = roles() { entries.append(("roles", roles)) }
    } else if let hub = hub(in: id) {
      entries.append(("roles", [hub]))
    }
    let person: Document = ["name": Document(Self.person), "policies": ["AdministratorAccess"]]
    let admin: Document = ["name": "admin", "policies": ["AdministratorAccess"]]
    entries.append(("users", isManagement ? [admin, person] : [person]))
    if regions.contains(Self.optInRegion), draw.chance(0.5) {
      entries.append(("optIn", Document(strings: [Self.optInRegion])))
    }
    entries.append(("imageBlockPublicAccess", guardrails(["unblocked", "block-new-sharing"])))
    entries.append(("snapshotBlockPublicAccess", guardrails(["unblocked", "block-new-sharing", "block-all-sharing"])))
    entries.append(("images", Document(images(of: id))))
    return Document(entries: entries)
  }

  /// nil: the role that Organizations makes. Otherwise the chain's last, or a chain that does not work, or half.
  private mutating func roles() -> Document? {
    let trusted = hubs.last ?? Self.management
    guard draw.chance(0.2) else { return hubs.isEmpty ? nil : [role(Self.accessRole, trust: trusted, action: "*")] }
    return draw.weighted(
      (2, []), (2, [role(Self.accessRole, trust: Self.stranger, action: "*")]),
      (2, [role(Self.accessRole, trust: trusted, action: ["ec2:Describe*", "ec2:Get*"])]),
      (1, [role(Self.accessRole, trust: trusted, action: ["ec2:DescribeRegions", "ec2:DescribeImages"])]))
  }

  private mutating func guardrails(_ states: [String]) -> Document? {
    let entries = regions.compactMap { region -> (name: String, value: Document?)? in
      guard draw.chance(0.3), let state = draw.pick(states) else { return nil }
      guard draw.chance(0.2) else { return (region, Document(state)) }
      return (region, ["state": Document(state), "managedBy": "declarative-policy"])
    }
    return entries.isEmpty ? nil : Document(entries: entries)
  }

  // MARK: Images

  private mutating func images(of account: String) -> [Document] {
    regions.enumerated().flatMap { place, region in
      (0..<draw.weighted((4, 0), (8, 1), (6, 2), (2, 4), (1, 7))).map { number in
        image("ami-0\(account.suffix(6))\(place)\(number)00000000", region, of: account)
      }
    }
  }

  private mutating func image(_ id: String, _ region: String, of account: String) -> Document {
    let isDisabled = draw.chance(0.08)
    // "DisableImage removes all launch permissions": a disabled image is shared with nobody.
    let shares = isDisabled ? [] : grantees(of: account)
    let tags = draw.weighted(
      (5, ["Owner": "team-a"] as Document), (2, [:] as Document), (2, ["owner": "team-b"] as Document),
      (1, ["Owner": " "] as Document), (1, ["OWNER": "a", "owner": "b"] as Document))
    return Document(entries: [
      ("id", Document(id)), ("region", Document(region)), ("name", Document("image-\(id.suffix(16))")),
      ("state", isDisabled ? "disabled" : nil),
      ("deprecated", draw.chance(0.1) ? "2026-11-01T00:00:00Z" : nil),
      ("lastLaunched", draw.chance(0.2) ? "2026-11-20T00:00:00Z" : nil),
      ("tags", tags), ("sharedWith", shares.isEmpty ? nil : Document(strings: shares)),
      ("snapshot", snapshot()),
    ])
  }

  private mutating func grantees(of account: String) -> [String] {
    let own =
      [
        "arn:aws:organizations::\(Self.management):organization/\(Self.organization)",
        account, members[0],
      ] + units.prefix(1).map { "arn:aws:organizations::\(Self.management):ou/\(Self.organization)/\($0.id)" }
    let foreign = [
      Self.stranger, Self.foreignMember,
      "arn:aws:organizations::\(Self.foreignManagement):organization/\(Self.foreignOrganization)",
      "arn:aws:organizations::\(Self.foreignManagement):ou/\(Self.foreignOrganization)/ou-frgn-00000001",
    ]
    var grantees = draw.some(of: own, share: 0.1) + draw.some(of: foreign, share: 0.08)
    if draw.chance(0.3) { grantees.insert("all", at: draw.number(0...grantees.count)) }
    return grantees
  }

  private mutating func snapshot() -> Document? {
    guard draw.chance(0.3) else { return nil }
    let shares = draw.weighted((2, ["all"]), (2, [Self.stranger]), (1, [Self.stranger, "all"]), (1, []))
    return Document(entries: [
      ("sharedWith", shares.isEmpty ? nil : Document(strings: shares)), ("description", "a disk"),
    ])
  }

  private mutating func foreignImages() -> [Document] {
    regions.filter { $0 != Self.optInRegion }.prefix(1).map { region in
      [
        "id": "ami-0f000000000000001", "region": Document(region), "name": "foreign-image",
        "sharedWith": Document(strings: draw.chance(0.5) ? ["all"] : [Self.management]),
      ]
    }
  }
}
