package import Governance
package import Orchestrator
import Synchronization

/// Reads an organization, or a simulator, into a world file in which nobody can be recognized. It changes nothing.
///
/// Kept: accounts and their state, units, images with shares, tags and dates, the snapshots behind them, block public
/// access, allowed images. Relations stay: the same account, unit or tag has the same pseudonym everywhere. Left out: policies and
/// users, descriptions, keys; what could not be read is listed.
package struct WorldRecorder: Sendable {
  package struct Recording: Sendable {
    package var world: Document
    /// A line each: where, which call, AWS's code.
    package var unread: [String]
  }

  private let cloud: any Cloud
  let pseudonyms: Pseudonyms
  private let now: Timestamp
  private let homeRegion: String
  private let progress: @Sendable (String) -> Void
  let unread = Unread()

  /// What is asked in each account.
  static let actions = [
    "ec2:DescribeImageAttribute", "ec2:DescribeImages", "ec2:DescribeRegions", "ec2:DescribeSnapshotAttribute",
    "ec2:DescribeSnapshots", "ec2:GetAllowedImagesSettings", "ec2:GetImageBlockPublicAccessState",
    "ec2:GetSnapshotBlockPublicAccessState",
  ]

  package init(
    cloud: any Cloud, pseudonyms: Pseudonyms, now: Timestamp, homeRegion: String,
    progress: @escaping @Sendable (String) -> Void
  ) {
    self.cloud = cloud
    self.pseudonyms = pseudonyms
    self.now = now
    self.homeRegion = homeRegion
    self.progress = progress
  }

  package func record(_ selection: AccountSelection, regions: Selection) async throws(FailureReason) -> Recording {
    let caller = try await cloud.callerIdentity()
    let (organization, failure) = await OrganizationReader(cloud: cloud).read(caller)
    if let failure { unread.add("organization", "ListAccounts", failure) }
    var recorded: [RecordedAccount] = []
    for account in organization.accounts.sorted(by: { $0.id < $1.id }) {
      guard selection.exclusion(of: account) == nil else {
        unread.add("\(pseudonyms.account(account.id)): left out by the selection")
        continue
      }
      progress("account \(account.id) \(account.name)")
      recorded.append(await record(account, regions: regions))
    }
    return Recording(
      world: world(organization, recorded, management: organization.managementAccount), unread: unread.lines)
  }

  /// The text of a world file: what could not be read stands at its head. Throws when anything recognizable is left.
  package func file(_ recording: Recording, yaml: (Document) -> String) throws(FailureReason) -> String {
    var head = [
      "# A recorded organization, as of \(now.iso8601). Ids, names and tags are pseudonyms.",
      "# Not recorded: roles, users and policies (every member has OrganizationAccountAccessRole here), snapshots that are",
      "# behind no image, descriptions, keys.",
    ]
    head.append(recording.unread.isEmpty ? "# Everything else could be read." : "# Could not be read:")
    head += recording.unread.map { "# - \($0)" }
    let text = head.map { $0 + "\n" }.joined() + yaml(recording.world)
    // Ids are compared whole; names could be words of the file's own.
    let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
    let left = pseudonyms.originals.filter { Self.isTelling($0) && words.contains($0) }
    guard left.isEmpty else {
      throw FailureReason(
        kind: .internal, code: "NotPseudonymous",
        message: "\(left.count) ids of the organization would stand in the file; nothing was written")
    }
    return text
  }

  private static func isTelling(_ original: String) -> Bool {
    Account.isID(original) || ["ami-", "snap-", "o-", "ou-"].contains { original.hasPrefix($0) && original.count > 11 }
  }

  // MARK: Accounts

  private func record(_ account: Account, regions: Selection) async -> RecordedAccount {
    var recorded = RecordedAccount(account: account)
    guard account.state == "ACTIVE" else { return recorded }
    let place = pseudonyms.account(account.id)
    let session: any CloudSession
    do { session = try await cloud.session(account: account.id, permissions: .reading(actions: Self.actions)) } catch {
      unread.add(place, "AssumeRole", error)
      return recorded
    }
    let listed: [Document]
    do {
      let call = APICall(service: "ec2", operation: "DescribeRegions", parameters: ["AllRegions": true])
      listed = try await session.perform(call, in: homeRegion).body["Regions"]?.elements ?? []
    } catch {
      unread.add(place, "DescribeRegions", error)
      return recorded
    }
    for region in listed.sorted(by: { ($0["RegionName"]?.string ?? "") < ($1["RegionName"]?.string ?? "") }) {
      guard let name = region["RegionName"]?.string, regions.exclusion(of: name) == nil else { continue }
      let status = region["OptInStatus"]?.string ?? "opt-in-not-required"
      recorded.regions[name] = status != "opt-in-not-required"
      guard status != "not-opted-in" else { continue }
      if status == "opted-in" { recorded.optedIn.append(name) }
      recorded.scopes[name] = await ScopeRecorder(
        place: "\(place)/\(name)", region: name, session: session, pseudonyms: pseudonyms, unread: unread
      ).record()
    }
    return recorded
  }

  // MARK: The world

  private func world(_ organization: Organization, _ accounts: [RecordedAccount], management: String) -> Document {
    var regions: [String: Bool] = [:]
    for account in accounts { regions.merge(account.regions) { $0 || $1 } }
    if regions.isEmpty { regions[homeRegion] = false }
    return Document(entries: [
      ("version", 1), ("seed", 1), ("clock", Document(Timestamp(seconds: now.seconds).iso8601)),
      (
        "regions",
        Document(regions.sorted { $0.key < $1.key }.map { ["name": Document($0.key), "optIn": Document($0.value)] })
      ),
      ("organization", organization.id.isEmpty ? nil : describe(organization)),
      ("accounts", Document(accounts.map { $0.document(in: organization, pseudonyms) })),
    ])
  }

  private func describe(_ organization: Organization) -> Document {
    // `o-…/r-…/` in front of every unit's and account's path.
    let paths = organization.units.map(\.path) + organization.accounts.map(\.unitPath)
    let root = paths.lazy.compactMap { path in path.split(separator: "/").first { $0.hasPrefix("r-") } }.first
    return Document(entries: [
      ("id", Document(pseudonyms.organization(organization.id))),
      ("root", root.map { Document(pseudonyms.root(String($0))) }),
      ("management", Document(pseudonyms.account(organization.managementAccount))),
      ("units", units(of: organization, below: nil)),
    ])
  }

  private func units(of organization: Organization, below parent: String?) -> Document? {
    let children = organization.units.filter { Self.parent(ofUnitAt: $0.path) == parent }
    guard !children.isEmpty else { return nil }
    return Document(
      children.sorted { $0.id < $1.id }.map { unit in
        Document(entries: [
          ("id", Document(pseudonyms.unit(unit.id))), ("name", Document(pseudonyms.name(unit.name, of: "unit"))),
          ("units", units(of: organization, below: unit.id)),
        ])
      })
  }

  /// nil: the root.
  private static func parent(ofUnitAt path: String) -> String? {
    let steps = path.split(separator: "/").map(String.init)
    guard steps.count > 3 else { return nil }
    return steps[steps.count - 2]
  }
}

