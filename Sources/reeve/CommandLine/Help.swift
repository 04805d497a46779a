/// The texts of `--help`.
enum Help {
  static func overview(_ commands: [Command]) -> String {
    let width = commands.map(\.name.count).max() ?? 0
    var text = """
      reeve governs the machine images of an AWS organization: it finds every image that is public or shared with
      strangers, says what it could not look at, and closes what it found with a plan, a journal and a way back.

      usage: reeve COMMAND [options]


      """
    for command in commands {
      text += "  \(command.name.padded(to: width))  \(command.summary)\n"
    }
    text += """

      exit status: 0 no gap and nothing open, 1 findings open, 2 usage or configuration, 3 something could not be
      looked at, 4 failed or another sweep holds the ledger

      `reeve COMMAND --help` tells more; `reeve --version` prints the version.

      """
    return text
  }

  static func text(of command: Command) -> String {
    let arguments = command.arguments.map { argument in
      (argument.isRequired ? " \(argument.name)" : " [\(argument.name)]") + (argument.repeats ? "…" : "")
    }.joined()
    var text = "usage: reeve \(command.name)\(command.options.isEmpty ? "" : " [options]")\(arguments)\n\n"
    text += wrapped(command.summary + ".", indent: 0)
    if !command.discussion.isEmpty { text += "\n" + command.discussion + "\n" }
    for argument in command.arguments { text += "\n" + entry(argument.name, argument.help) }
    if !command.options.isEmpty { text += "\noptions:\n" }
    for option in command.options {
      text += entry(option.name + (option.value.map { " \($0)" } ?? ""), option.help)
    }
    return text
  }

  private static func entry(_ name: String, _ help: String) -> String {
    let column = 28
    let head = "  " + name
    guard head.count <= column - 2 else { return head + "\n" + wrapped(help, indent: column) }
    return head.padded(to: column) + wrapped(help, indent: column).dropFirst(column)
  }

  private static func wrapped(_ text: String, indent: Int, width: Int = 100) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines.map { String(repeating: " ", count: indent) + $0 + "\n" }.joined()
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
