package import Governance
import Synchronization

/// The simulator's whole state: organizations, accounts, roles, images, snapshots, settings.
///
/// Invariants:
/// 1. An image or a snapshot stands in the scope of its owner and region; both change only through `put` and `remove`,
///    which keep the indexes. Their ids are unique in a region.
/// 2. An image's snapshots exist.
/// 3. Sessions and records of calls are no part of a world: two equal worlds answer their first request alike.
package struct World: Sendable {
  package var seed: UInt64
  /// Where the clock stands when the world fixes it; nil: the world runs with the wall clock.
  package var start: Timestamp?
  /// A change of block public access takes up to this long.
  package var rolloutLimit: Duration = .seconds(600)
  /// New images, copies and snapshots are pending for so long; zero: they are there at once.
  package var creationTime: Duration = .zero
  /// Sorted; changed through `promise` and `keepPromises`.
  package var promises: [WorldPromise] = []
  /// AWS's request rates are enforced.
  package var isThrottling = true
  package var strictness = Strictness.aws
  /// What goes wrong, from the first call on.
  package var faults: [FaultRule] = []
  package var regions: [WorldRegion] { didSet { identityStamp = .next() } }
  /// The first is the one that is governed.
  package var organizations: [WorldOrganization] = []
  package private(set) var accounts: [String: WorldAccount] = [:] { didSet { identityStamp = .next() } }
  /// Two worlds with one stamp have the same accounts, with the same users, roles and policies, and the same regions.
  private(set) var identityStamp = Stamp.next()
  package private(set) var scopes: [Scope: ScopeState] = [:]
  private var pool = RecordPool()
  private(set) var sharedImages = ShareIndex()
  private(set) var sharedSnapshots = ShareIndex()
  private(set) var keyHolders: [String: (account: String, user: String)] = [:]
  /// Member accounts by their parent's id, sorted.
  private(set) var accountsByParent: [String: [String]] = [:]
  private(set) var accountsByOrganization: [String: [String]] = [:]
  /// What AssumeRoleWithWebIdentity accepts.
  package var webTokens: [WorldWebToken] = []
  /// Whose credentials are the ambient ones.
  package var ambientAccount: String

  /// Unlike any other that was given in this process.
  struct Stamp: Sendable, Equatable {
    private let number: UInt64
    private static let last = Atomic<UInt64>(0)

    static let none = Stamp(number: 0)
    static func next() -> Stamp { Stamp(number: last.add(1, ordering: .relaxed).newValue) }
  }

  package init(seed: UInt64, start: Timestamp?, regions: [WorldRegion] = WorldRegion.all, ambientAccount: String) {
    self.seed = seed
    self.start = start
    self.regions = regions
    self.ambientAccount = ambientAccount
  }

  package var partition: Partition { Partition(region: regions.first?.name ?? "us-east-1") }
  package var accountIDs: [String] { accounts.keys.sorted() }
}

// MARK: Accounts and organizations

extension World {
  package func account(_ id: String) -> WorldAccount? { accounts[id] }

  package mutating func put(_ account: WorldAccount) {
    if let old = accounts[account.id] { unindex(old) }
    for user in account.users {
      for key in user.accessKeys { keyHolders[key.id] = (account.id, user.name) }
    }
    if let parent = account.parent { accountsByParent[parent, default: []].insertSorted(account.id) }
    if let organization = account.organization {
      accountsByOrganization[organization, default: []].insertSorted(account.id)
    }
    accounts[account.id] = account
  }

  private mutating func unindex(_ account: WorldAccount) {
    for key in account.users.flatMap(\.accessKeys) { keyHolders[key.id] = nil }
    if let parent = account.parent { accountsByParent[parent]?.removeSorted(account.id) }
    if let organization = account.organization { accountsByOrganization[organization]?.removeSorted(account.id) }
  }

  package func organization(_ id: String?) -> WorldOrganization? {
    id.flatMap { id in organizations.first { $0.id == id } }
  }
  package func organization(ofAccount id: String) -> WorldOrganization? { organization(accounts[id]?.organization) }

  /// From the root down to the account's parent.
  package func ancestors(ofAccount id: String) -> [String] {
    guard let organization = organization(ofAccount: id), var place = accounts[id]?.parent else { return [] }
    var path = [place]
    // Bounded: a unit's parent stands before it, so no path is longer than the list.
    for _ in organization.units {
      guard let unit = organization.unit(place) else { break }
      place = unit.parent
      path.append(place)
    }
    return path.reversed()
  }

  /// `o-abc/r-root/ou-root-one/`, as `aws:PrincipalOrgPaths` has it.
  package func path(ofAccount id: String) -> String {
    guard let organization = organization(ofAccount: id) else { return "" }
    return ([organization.id] + ancestors(ofAccount: id)).joined(separator: "/") + "/"
  }

  package func arn(of organization: WorldOrganization) -> String {
    organizationARN(organization, "organization/\(organization.id)")
  }
  package func arn(ofUnit id: String, in organization: WorldOrganization) -> String {
    organizationARN(organization, "ou/\(organization.id)/\(id)")
  }
  package func organizationARN(_ organization: WorldOrganization, _ resource: String) -> String {
    "arn:\(partition.rawValue):organizations::\(organization.managementAccount):\(resource)"
  }
  package func iamARN(account: String, _ resource: String) -> String {
    "arn:\(partition.rawValue):iam::\(account):\(resource)"
  }

