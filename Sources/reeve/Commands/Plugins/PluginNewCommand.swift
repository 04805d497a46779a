import Governance
import PluginHost

extension Command {
  static let pluginNew = Command(
    path: ["plugin", "new"], summary: "begin a plugin of your own: a package that builds and passes its test as it is",
    discussion: """
      Makes a folder with the plugin, its plugin.json, a test and a Makefile: `make` builds and tests, `make find` shows
      the first finding on the demo organization, `make validate` asks all that the contract asks.
      """,
    options: [
      .init(name: "--kind", value: "KIND", help: "discovery, check, tagger or remediator. Default: check"),
      .init(name: "--lang", value: "LANGUAGE", help: "swift or c. Default: swift"),
      .init(name: "--id", value: "ID", help: "the plugin's id. Default: example. and the name, as example.image-age"),
      .init(name: "--in", value: "FOLDER", help: "where the package's folder is made. Default: here"),
    ], arguments: [.init(name: "NAME", help: "the plugin's name, as ImageAge or image-age")]
  ) { arguments, context in
    let package = try PluginPackage(arguments)
    let folder = try package.write(context)
    context.output.write(
      """
      \(folder): \(package.id), a \(package.kind.rawValue) in \(package.language == .swift ? "Swift" : "C")
      next: cd \(folder) && make && make find

      """)
    return .clean
  }
}

/// The package that `reeve plugin new` makes, from the templates that are installed with reeve.
struct PluginPackage {
  enum Kind: String, CaseIterable { case discovery, check, tagger, remediator }
  enum Language: String, CaseIterable { case swift, c }

  let module: String
  let id: String
  let kind: Kind
  let language: Language
  private let parent: String

  init(_ arguments: Arguments) throws(UsageError) {
    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, _ fallback: Word) throws(UsageError)
      -> Word
    {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      return try arguments.parsed(name, expected: "one of \(words)") { Word(rawValue: $0) } ?? fallback
    }
    kind = try word("--kind", Kind.check)
    language = try word("--lang", Language.swift)
    let name = arguments.positional[0]
    let parts = Self.words(of: name)
    guard let first = parts.first, first.first?.isLetter == true, parts.allSatisfy({ $0.allSatisfy(\.isASCII) }) else {
      throw UsageError(
        problems: ["\"\(name)\" is no name for a plugin: expected letters and digits, as in ImageAge or image-age"],
        command: "plugin new")
    }
    module = parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    let id = arguments.value("--id") ?? "example." + parts.map { $0.lowercased() }.joined(separator: "-")
    guard PluginIdentifier.isValid(id) else {
      throw UsageError(
        problems: [
          "--id \(id): expected an id such as org.example.image-age (lower-case letters, digits, dashes, dots)"
        ],
        command: "plugin new")
    }
    self.id = id
    parent = arguments.value("--in") ?? "."
  }

  /// `ImageAge2`, `image-age2` → `Image`, `Age2`. Empty: there is something in it that no name has.
  private static func words(of name: String) -> [String] {
    guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }) else { return [] }
    var words: [String] = []
    var previous: Character = "-"
    for character in name {
      if character == "-" || character == "_" {
        previous = character
        continue
      }
      let begins = previous == "-" || previous == "_" || (character.isUppercase && !previous.isUppercase)
      if begins { words.append("") }
      words[words.count - 1].append(character)
      previous = character
    }
    return words
  }

  /// The folder that was made.
  func write(_ context: Context) throws -> String {
    let folder = parent == "." ? module : "\(parent)/\(module)"
    guard try !context.files.exists(folder) else {
      throw CommandFailure.usage(
        "\(folder) exists; nothing was written. Choose another NAME, or another folder with --in")
    }
    let templates = try Installation.file("templates", "Plugins/Templates", context) + "/" + language.rawValue
    let values = try values(context)
    var written = 0
    for source in ["common", kind.rawValue] {
      written += try write(context, from: "\(templates)/\(source)", to: folder, values)
    }
    guard written > 0 else {
      throw CommandFailure.failed("\(templates) holds no templates; `make install` puts them there")
    }
    return folder
  }

  private func values(_ context: Context) throws -> [(mark: String, value: String)] {
    let world = kind == .discovery
    let input = world ? "--world Tests/world.yaml" : "--resources Tests/resources.json"
    return [
      ("{{MODULE}}", module), ("{{ID}}", id), ("{{REEVE}}", context.executable),
      ("{{KIT}}", try kit(context)),
      ("{{INCLUDE}}", try Installation.header(context)),
      ("{{TEST}}", "$(REEVE) plugin run $(LIBRARY) \(input) --expect Tests/expected.json"),
    ]
  }

  /// Only a package in Swift needs it.
  private func kit(_ context: Context) throws -> String {
    language == .swift ? try Installation.file("ReevePluginKit", ".build/kit/ReevePluginKit", context) : ""
  }

  private func write(
    _ context: Context, from source: String, to target: String, _ values: [(mark: String, value: String)]
  ) throws -> Int {
    var count = 0
    for name in try context.files.names(in: source) ?? [] {
      if let inner = try context.files.names(in: "\(source)/\(name)"), !inner.isEmpty {
        count += try write(
          context, from: "\(source)/\(name)", to: "\(target)/\(name.replacing("MODULE", with: module))", values)
        continue
      }
      guard name.hasSuffix(".template"), let bytes = try context.files.contents(of: "\(source)/\(name)") else {
        continue
      }
      var text = String(decoding: bytes, as: UTF8.self)
      for (mark, value) in values { text = text.replacing(mark, with: value) }
      let plain = String(name.dropLast(".template".count)).replacing("MODULE", with: module)
      try context.files.makeDirectory(target)
      try context.files.replace(
        "\(target)/\(plain == "gitignore" ? ".gitignore" : plain)", with: Array(text.utf8), mode: 0o644)
      count += 1
    }
    return count
  }
}