/// What could not be read.
final class Unread: Sendable {
  private let state = Mutex<[String]>([])

  var lines: [String] { state.withLock { $0.sorted() } }
  func add(_ line: String) { state.withLock { $0.append(line) } }
  /// The code only: a message may name what must not be named.
  func add(_ place: String, _ operation: String, _ reason: FailureReason) {
    add("\(place): \(operation): \(reason.code)")
  }
}

/// One account as it was read.
struct RecordedAccount: Sendable {
  var account: Account
  /// Every region that was listed, and whether it has to be switched on.
  var regions: [String: Bool] = [:]
  var optedIn: [String] = []
  var scopes: [String: RecordedScope] = [:]

  init(account: Account) { self.account = account }

  func document(in organization: Organization, _ pseudonyms: Pseudonyms) -> Document {
    let sorted = scopes.sorted { $0.key < $1.key }
    func byRegion(_ setting: (RecordedScope) -> Document?) -> Document? {
      let entries = sorted.compactMap { region, scope in setting(scope).map { (name: region, value: Optional($0)) } }
      return entries.isEmpty ? nil : Document(entries: entries)
    }
    let images = sorted.flatMap(\.value.images)
    let snapshots = sorted.flatMap(\.value.snapshots)
    let unit = account.unitPath.split(separator: "/").last.map(String.init).flatMap { $0.hasPrefix("ou-") ? $0 : nil }
    return Document(entries: [
      ("id", Document(pseudonyms.account(account.id))),
      ("name", account.name.isEmpty ? nil : Document(pseudonyms.name(account.name, of: "account"))),
      ("state", account.state == "ACTIVE" ? nil : Document(account.state)),
      ("organization", organization.id.isEmpty ? "none" : nil),
      ("unit", unit.map { Document(pseudonyms.unit($0)) }), ("tags", WorldRecorder.tags(account.tags, pseudonyms)),
      ("optIn", optedIn.isEmpty ? nil : Document(strings: optedIn)),
      ("publicImageQuota", Document(max(5, sorted.map(\.value.publicImages).max() ?? 0))),
      ("imageBlockPublicAccess", byRegion(\.imageBlockPublicAccess)),
      ("snapshotBlockPublicAccess", byRegion(\.snapshotBlockPublicAccess)),
      ("allowedImages", byRegion(\.allowedImages)),
      ("snapshots", snapshots.isEmpty ? nil : Document(snapshots)), ("images", images.isEmpty ? nil : Document(images)),
    ])
  }
}

/// One scope as it was read, in the words of world files.
struct RecordedScope: Sendable {
  var images: [Document] = []
  var publicImages = 0
  var snapshots: [Document] = []
  var imageBlockPublicAccess: Document?
  var snapshotBlockPublicAccess: Document?
  var allowedImages: Document?
}

extension WorldRecorder {
  static func tags(_ tags: [Tag], _ pseudonyms: Pseudonyms) -> Document? {
    let replaced = tags.map { pseudonyms.tag($0) }.sorted { $0.key < $1.key }
    return replaced.isEmpty ? nil : Document(entries: replaced.map { ($0.key, Optional(Document($0.value))) })
  }
}
