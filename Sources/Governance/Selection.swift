/// One line of an include or exclude list, known by its place, so that coverage can name what excluded a scope.
package struct SelectionRule: Sendable, Equatable {
  /// `organization.exclude.accounts`
  package var key: String
  /// An id, or a pattern in which `*` stands for anything.
  package var pattern: String
  /// Where it was written; nil for one that came from the command line.
  package var location: SourceValue.Location?

  package init(key: String, pattern: String, location: SourceValue.Location? = nil) {
    self.key = key
    self.pattern = pattern
    self.location = location
  }

  /// `organization.exclude.accounts (reeve.yaml:12)`
  package var place: String {
    guard let location else { return key }
    return "\(key) (\(location.file.split(separator: "/").last ?? ""):\(location.line))"
  }

  package func matches(_ text: String) -> Bool { Self.matches(Array(pattern.utf8)[...], Array(text.utf8)[...]) }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var pattern = pattern
    var text = text
    // Where to go on when what follows the last `*` did not fit: one byte later.
    var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (pattern, text)
      } else if let byte = text.first, byte == pattern.first {
        pattern = pattern.dropFirst()
        text = text.dropFirst()
      } else if text.isEmpty, pattern.isEmpty {
        return true
      } else if let again = retry, !again.text.isEmpty {
        retry = (again.pattern, again.text.dropFirst())
        pattern = again.pattern
        text = again.text.dropFirst()
      } else {
        return false
      }
    }
  }
}

/// Regions or checks: what is included, less what is excluded. Nothing included means everything.
package struct Selection: Sendable, Equatable {
  package var include: [SelectionRule]
  package var exclude: [SelectionRule]

  package init(include: [SelectionRule] = [], exclude: [SelectionRule] = []) {
    self.include = include
    self.exclude = exclude
  }

  /// Why this is left out; nil when it is selected.
  package func exclusion(of text: String) -> String? {
    if let rule = exclude.first(where: { $0.matches(text) }) { return "excluded by \(rule.place)" }
    guard let first = include.first, !include.contains(where: { $0.matches(text) }) else { return nil }
    return "not included by \(first.place)"
  }

  /// Included patterns that match nothing: most likely a typing error.
  package func unmatched(in words: Set<String>) -> [String] {
    include.filter { rule in !words.contains { rule.matches($0) } }.map {
      "\($0.place): \"\($0.pattern)\" matches nothing"
    }
  }

  package var key: String {
    "include=\(include.map(\.pattern).sorted().joined(separator: ",")) "
      + "exclude=\(exclude.map(\.pattern).sorted().joined(separator: ","))"
  }
}

/// Accounts: by id, by organizational unit (the units below it too), by tag.
package struct AccountSelection: Sendable, Equatable {
  package struct TagRule: Sendable, Equatable {
    package var tag: String
    package var rule: SelectionRule

    package init(tag: String, rule: SelectionRule) {
      self.tag = tag
      self.rule = rule
    }
  }

  package struct Rules: Sendable, Equatable {
    package var accounts: [SelectionRule]
    package var units: [SelectionRule]
    package var tags: [TagRule]

    package init(accounts: [SelectionRule] = [], units: [SelectionRule] = [], tags: [TagRule] = []) {
      self.accounts = accounts
      self.units = units
      self.tags = tags
    }

    package var isEmpty: Bool { accounts.isEmpty && units.isEmpty && tags.isEmpty }

    /// The first rule that holds for the account.
    func rule(for account: Account) -> SelectionRule? {
      let units = account.unitPath.split(separator: "/").map(String.init)
      return accounts.first { $0.matches(account.id) }
        ?? self.units.first { rule in
          let id = rule.pattern.split(separator: "/").last.map(String.init) ?? rule.pattern
          return units.contains(id)
        }
        ?? tags.first { tag in account.tags.contains { $0.key == tag.tag && tag.rule.matches($0.value) } }?.rule
    }

    fileprivate var first: SelectionRule? { accounts.first ?? units.first ?? tags.first?.rule }
    var place: String { first?.place ?? "" }
  }

  package var include: Rules
  package var exclude: Rules

  package init(include: Rules = Rules(), exclude: Rules = Rules()) {
    self.include = include
    self.exclude = exclude
  }

  package var namesUnits: Bool { !include.units.isEmpty || !exclude.units.isEmpty }

  /// Why this account is left out; nil when it is selected. An exclusion wins over an inclusion.
  package func exclusion(of account: Account) -> String? {
    if let rule = exclude.rule(for: account) { return "excluded by \(rule.place)" }
    if include.isEmpty || include.rule(for: account) != nil { return nil }
    return "not included by \(include.place)"
  }

  /// Rules that hold for no account: most likely a typing error, and then the selection is not what its author believes.
  package func unmatched(in accounts: [Account]) -> [String] {
    [include, exclude].flatMap { $0.each }.filter { rules in accounts.allSatisfy { rules.rule(for: $0) == nil } }
      .map { "\($0.place): matches no account" }
  }

  /// Equal for two selections of the same accounts, wherever they were written.
  package var key: String { "include=\(include.key) exclude=\(exclude.key)" }
}

extension AccountSelection.Rules {
  /// Each rule alone.
  fileprivate var each: [Self] {
    accounts.map { Self(accounts: [$0]) } + units.map { Self(units: [$0]) } + tags.map { Self(tags: [$0]) }
  }

  fileprivate var key: String {
    let words =
      accounts.map { "account:\($0.pattern)" } + units.map { "unit:\($0.pattern)" }
      + tags.map { "tag:\($0.tag)=\($0.rule.pattern)" }
    return words.sorted().joined(separator: ",")
  }
}
