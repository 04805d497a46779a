import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct ShippedPluginTests {
  private func folder(library: [UInt8]? = nil, lock: (String) -> String = { $0 }) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let library = try library ?? Zoo.library()
    let manifest = Array(Zoo.manifest.json.utf8)
    try folder.write(manifest, to: "Zoo/plugin.json")
    try folder.write(library, to: "Zoo/zoo.so")
    let text = "\(Digest.sha256(manifest))  Zoo/plugin.json\n\(Digest.sha256(library))  Zoo/zoo.so\n"
    try folder.write(lock(text).utf8, to: "shipped.lock")
    return folder
  }

  private func load(_ folder: TemporaryFolder, lock: PluginLock? = nil) throws -> PluginHost {
    if let lock { try folder.write(lock.json.utf8, to: "team/plugins.lock") }
    return PluginHost(
      loading: PluginSources(shipped: folder.path, lock: lock.map { _ in folder.path + "/team/plugins.lock" }),
      environment: .testing())
  }

  @Test("A shipped plugin is loaded by the build's lock")
  func loads() throws {
    let host = try load(folder())
    #expect(host.errors == [])
    #expect(host.manifests.map(\.id) == ["org.example.zoo"])
    #expect(host.manifests.allSatisfy { $0.isShipped && $0.isolation == .inline })
  }

  @Test("A shipped plugin whose bytes are not the build's is refused, as is one that the build does not know")
  func tampered() throws {
    let changed = try folder()
    try changed.write(try Zoo.library() + [0], to: "Zoo/zoo.so")
    #expect(try load(changed).errors.map(\.code) == [.libraryHash])
    let manifest = try folder()
    try manifest.write(Zoo.manifest.prettyJSON.utf8, to: "Zoo/plugin.json")
    #expect(try load(manifest).errors.map(\.code) == [.manifestHash])
    let added = try folder()
    try added.write(Zoo.manifest.json.utf8, to: "Added/plugin.json")
    #expect(try load(added).errors.map(\.code) == [.notLocked])
    let library = try folder { String($0.split(separator: "\n")[0]) }
    #expect(try load(library).errors.map(\.code) == [.notLocked])
    #expect(try load(folder { _ in "nonsense" }).errors.map(\.code) == [.lockUnusable])
  }

  @Test("The team's lock can grant a shipped plugin less, and ask for its isolation")
  func grants() throws {
    let less = PluginLock(shipped: [.init(id: "org.example.zoo", operations: ["ec2:DescribeImages"])])
    #expect(try load(folder(), lock: less).errors.map(\.code) == [.grantExceeded])
    let sandbox = PluginLock(shipped: [.init(id: "org.example.zoo", isolation: .sandbox)])
    #expect(try load(folder(), lock: sandbox).errors == [])
    #expect(try load(folder(), lock: sandbox).manifests.map(\.isolation) == [.sandbox])
    #expect(try load(folder(), lock: PluginLock()).errors == [])
    let stranger = PluginLock(shipped: [.init(id: "org.example.zooo", operations: [])])
    let errors = try load(folder(), lock: stranger).errors
    #expect(errors.map(\.code) == [.lockUnusable])
    #expect(errors.first?.message.contains("did you mean \"org.example.zoo\"?") ?? false)
  }

  @Test("A team's lock that cannot be read might have restricted the shipped plugins: nothing is loaded")
  func unreadableLock() throws {
    let folder = try folder()
    try folder.write("{".utf8, to: "plugins.lock")
    let host = PluginHost(
      loading: PluginSources(shipped: folder.path, lock: folder.path + "/plugins.lock"), environment: .testing())
    #expect(host.manifests.isEmpty)
    #expect(host.errors.map(\.code) == [.lockUnusable])
  }

  private static let built: String? = {
    guard let program = TrustedFile.resolved(path: "/proc/self/exe") else { return nil }
    var folder = Substring(program)
    while let slash = folder.lastIndex(of: "/") {
      folder = folder[..<slash]
      let plugins = "\(folder)/plugins"
      if TrustedFile.resolved(path: plugins + "/shipped.lock") != nil { return plugins }
    }
    return nil
  }()

  private func openBuilt() async throws -> any PluginSession {
    let host = PluginHost(loading: PluginSources(shipped: Self.built), environment: .testing())
    #expect(host.errors == [])
    return try await host.open(
      PluginSetting(
        organization: .zoo, trusted: [], configurations: [:], plugins: host.manifests.map(\.id), now: testTime))
  }

  /// One page of DescribeImages, as AWS answers it.
  private static let page: Document = [
    "Images": [
      [
        "ImageId": "ami-1", "Name": "web", "OwnerId": "222222222222", "Public": true, "State": "available",
        "Tags": [["Key": "owner", "Value": "team-a"]],
      ],
      ["ImageId": "ami-2", "Name": "db", "OwnerId": "222222222222", "Public": false, "State": "available"],
    ]
  ]

  @Test("The shipped plugins find a public image, plan its closing and its tags", .enabled(if: built != nil))
  func builtPlugins() async throws {
    let session = try await openBuilt()
    let run = try await session.beginDiscovery(
      plugin: "reeve.discovery.images",
      in: DiscoverySetting(
        scope: Scope(account: "222222222222", region: "eu-west-1"), partition: .aws,
        wanted: [("ec2:image", "Public"), ("ec2:image", "Tags")]), now: testTime)
    let request = try #require(run.first.requests.first)
    #expect(run.first.requests.map(\.call.operation) == ["DescribeImages"])
    let step = try await run.resume(with: [
      DiscoveryResponse(request: request.id, outcome: .success(Self.page), isLastPage: true)
    ])
    await run.end()
    #expect(step.isDone)
    #expect(step.resources.map(\.id) == ["ami-1", "ami-2"])
    let verdicts = try await session.evaluate(
      plugin: "reeve.public-image", checks: ["image.public"], resources: step.resources, now: testTime)
    #expect(verdicts.map { $0.verdict == .pass } == [false, true])
    guard case .fail(let message, let evidence) = verdicts[0].verdict else {
      Issue.record("the public image is no finding: \(verdicts[0].verdict)")
      return
    }
    #expect(evidence["Public"] == true)
    let actions = try await session.plan(
      plugin: "reeve.revoke-public-access", resources: step.resources,
      findings: [PlannableFinding(resource: 0, check: "image.public", message: message, evidence: evidence)],
      now: testTime)
    #expect(actions.map(\.call.operation) == ["ModifyImageAttribute"])
    let operations = try await session.propose(
      plugin: "reeve.tag-policy", resources: step.resources, now: testTime)
    #expect(operations.map(\.kind) == [.rename(to: "Owner")])
    await session.close()
  }
}
