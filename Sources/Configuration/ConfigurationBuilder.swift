import Governance

/// A validated value → the configuration. What it reads and the table does not know shows as a problem, not as a default.
struct ConfigurationBuilder {
  let root: SourceValue
  private let reader = SourceReader()

  init(root: SourceValue) { self.root = root }

  func build() throws(SourceProblems) -> ReeveConfiguration {
    var configuration = ReeveConfiguration()
    configuration.profile = text(root["profile"])
    configuration.region = text(root["region"])
    configuration.roles = reader.elements(root["roles"]).map(role)
    let organization = root["organization"]
    configuration.accounts = texts(organization?["accounts"])
    configuration.accountSelection = AccountSelection(
      include: accountRules(organization?["include"], "organization.include"),
      exclude: accountRules(organization?["exclude"], "organization.exclude"))
    configuration.regions = selection("regions")
    configuration.checks = selection("checks")
    configuration.trusted = texts(root["trusted"])
    configuration.plugins = plugins(root["plugins"])
    configuration.ledger = path(text(root["ledger"]) ?? configuration.ledger)
    configuration.failOn = text(root["failOn"]).flatMap(Severity.init(rawValue:)) ?? configuration.failOn
    configuration.limits = limits(root["limits"])
    configuration.budgets = budgets(root["budgets"])
    try reader.finish()
    return configuration
  }

  private func role(_ hop: SourceValue) -> ReeveConfiguration.Role {
    let arn = text(hop["arn"]) ?? ReeveConfiguration.Role.template(name: text(hop["name"]) ?? "")
    return ReeveConfiguration.Role(
      arn: arn, externalID: text(hop["externalId"]), sessionName: text(hop["sessionName"]),
      duration: given(hop["duration"]).flatMap { reader.duration($0) },
      tags: entries(hop["tags"]).map { Tag(key: $0.name.text, value: text($0.value) ?? "") })
  }

  private func accountRules(_ value: SourceValue?, _ key: String) -> AccountSelection.Rules {
    var rules = AccountSelection.Rules()
    rules.accounts = self.rules(value?["accounts"], "\(key).accounts")
    rules.units = self.rules(value?["units"], "\(key).units")
    for entry in entries(value?["tags"]) {
      let tag = entry.name.text
      rules.tags += self.rules(entry.value, "\(key).tags.\(tag)").map { AccountSelection.TagRule(tag: tag, rule: $0) }
    }
    return rules
  }

  private func selection(_ key: String) -> Selection {
    Selection(
      include: rules(root[key]?["include"], "\(key).include"), exclude: rules(root[key]?["exclude"], "\(key).exclude"))
  }

  private func rules(_ value: SourceValue?, _ key: String) -> [SelectionRule] {
    guard let value = given(value) else { return [] }
    let items: [SourceValue] = if case .sequence(let elements) = value.content { elements } else { [value] }
    return items.map { SelectionRule(key: key, pattern: text($0) ?? "", location: $0.location) }
  }

  private func plugins(_ value: SourceValue?) -> ReeveConfiguration.Plugins {
    var plugins = ReeveConfiguration.Plugins()
    plugins.directories = texts(value?["directories"]).map(path)
    plugins.lock = text(value?["lock"]).map(path)
    plugins.sandboxesShipped = text(value?["isolation"]) == "sandbox"
    plugins.allowsDegradedSandbox = text(value?["degradedSandbox"]) == "allow"
    plugins.trustedKeys = texts(value?["trustedKeys"])
    for entry in entries(value?["configuration"]) {
      plugins.configurations[entry.name.text] = given(entry.value)?.document ?? .emptyObject
      plugins.locations[entry.name.text] = entry.value.location
    }
    return plugins
  }

  private func limits(_ value: SourceValue?) -> ReeveConfiguration.Limits {
    var limits = ReeveConfiguration.Limits()
    limits.share = real(value?["share"]) ?? limits.share
    limits.concurrency = integer(value?["concurrency"]) ?? limits.concurrency
    limits.maximumDuration = given(value?["maxDuration"]).flatMap { reader.duration($0) }
    let age = given(value?["launchPermissionsMaximumAge"]).flatMap { reader.duration($0) }
    limits.launchPermissionsMaximumAge = age ?? limits.launchPermissionsMaximumAge
    limits.attempts = integer(value?["attempts"]) ?? limits.attempts
    return limits
  }

  private func budgets(_ value: SourceValue?) -> ReeveConfiguration.Budgets {
    var budgets = ReeveConfiguration.Budgets()
    budgets.actionsPerRun = integer(value?["actionsPerRun"]) ?? budgets.actionsPerRun
    budgets.actionsPerAccount = integer(value?["actionsPerAccount"]) ?? budgets.actionsPerAccount
    budgets.actionsPerDay = integer(value?["actionsPerDay"]) ?? budgets.actionsPerDay
    budgets.failureRate = real(value?["failureRate"]) ?? budgets.failureRate
    return budgets
  }

  /// Relative to the folder of the file.
  private func path(_ path: String) -> String {
    guard !path.hasPrefix("/"), let end = root.location.file.lastIndex(of: "/") else { return path }
    return root.location.file[...end] + path
  }

  private func given(_ value: SourceValue?) -> SourceValue? {
    if case .null = value?.content { nil } else { value }
  }
  private func text(_ value: SourceValue?) -> String? { reader.text(given(value)) }
  private func texts(_ value: SourceValue?) -> [String] { reader.texts(given(value)) }
  private func integer(_ value: SourceValue?) -> Int? { reader.integer(given(value)) }
  private func real(_ value: SourceValue?) -> Double? { reader.real(given(value), in: 0...1) }
  private func entries(_ value: SourceValue?) -> [(name: SourceValue, value: SourceValue)] {
    given(value).map { reader.entries(of: $0) } ?? []
  }
}
