/// What the process was started with. Read once, in `reeve`.
package struct AmbientEnvironment: Sendable, CustomStringConvertible, CustomReflectable {
  package var variables: [String: String]
  /// The user's home folder, for `~/.aws`.
  package var home: String

  package init(variables: [String: String], home: String) {
    self.variables = variables
    self.home = home
  }

  /// A variable that is set to nothing counts as not set.
  package subscript(name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// `~` and `~/…` begin at the home folder.
  package func path(_ text: String) -> String {
    text == "~" ? home : text.hasPrefix("~/") ? home + text.dropFirst() : text
  }

  // Environments hold secrets: only their size is ever printed.
  package var description: String { "environment of \(variables.count) variables" }
  package var customMirror: Mirror { Mirror(self, children: ["count": variables.count]) }
}

/// Files that credentials are configured in.
package protocol CredentialFiles: Sendable {
  /// nil: there is no such file. Throws when there is one and it cannot be read.
  func contents(of path: String) throws -> [UInt8]?
}

/// Runs a program that prints credentials.
package protocol CommandRunner: Sendable {
  /// Without a shell. What the program writes to standard error goes to Reeve's own.
  func run(_ arguments: [String], timeout: Duration) async throws -> CommandOutcome
}

package struct CommandOutcome: Sendable {
  package var status: Int32
  package var output: [UInt8]

  package init(status: Int32, output: [UInt8]) {
    self.status = status
    self.output = output
  }
}
