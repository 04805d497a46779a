import CReevePlugin
import Governance
import Orchestrator

extension ConformanceCase {
  static let anyPlugin: [ConformanceCase] = [
    ConformanceCase("load", "manifest, library and descriptor agree, and nothing else is loaded") { _ in .passed },
    ConformanceCase("create", "an instance is made with the given configuration, and a second beside it") {
      subject throws(ConformanceFailure) in
      let first = try subject.create()
      let second = try subject.create()
      subject.destroy(first)
      subject.destroy(second)
      return .passed
    },
    ConformanceCase("create.newer", "an instance is made by a later host, whose structs are larger") {
      subject throws(ConformanceFailure) in
      try subject.withInstance(layout: .newer) { _ throws(ConformanceFailure) in .passed }
    },
    ConformanceCase(
      "interface.unknown", "an interface that does not exist yet is NULL, and one that does is always the same"
    ) {
      subject throws(ConformanceFailure) in
      for name in ["reeve.check/2", "reeve.tagger/9", "reeve.no-such/1", ""] {
        guard unsafe subject.interface(name) == nil else {
          throw ConformanceFailure("it gave a struct for the interface \"\(name)\", which it cannot know")
        }
      }
      for kind in subject.manifest.kinds {
        let name = PluginInterfaces.name(of: kind)
        guard unsafe subject.interface(name) == subject.interface(name) else {
          throw ConformanceFailure("it gave two structs for \(name); an interface is static memory")
        }
      }
      return .passed
    },
    ConformanceCase("configuration.fuzz", "configurations that fit its schema are taken, or refused with a reason") {
      subject throws(ConformanceFailure) in
      try fuzzConfigurations(subject)
    },
  ]

  private static func fuzzConfigurations(_ subject: ConformanceSubject) throws(ConformanceFailure) -> Result {
    let schema: ConfigurationSchema
    do throws(JSONProblems) { schema = try ConfigurationSchema(subject.manifest.configurationSchema) } catch {
      throw ConformanceFailure("its schema cannot be read: \(error)")
    }
    var fuzzer = SchemaFuzzer(schema, seed: subject.seed)
    var samples = SampleResources(seed: subject.seed, attributes: subject.declaredAttributes)
    let resources = samples.resources(subject.types, count: 5)
    var tried = 0
    var accepted = 0
    for _ in 0..<150 {
      guard let configuration = fuzzer.next() else { continue }
      tried += 1
      let (returned, instance) = subject.tryCreate(configuration)
      if let badData = returned.badData {
        throw ConformanceFailure("create handed over bad data for \(configuration.json): \(badData.message)")
      }
      switch returned.status {
      case REEVE_OK:
        guard let instance else { throw ConformanceFailure("create made no instance of \(configuration.json)") }
        accepted += 1
        if subject.manifest.kinds.contains(.check) {
          let (evaluated, _) = try subject.evaluate(instance, resources)
          do throws(ConformanceFailure) {
            try subject.demandOK(evaluated, "evaluate")
          } catch {
            throw ConformanceFailure("with the configuration \(configuration.json): \(error.message)")
          }
        }
        subject.destroy(instance)
      case REEVE_ERROR_CONFIGURATION:
        guard let said = returned.said, !said.isEmpty else {
          throw ConformanceFailure("create refused \(configuration.json), which fits its schema, without a reason")
        }
      default:
        throw ConformanceFailure(
          "create returned \(returned.status) for \(configuration.json): expected OK or CONFIGURATION (1)")
      }
    }
    guard tried > 0 else { return .skipped("no configuration that fits the schema was found") }
    return accepted > 0
      ? .passed : .skipped("it refused all \(tried) configurations that fit its schema, with a reason each")
  }
}

extension ConformanceSubject {
  /// What the manifest says that the plugin reads, by resource type.
  var declaredAttributes: [String: [String]] {
    var names: [String: Set<String>] = manifest.readsAttributes.mapValues { Set($0) }
    for check in manifest.checks {
      for type in check.resourceTypes { names[type, default: []].formUnion(check.attributes) }
    }
    return names.mapValues { $0.sorted() }
  }

  /// The types that it is handed.
  var types: [String] {
    let own = manifest.resourceTypes.isEmpty ? manifest.checks.flatMap(\.resourceTypes) : manifest.resourceTypes
    return Set(own).sorted()
  }
}
