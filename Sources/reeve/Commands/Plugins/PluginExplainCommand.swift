import Governance
import PluginHost

extension Command {
  static let pluginExplain = Command(
    path: ["plugin", "explain"], summary: "say what an error code of plugins means and what to do about it",
    discussion: "Without a CODE: every code, with one line.",
    arguments: [.init(name: "CODE", help: "P206, OperationNotGranted, …, as messages begin with it", isRequired: false)]
  ) { arguments, context in
    guard let code = arguments.positional.first else {
      let width = PluginExplanation.all.map(\.code.count).max() ?? 0
      for explanation in PluginExplanation.all {
        let line = explanation.what.split(separator: ". ", maxSplits: 1).first.map(String.init) ?? explanation.what
        context.output.write("\(explanation.code.padded(to: width))  \(line.hasSuffix(".") ? line : line + ".")\n")
      }
      return .clean
    }
    guard let explanation = PluginExplanation.of(code) else {
      let codes = PluginExplanation.all.map(\.code)
      throw CommandFailure.usage("no code \"\(code)\"; \(SourceReader.suggestion(for: code, among: codes))")
    }
    context.output.write(explanation.text)
    return .clean
  }
}
