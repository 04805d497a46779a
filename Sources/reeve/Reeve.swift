import Governance

@main
enum Reeve {
  static let version = "1.0.0"

  static func main() async {
    let arguments = Live.arguments()
    if arguments.first == "--version" || arguments.first == "version" { return print("reeve \(version)") }
    let status = await run(arguments, in: Live.context())
    Live.end(status)
  }

  /// Every command in the order of the help.
  static let commands: [Command] = [
    .sweep, .findings, .images, .plan, .apply, .undo, .runs, .runsShow, .simulate,
    .scenarioRun, .scenarioCheck, .scenarioSchema, .scenarioRecord, .scenarioSwarm, .doctor, .pluginList, .pluginLock,
    .pluginNew, .pluginRun, .pluginValidate, .pluginRecord, .pluginKeygen, .pluginSign, .pluginVerify,
    .pluginPermissions,
    .pluginExplain, .pluginStatus, .pluginReset, .pluginMeasure,
    .configCheck, .configExample, .configSchema, .reportSchema, .ledgerDump,
  ]

  static func run(_ words: [String], in context: Context) async -> ExitStatus {
    guard let first = words.first, first != "help", first != "--help", first != "-h" else {
      context.output.write(Help.overview(commands))
      return words.isEmpty ? .usage : .clean
    }
    guard let command = command(for: words) else {
      context.errors.write(unknown(words))
      return .usage
    }
    let rest = Array(words.dropFirst(command.path.count))
    if rest.contains("--help") || rest.contains("-h") {
      context.output.write(Help.text(of: command))
      return .clean
    }
    do {
      return try await command.run(try Arguments(rest, for: command), context)
    } catch let error as UsageError {
      context.errors.write("\(UsageError(problems: error.problems, command: command.name))\n")
      return .usage
    } catch let error as CommandFailure {
      context.errors.write("reeve: \(error)\n")
      return error.status
    } catch let error as SourceProblems {
      context.errors.write("\(error)\n")
      return .usage
    } catch {
      context.errors.write("reeve: \(error)\n")
      return .failed
    }
  }

  /// The command whose words come first; the longest wins.
  private static func command(for words: [String]) -> Command? {
    commands.filter { Array(words.prefix($0.path.count)) == $0.path }.max { $0.path.count < $1.path.count }
  }

  private static func unknown(_ words: [String]) -> String {
    let family = commands.filter { $0.path.first == words[0] }
    let candidates = family.isEmpty ? Set(commands.map { $0.path[0] }).sorted() : family.map(\.name)
    let given = family.isEmpty ? words[0] : words.prefix(2).joined(separator: " ")
    return "reeve: unknown command \"\(given)\"; \(SourceReader.suggestion(for: given, among: candidates))\n"
      + "run `reeve --help` for all commands\n"
  }
}