  /// Whom a share must name for this account to be a grantee: everyone, itself, its organization, each unit above it.
  package func grants(of account: String) -> [Grantee] { [.everyone] + explicitGrants(of: account) }

  /// The same without everyone: `ExecutableUsers=self` counts organizations and units, not public images.
  package func explicitGrants(of account: String) -> [Grantee] {
    guard let organization = organization(ofAccount: account) else { return [.account(account)] }
    let units = ancestors(ofAccount: account).filter { $0 != organization.root }
    return [.account(account), .organization(arn: arn(of: organization))]
      + units.map { .unit(arn: arn(ofUnit: $0, in: organization)) }
  }

  package func isRegionEnabled(_ name: String, in account: String) -> Bool {
    guard let region = regions.first(where: { $0.name == name }) else { return false }
    return !region.needsOptIn || accounts[account]?.optedIn.contains(name) == true
  }
}

// MARK: Images, snapshots, settings

extension World {
  package mutating func put(_ image: WorldImage) {
    let old = scopes[image.scope, default: ScopeState()].images.insert(image, pool: &pool)
    if old == nil { sharedImages.insert(image.id, owner: image.owner, region: image.region) }
    sharedImages.replace(
      old?.sharedWith ?? [], with: image.sharedWith, id: image.id, owner: image.owner, region: image.region)
  }

  package mutating func remove(_ image: WorldImage) {
    guard let old = scopes[image.scope]?.images.remove(image.id) else { return }
    sharedImages.replace(old.sharedWith, with: [], id: old.id, owner: old.owner, region: old.region)
    sharedImages.remove(old.id, region: old.region)
  }

  package mutating func put(_ snapshot: WorldSnapshot) {
    let old = scopes[snapshot.scope, default: ScopeState()].snapshots.insert(snapshot, pool: &pool)
    if old == nil { sharedSnapshots.insert(snapshot.id, owner: snapshot.owner, region: snapshot.region) }
    sharedSnapshots.replace(
      old?.sharedWith ?? [], with: snapshot.sharedWith, id: snapshot.id, owner: snapshot.owner,
      region: snapshot.region)
  }

  package mutating func remove(_ snapshot: WorldSnapshot) {
    guard let old = scopes[snapshot.scope]?.snapshots.remove(snapshot.id) else { return }
    sharedSnapshots.replace(old.sharedWith, with: [], id: old.id, owner: old.owner, region: old.region)
    sharedSnapshots.remove(old.id, region: old.region)
  }

  /// An image whoever it belongs to, if it is the account's own or shared with anyone.
  package func image(_ id: String, in region: String, seenBy account: String) -> WorldImage? {
    seen(id, in: region, by: account)
  }

  package func snapshot(_ id: String, in region: String, seenBy account: String) -> WorldSnapshot? {
    seen(id, in: region, by: account)
  }

  private func seen<Record: WorldRecord>(_ id: String, in region: String, by account: String) -> Record? {
    guard let record = stored(RecordID(id), in: region, as: Record.self)?.record,
      record.scope.account == account || !record.sharedWith.isEmpty
    else { return nil }
    return record
  }

  /// Whoever it belongs to, shared or not.
  func stored<Record: WorldRecord>(_ id: RecordID, in region: String, as kind: Record.Type) -> StoredRecord<Record>? {
    guard let owner = Record.shares(in: self).owner(of: id, in: region) else { return nil }
    let scope = Scope(account: owner, region: region)
    guard let table = scopes[scope].map({ Record.table(in: $0) }), let place = table.place(of: id) else { return nil }
    return StoredRecord(row: table.row(at: place), scope: scope)
  }

  /// Public images of an account in a region: what the quota counts.
  package func publicImageCount(in scope: Scope) -> Int {
    scopes[scope]?.images.count(matching: Filter(name: "is-public", values: ["true"])) ?? 0
  }

  package func state(of scope: Scope) -> ScopeState { scopes[scope] ?? ScopeState() }

  package mutating func change(_ scope: Scope, _ change: (inout ScopeState) -> Void) {
    change(&scopes[scope, default: ScopeState()])
  }

  /// The organization's declarative policy, or the account's own setting: new accounts and regions start blocked; an
  /// account that was given a public image before was not.
  package func imageBlockPublicAccess(of scope: Scope) -> GuardrailSetting {
    if let state = declarativePolicy(ofAccount: scope.account)?.imageState {
      return GuardrailSetting(state: state, managedBy: "declarative-policy")
    }
    return scopes[scope]?.imageBlockPublicAccess ?? GuardrailSetting(state: "block-new-sharing")
  }
  package func snapshotBlockPublicAccess(of scope: Scope) -> GuardrailSetting {
    if let state = declarativePolicy(ofAccount: scope.account)?.snapshotState {
      return GuardrailSetting(state: state, managedBy: "declarative-policy")
    }
    return scopes[scope]?.snapshotBlockPublicAccess ?? GuardrailSetting(state: "unblocked")
  }
}
