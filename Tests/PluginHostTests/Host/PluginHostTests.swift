import CSandbox
import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct PluginHostTests {
  private func openFailure(_ mode: String, census: Census = Census()) async throws -> PluginFailure? {
    let host = try ZooFolder().load()
    return await #expect(throws: PluginFailure.self) { try await host.open(.zoo(mode, census)) }
  }

  @Test("A configuration that does not fit its schema never reaches the plugin")
  func configuration() async throws {
    let host = try ZooFolder().load()
    let census = Census()
    var setting = PluginSetting.zoo("", census)
    setting.configurations["org.example.zoo"] = ["mod": "x", "census": "y"]
    let failure = await #expect(throws: PluginFailure.self) { try await host.open(setting) }
    #expect(failure?.code == "PluginConfiguration")
    #expect(
      failure?.message
        == "its configuration does not fit: /mod: unknown key; did you mean \"mode\"?; "
        + "/census: expected integer, found text")
    let problems = host.configurationProblems(setting.configurations.merging(["org.example.zo": [:]]) { $1 })
    #expect(problems.map(\.plugin) == ["org.example.zo", "org.example.zoo", "org.example.zoo"])
    #expect(problems[0].problem.message == "no plugin of this id is loaded; did you mean \"org.example.zoo\"?")
    #expect(census.created == 0)
  }

  @Test("A plugin that refuses its configuration says why, and what was made is released")
  func createFails() async throws {
    let failure = try await openFailure("create-fails")
    #expect(failure?.code == "PluginConfiguration")
    #expect(failure?.message == "version 1.0.0 failed (configuration): no such mode; in create")
    #expect(try await openFailure("create-null")?.message.contains("said OK in create and made no instance") ?? false)
    let census = Census()
    let emitted = try await openFailure("create-emits", census: census)
    #expect(emitted?.code == "PluginBadData")
    #expect(census.destroyed == 1)
  }

  @Test("A plugin that is not loaded cannot be opened; those opened before are released")
  func notLoaded() async throws {
    let host = try ZooFolder().load()
    let census = Census()
    var setting = PluginSetting.zoo("", census)
    setting.plugins.append("org.example.zzz")
    let failure = await #expect(throws: PluginFailure.self) { try await host.open(setting) }
    #expect(failure?.code == "PluginNotLoaded")
    #expect(failure?.message == "is not loaded; loaded are org.example.zoo")
    #expect(census.created == 1)
    #expect(census.destroyed == 1)
  }

  @Test("A plugin without an instance in the session is not called")
  func notOpen() async throws {
    let zoo = try await OpenZoo()
    let failure = await #expect(throws: PluginFailure.self) {
      try await zoo.session.propose(plugin: "org.example.other", resources: [], now: testTime)
    }
    #expect(failure?.code == "PluginNotOpen")
  }

  @Test("An instance that nobody closes is released with its session")
  func released() async throws {
    let census = Census()
    let host = try ZooFolder().load()
    do { _ = try await host.open(.zoo("", census)) }
    #expect(census.created == 1)
    #expect(census.destroyed == 1)
  }

  @Test("The same bytes are loaded once in a process, whoever asks")
  func loadedOnce() throws {
    let first = try ZooFolder()
    let second = try ZooFolder()
    let loader = PluginLoader(environment: .testing(), lockPath: "lock", signatures: SignatureCheck(trusted: []))
    let lock = try PluginLock().entry(
      for: first.plugin, path: "zoo", owners: PluginEnvironment.testing().owners, isolation: .inline)
    let libraries = try [first, second].map {
      try #require(loader.load($0.plugin, .team(lock)) as? InlineEndpoint).library
    }
    #expect(libraries[0] === libraries[1])
  }

  @Test("A process that forbids dumps can still load plugins")
  func privacy() async {
    await #expect(processExitsWith: .success) {
      let zoo = try ZooFolder()
      #expect(ProcessPrivacy.forbidDumps())
      #expect(reeve_allows_dumps() == 0)
      #expect(zoo.load().errors == [])
    }
  }
}
