import AWSWire
import Governance
import Orchestrator

/// Reads an organization: what it is, every account, the tree of units with the accounts in each.
///
/// The tree is walked from its roots level by level, `width` calls at a time; the accounts of each unit come from
/// ListAccountsForParent, so that there is no call per account.
struct OrganizationReader: Sendable {
  let caller: ServiceCaller
  let identity: ServiceCaller.Identity
  let partition: Partition

  private static let width = 8
  /// "MaxResults … 1–20" for every list of Organizations.
  private static let pageSize = 20

  func read(tags: Bool) async throws(FailureReason) -> Organization {
    let description = try await call("DescribeOrganization", .emptyObject).body["Organization"] ?? .emptyObject
    guard let id = description["Id"]?.string, !id.isEmpty else {
      throw FailureReason(
        kind: .badData, code: "MalformedResponse", message: "DescribeOrganization answered without an organization id")
    }
    var accounts: [String: Account] = [:]
    for entry in try await list("ListAccounts", .emptyObject, member: "Accounts") {
      if let account = Self.account(entry, unitPath: "") { accounts[account.id] = account }
    }
    var units: [OrganizationalUnit] = []
    var unknown: String?
    do throws(FailureReason) {
      units = try await walk(organization: id, accounts: &accounts)
    } catch {
      // Accounts without their units are still worth a sweep; what depends on membership is told why it is unknown.
      guard error.kind == .denied else { throw error }
      unknown = "the organizational units could not be read: \(error.description)"
    }
    var sorted = accounts.values.sorted { $0.id < $1.id }
    if tags { sorted = try await withTags(sorted) }
    return Organization(
      id: id, arn: description["Arn"]?.string ?? "", managementAccount: description["MasterAccountId"]?.string ?? "",
      partition: partition, accounts: sorted, units: units.sorted { $0.path < $1.path }, membershipUnknown: unknown)
  }

  private struct Parent: Sendable {
    var id: String
    var path: String
  }

  /// Fills in `unitPath`; accounts that joined since they were listed are added.
  private func walk(organization: String, accounts: inout [String: Account]) async throws(FailureReason)
    -> [OrganizationalUnit]
  {
    var units: [OrganizationalUnit] = []
    var level: [Parent] = []
    for root in try await list("ListRoots", .emptyObject, member: "Roots") {
      if let id = root["Id"]?.string { level.append(Parent(id: id, path: "\(organization)/\(id)/")) }
    }
    while !level.isEmpty {
      let contents = try await each(level) { (parent) async throws(FailureReason) -> ([Document], [Document]) in
        let parameters: Document = ["ParentId": Document(parent.id)]
        return (
          try await list("ListAccountsForParent", parameters, member: "Accounts"),
          try await list("ListOrganizationalUnitsForParent", parameters, member: "OrganizationalUnits")
        )
      }
      var next: [Parent] = []
      for (parent, (members, children)) in zip(level, contents) {
        for entry in members {
          guard let account = Self.account(entry, unitPath: parent.path) else { continue }
          accounts[account.id, default: account].unitPath = parent.path
        }
        for child in children {
          guard let id = child["Id"]?.string else { continue }
          let path = "\(parent.path)\(id)/"
          units.append(
            OrganizationalUnit(
              id: id, arn: child["Arn"]?.string ?? "", name: child["Name"]?.string ?? "", path: path))
          next.append(Parent(id: id, path: path))
        }
      }
      level = next
    }
    return units
  }

  private func withTags(_ accounts: [Account]) async throws(FailureReason) -> [Account] {
    try await each(accounts) { (account) async throws(FailureReason) -> Account in
      var account = account
      let entries = try await list("ListTagsForResource", ["ResourceId": Document(account.id)], member: "Tags")
      account.tags = entries.compactMap { entry in
        entry["Key"]?.string.map { Tag(key: $0, value: entry["Value"]?.string ?? "") }
      }.sorted { $0.key < $1.key }
      return account
    }
  }

  /// `State` is the newer member and says more than `Status`.
  private static func account(_ entry: Document, unitPath: String) -> Account? {
    guard let id = entry["Id"]?.string else { return nil }
    return Account(
      id: id, name: entry["Name"]?.string ?? "", email: entry["Email"]?.string ?? "",
      state: entry["State"]?.string ?? entry["Status"]?.string ?? "ACTIVE", arn: entry["Arn"]?.string ?? "",
      unitPath: unitPath)
  }

  // MARK: Calls

  private func call(_ operation: String, _ parameters: Document) async throws(FailureReason) -> CloudPage {
    try await perform(APICall(service: "organizations", operation: operation, parameters: parameters))
  }

  private func perform(_ call: APICall) async throws(FailureReason) -> CloudPage {
    do throws(FailureReason) {
      return try await caller.perform(call, in: partition.homeRegion, as: identity)
    } catch {
      throw error.prefixed(call.name)
    }
  }

  /// Every page of a list.
  private func list(_ operation: String, _ parameters: Document, member: String) async throws(FailureReason)
    -> [Document]
  {
    var parameters = parameters
    // The only list here without pages of a chosen size.
    if operation != "ListTagsForResource" { parameters = parameters.setting("MaxResults", to: Document(Self.pageSize)) }
    var next: APICall? = APICall(service: "organizations", operation: operation, parameters: parameters)
    var seen: Set<String> = []
    var elements: [Document] = []
    while let call = next {
      let page = try await perform(call)
      elements += page.body[member]?.elements ?? []
      next = page.next
      if let token = next?.parameters["NextToken"]?.string, !seen.insert(token).inserted {
        throw FailureReason(
          kind: .badData, code: "RepeatedPageToken",
          message: "\(call.name) answered with a page token for the second time; the list cannot be read to its end")
      }
    }
    return elements
  }

  /// Results in the order of the items, at most `width` at a time; the first failure ends the rest.
  private func each<Item: Sendable, Output: Sendable>(
    _ items: [Item], _ work: @escaping @Sendable (Item) async throws(FailureReason) -> Output
  ) async throws(FailureReason) -> [Output] {
    var outputs: [Output?] = Array(repeating: nil, count: items.count)
    var failure: FailureReason?
    await withTaskGroup(of: (Int, Result<Output, FailureReason>).self) { group in
      var started = 0
      func startOne() {
        guard started < items.count, failure == nil else { return }
        let position = started
        started += 1
        group.addTask {
          do throws(FailureReason) {
            return (position, .success(try await work(items[position])))
          } catch {
            return (position, .failure(error))
          }
        }
      }
      for _ in 0..<Self.width { startOne() }
      while let (position, result) = await group.next() {
        switch result {
        case .success(let output): outputs[position] = output
        case .failure(let error):
          if failure == nil { failure = error }
          group.cancelAll()
        }
        startOne()
      }
    }
    if let failure { throw failure }
    return outputs.compactMap(\.self)
  }
}
