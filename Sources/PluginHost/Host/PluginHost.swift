package import Governance
package import Orchestrator

/// The loaded, verified plugins. What could not be loaded stands in `errors`; it does not stop the others.
package final class PluginHost: PluginCatalog {
  /// Sorted by id.
  package let manifests: [PluginManifest]
  /// In the order in which the plugins were looked at.
  package let errors: [PluginLoadError]
  private let endpoints: [String: any PluginEndpoint]
  private let faultRecord = FaultRecord()
  /// What each plugin's configuration must be like: read once, asked at every sweep.
  private let schemas: [String: Result<ConfigurationSchema, JSONProblems>]

  /// Looks for plugins and loads them. Blocks; meant for the start of the program.
  package init(loading sources: PluginSources, environment: PluginEnvironment) {
    var environment = environment
    let (record, log) = (faultRecord, environment.log)
    environment.log = { line in
      record.add(line)
      log(line)
    }
    var search = PluginSearch(environment: environment)
    search.load(sources)
    endpoints = Dictionary(uniqueKeysWithValues: search.endpoints.map { ($0.manifest.id, $0) })
    manifests = search.endpoints.map(\.manifest).sorted { $0.id < $1.id }
    schemas = Self.schemas(of: manifests)
    errors = search.errors
  }

  init(endpoints: [any PluginEndpoint]) {
    self.endpoints = Dictionary(uniqueKeysWithValues: endpoints.map { ($0.manifest.id, $0) })
    manifests = endpoints.map(\.manifest).sorted { $0.id < $1.id }
    schemas = Self.schemas(of: manifests)
    errors = []
  }

  /// What plugins were found at fault for so far, a line each, sorted.
  package var faults: [String] {
    faultRecord.lines.map { line, count in
      "plugin \(line.plugin): \(line.fault ?? ""): \(line.message)\(count > 1 ? " (\(count) times in all)" : "")"
    }.sorted()
  }

  private static func schemas(of manifests: [PluginManifest]) -> [String: Result<ConfigurationSchema, JSONProblems>] {
    Dictionary(
      uniqueKeysWithValues: manifests.map { manifest in
        let schema = Result { () throws(JSONProblems) in try ConfigurationSchema(manifest.configurationSchema) }
        return (manifest.id, schema)
      })
  }

  /// Everything in the plugins' configurations that does not fit their schemas, by plugin, each at its JSON pointer.
  package func configurationProblems(_ configurations: [String: Document]) -> [(plugin: String, problem: JSONProblem)] {
    configurations.keys.sorted().flatMap { plugin -> [(plugin: String, problem: JSONProblem)] in
      guard let manifest = endpoints[plugin]?.manifest else {
        let hint = SourceReader.suggestion(for: plugin, among: manifests.map(\.id))
        return [(plugin, JSONProblem(pointer: "", message: "no plugin of this id is loaded; \(hint)"))]
      }
      return problems(in: configurations[plugin] ?? .emptyObject, manifest).map { (plugin, $0) }
    }
  }

  private func problems(in configuration: Document, _ manifest: PluginManifest) -> [JSONProblem] {
    switch schemas[manifest.id] {
    case .success(let schema): schema.problems(in: configuration)
    case .failure(let error): error.problems
    case nil: []
    }
  }

  package func open(_ setting: PluginSetting) async throws(PluginFailure) -> any PluginSession {
    let organization = OrganizationBatch(setting.organization, trusted: setting.trusted)
    var instances: [String: any PluginInstance] = [:]
    do throws(PluginFailure) {
      for plugin in Set(setting.plugins).sorted() {
        instances[plugin] = try await instance(of: plugin, setting, organization)
      }
    } catch {
      await HostSession(instances: instances).close()
      throw error
    }
    return HostSession(instances: instances)
  }

  private func instance(of plugin: String, _ setting: PluginSetting, _ organization: OrganizationBatch)
    async throws(PluginFailure) -> any PluginInstance
  {
    guard let endpoint = endpoints[plugin] else {
      let loaded = manifests.map(\.id)
      throw PluginFailure(
        plugin: plugin, code: "PluginNotLoaded",
        message: "is not loaded; loaded are \(loaded.isEmpty ? "none" : loaded.joined(separator: ", "))")
    }
    let configuration = setting.configurations[plugin] ?? .emptyObject
    let problems = problems(in: configuration, endpoint.manifest)
    guard problems.isEmpty else {
      throw PluginFailure(
        plugin: plugin, code: "PluginConfiguration",
        message: "its configuration does not fit: " + problems.map(\.description).joined(separator: "; "))
    }
    return try await endpoint.makeInstance(
      configuration: configuration, organization: organization, now: setting.now)
  }
}
