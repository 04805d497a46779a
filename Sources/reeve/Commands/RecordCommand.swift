import AWSAccess
import Configuration
import Determinism
import EC2Simulator
import Governance
import Orchestrator
import ScenarioReplay

extension Command {
  static let scenarioRecord = Command(
    path: ["scenario", "record"],
    summary: "read an organization, or a running simulator, into a world file under pseudonyms; changes nothing",
    discussion: """
      Account ids, names, ARNs, image names and tags become pseudonyms, the same for the same thing, so that who shares what
      with whom stays. The salt that they are made with is drawn anew unless --salt-file gives one: with it two recordings
      can be compared, and whoever has it can test a guess. What could not be read stands at the head of the file.
      Only snapshots behind images are recorded; roles, users and policies are not.
      """,
    options: Settings.options.filter { $0.name != "--ledger" } + [
      .init(name: "--output", value: "FILE", help: "where the world is written. Default: world.yaml"),
      .init(name: "--regions", value: "LIST", help: "only these regions, separated by commas", repeats: true),
      .init(
        name: "--keep-tag", value: "KEYS",
        help: "tag keys that stay as they are, whatever their case, separated by commas. Default: Owner,Name",
        repeats: true),
      .init(name: "--salt-file", value: "FILE", help: "a file of at least 16 secret bytes to make pseudonyms with"),
    ]
  ) { arguments, context in
    let settings = try Settings.load(arguments, context)
    let (cloud, region) = try Connection.open(settings, context)
    let kept = arguments.values("--keep-tag").isEmpty ? ["Owner", "Name"] : arguments.list("--keep-tag")
    let recorder = WorldRecorder(
      cloud: cloud, pseudonyms: Pseudonyms(salt: try salt(arguments, context), keptTagKeys: kept),
      now: context.clock.now, homeRegion: region
    ) { context.errors.write("reeve: reading \($0)\n") }
    do {
      let recording = try await recorder.record(
        settings.configuration.accountSelection, regions: settings.regions)
      let path = arguments.value("--output") ?? "world.yaml"
      let text = try recorder.file(recording, yaml: YAML.write)
      // What is written must be a world, or nobody can replay it.
      _ = try World(source: try YAML.parse(Array(text.utf8), file: path))
      try context.files.replace(path, with: Array(text.utf8), mode: 0o600)
      context.output.write(
        "\(path) written\(recording.unread.isEmpty ? "" : ", \(recording.unread.count) reads failed: see its head")\n")
      return recording.unread.isEmpty ? .clean : .gap
    } catch let reason as FailureReason {
      throw CommandFailure.failed("nothing was recorded: \(reason)")
    }
  }

  private static func salt(_ arguments: Arguments, _ context: Context) throws -> [UInt8] {
    guard let path = arguments.value("--salt-file") else { return context.entropy(32) }
    guard let bytes = try context.files.contents(of: path) else { throw CommandFailure.usage("\(path): no such file") }
    guard bytes.count >= 16 else {
      throw CommandFailure.usage("\(path): a salt has at least 16 bytes, found \(bytes.count)")
    }
    return bytes
  }
}
