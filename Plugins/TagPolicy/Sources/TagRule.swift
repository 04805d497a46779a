import ReevePluginKit

/// One required tag: its key, what values it takes, where it is required, and what it can be derived from.
struct TagRule: Sendable {
  var key: String
  /// Allowed values; empty: any.
  var values: [String] = []
  var pattern: TagPattern?
  var defaultValue: String?
  var defaultByAccount: [String: String] = [:]
  /// Other spellings of the key, in order of preference. Spellings that differ in case only count without being named.
  var aliases: [String] = []
  /// Ids of the organizational units (or roots) whose accounts it binds; empty: all.
  var units: [String] = []

  init(key: String) { self.key = key }

  /// `path` says where in the configuration it stands.
  init(_ document: Document, path: String) throws {
    guard let key = document["key"]?.string, !key.isEmpty else {
      throw ConfigurationError("\(path).key: expected the required tag's key, a text that is not empty")
    }
    guard !key.isReservedTagKey else {
      throw ConfigurationError("\(path).key: \"\(key)\" begins with \"aws:\", which only AWS itself may set")
    }
    self.key = key
    values = try document.strings("values", path: path)
    pattern = try document.text("pattern", path: path).map { TagPattern($0) }
    defaultValue = try document.text("default", path: path)
    aliases = try document.strings("aliases", path: path).filter { !$0.isReservedTagKey && $0 != key }
    units = try document.strings("units", path: path)
    for entry in document["defaultByAccount"]?.entries ?? [] {
      guard let value = entry.value.string else {
        throw ConfigurationError("\(path).defaultByAccount.\(entry.name): expected a text")
      }
      defaultByAccount[entry.name] = value
    }
    let defaults = [defaultValue].compactMap { $0 } + defaultByAccount.values.sorted()
    if let bad = defaults.first(where: { !accepts($0) }) {
      throw ConfigurationError("\(path): the default \"\(bad)\" is not a value that this rule allows")
    }
  }

  static func list(_ configuration: Document) throws -> [TagRule] {
    // Without a configuration, an image must at least say whose it is.
    guard let required = configuration["required"] else { return [TagRule(key: "Owner")] }
    return try required.elements.enumerated().map { try TagRule($1, path: "required[\($0)]") }
  }

  func accepts(_ value: String) -> Bool {
    guard !value.allSatisfy(\.isWhitespace) else { return false }
    return (values.isEmpty || values.contains(value)) && (pattern?.matches(value) ?? true)
  }

  /// Whether it binds the account; nil when its organizational unit is not known.
  func binds(account: String, in organization: Organization) -> Bool? {
    if units.isEmpty { return true }
    let answers = units.map { organization.isAccount(account, in: $0) }
    if answers.contains(true) { return true }
    return answers.contains(where: { $0 == nil }) ? nil : false
  }

  func defaultValue(for account: String) -> String? { defaultByAccount[account] ?? defaultValue }

  /// What a valid value looks like, for messages.
  var expectation: String {
    var parts: [String] = []
    if !values.isEmpty { parts.append("one of \(values.sorted().map { "\"\($0)\"" }.joined(separator: ", "))") }
    if let pattern { parts.append("like \"\(pattern.text)\"") }
    return parts.isEmpty ? "not empty" : parts.joined(separator: " and ")
  }
}

extension String {
  /// "Tag keys … can't begin with aws:" (EC2 User Guide, tag restrictions), in any case.
  var isReservedTagKey: Bool { lowercased().hasPrefix("aws:") }
}

extension Document {
  fileprivate func text(_ name: String, path: String) throws -> String? {
    guard let value = self[name], !value.isNull else { return nil }
    guard let text = value.string else { throw ConfigurationError("\(path).\(name): expected a text") }
    return text
  }

  fileprivate func strings(_ name: String, path: String) throws -> [String] {
    guard let value = self[name], !value.isNull else { return [] }
    guard value.kind == .array else { throw ConfigurationError("\(path).\(name): expected a list of texts") }
    return try value.elements.enumerated().map { index, element in
      guard let text = element.string else { throw ConfigurationError("\(path).\(name)[\(index)]: expected a text") }
      return text
    }
  }
}
