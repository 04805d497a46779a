import Configuration
import Governance
import Orchestrator
import PluginHost

extension Command {
  static let pluginRun = Command(
    path: ["plugin", "run"], summary: "run a plugin that you are writing on a world or on resources in a file",
    discussion: """
      The plugin need not be locked. With --world the shipped plugins discover, in an embedded simulator; with --resources
      nothing but the plugin runs, on exactly what the file says (`reeve plugin record` writes one from a sweep).
      Exit status: 0 the plugin did its work, whatever it found; 1 with --expect: it said something else; 4 it failed.
      """,
    options: [
      .init(
        name: "--world", value: "FILE", help: "a world, such as Scenarios/demo.yaml; demo stands for the one installed"),
      .init(name: "--resources", value: "FILE", help: "resources in JSON, as `reeve plugin record` writes them"),
      .init(name: "--configuration", value: "JSON", help: "the plugin's configuration: a file, or the JSON itself"),
      .init(name: "--format", value: "FORMAT", help: "table or json. Default: table"),
      .init(
        name: "--expect", value: "FILE",
        help: "compare with this output of --format json: every entry must be there with these members, and no other"),
      .init(name: "--first", help: "show the first finding only"),
      .init(name: "--watch", help: "run again whenever the plugin is built again or an input changes"),
      DevelopedPlugin.isolationOption,
    ], arguments: [.init(name: "LIB", help: "the plugin's folder, or its library in a build folder")]
  ) { arguments, context in
    guard (arguments.value("--world") == nil) != (arguments.value("--resources") == nil) else {
      throw UsageError(problems: ["give either --world FILE or --resources FILE"], command: "plugin run")
    }
    if arguments.flag("--watch") { return try await watch(arguments, context) }
    let plugin = try DevelopedPlugin.locate(arguments, context)
    let trial = try PluginTrial(plugin, arguments, context)
    let outcome = try await trial.run()
    let json = outcome.document
    if arguments.value("--format") == "json" {
      context.output.write(json.prettyJSON + "\n")
    } else {
      context.output.write(outcome.table(firstOnly: arguments.flag("--first")))
    }
    guard let path = arguments.value("--expect") else { return .clean }
    guard let bytes = try context.files.contents(of: path) else { throw CommandFailure.usage("\(path): no such file") }
    let differences = TrialExpectation(try Document(json: bytes)).differences(from: json)
    for difference in differences { context.errors.write("\(path): \(difference)\n") }
    return differences.isEmpty ? .clean : .findings
  }

  /// A library that was loaded stays loaded, so each run is a process of its own.
  private static func watch(_ arguments: Arguments, _ context: Context) async throws -> ExitStatus {
    var words = [context.executable, "plugin", "run"] + arguments.positional
    for name in ["--world", "--resources", "--configuration", "--format", "--expect", "--isolation"] {
      if let value = arguments.value(name) { words += [name, value] }
    }
    if arguments.flag("--first") { words.append("--first") }
    while context.interrupt.reason == nil {
      // A library that is being linked is not there for a moment.
      let plugin = try? DevelopedPlugin.locate(arguments, context)
      let files = plugin.map { DevelopedPlugin.watched($0, arguments) + libraries(of: $0, context) }
      // From here on: what is saved while the plugin runs is run as well.
      let change = context.change(files ?? [arguments.positional[0]])
      let end = try await context.program(words, .seconds(600))
      context.output.write(end.output)
      switch end.how {
      case .exited(let status): context.output.write("— ended with \(status); waiting for a change\n")
      case .signalled(let signal): context.output.write("— killed by signal \(signal); waiting for a change\n")
      case .overdue: context.output.write("— did not end within ten minutes; waiting for a change\n")
      }
      await change()
    }
    return .clean
  }

  private static func libraries(of plugin: DevelopmentPlugin, _ context: Context) -> [String] {
    let names = (try? context.files.names(in: plugin.directory)) ?? []
    return names.filter { $0.hasSuffix(".so") }.map { "\(plugin.directory)/\($0)" }
  }
}
