import AWSWire
package import Governance

extension FaultRule {
  /// The words of `fault:`, and the keys that belong to each beside those of the match.
  static let kinds: [(name: String, keys: [String])] = [
    ("throttling", ["retryAfter"]), ("server-error", ["retryAfter"]), ("denied", ["reason"]),
    ("expired-credentials", []), ("error", ["code", "message", "status", "retryAfter"]), ("latency", ["delay"]),
    ("reset", ["handled"]), ("timeout", ["handled"]), ("truncated", ["bytes"]), ("garbled", []),
    ("stale-reads", ["lasts"]), ("block-public-access-lag", ["lasts"]),
    ("actor", ["as", "invokedBy", "when", "calls"]),
  ]
  static let matchKeys = [
    "service", "operation", "account", "region", "resource", "from", "until", "nth", "every", "first", "rate",
  ]

  /// The rules of a list, or of a mapping with the one key `faults`. What is wrong is left with the reader.
  package static func read(_ value: SourceValue, with reader: SourceReader) -> [FaultRule] {
    if case .mapping = value.content {
      return read(listed: reader.fields(of: value, known: ["faults"])["faults"], with: reader)
    }
    return read(listed: value, with: reader)
  }

  private static func read(listed value: SourceValue?, with reader: SourceReader) -> [FaultRule] {
    reader.elements(value).compactMap { FaultRuleReader(reader).rule($0) }
  }
}

/// One rule from a file.
private struct FaultRuleReader {
  let reader: SourceReader

  init(_ reader: SourceReader) { self.reader = reader }

  func rule(_ value: SourceValue) -> FaultRule? {
    let kinds = FaultRule.kinds
    guard let kind = value["fault"] else {
      reader.problem(
        value.location, "a fault needs the key \"fault\": one of \(kinds.map(\.name).sorted().joined(separator: ", "))")
      return nil
    }
    guard let name = reader.choice(kind, among: kinds.map(\.name)),
      let own = kinds.first(where: { $0.name == name })?.keys
    else { return nil }
    let fields = reader.fields(of: value, known: ["fault"] + FaultRule.matchKeys + own)
    guard let fault = fault(name, fields, at: value.location) else { return nil }
    return FaultRule(match(fields), fault, retryAfter: reader.duration(fields["retryAfter"]))
  }

  private func match(_ fields: [String: SourceValue]) -> FaultRule.Match {
    var match = FaultRule.Match()
    match.service = reader.text(fields["service"]) ?? "*"
    if let text = reader.text(fields["operation"]) {
      // `ec2:Describe*` says both.
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      match.operation = parts.last ?? text
      if parts.count == 2 { match.service = parts[0] }
    }
    if let place = fields["operation"] ?? fields["service"] { check(match, at: place.location) }
    match.account = reader.text(fields["account"]) ?? "*"
    match.region = reader.text(fields["region"]) ?? "*"
    match.resource = reader.text(fields["resource"])
    match.from = moment(fields["from"])
    match.until = moment(fields["until"])
    match.nth = reader.integer(fields["nth"], in: 1...Int.max)
    match.every = reader.integer(fields["every"], in: 1...Int.max)
    match.first = reader.integer(fields["first"], in: 1...Int.max)
    match.rate = reader.real(fields["rate"], in: 0...1)
    return match
  }

  /// All of each service's operations, for patterns.
  private static let operationNames = Dictionary(
    uniqueKeysWithValues: OperationTable.services.map { ($0, ServiceModel.named($0)?.operationNames ?? []) })

  /// A rule that can match nothing is a typing error.
  private func check(_ match: FaultRule.Match, at location: SourceValue.Location) {
    func fits(_ pattern: String, _ text: String) -> Bool { pattern == text || Wildcard.matches(pattern, text) }
    let services = OperationTable.services.filter { fits(match.service, $0) }
    guard !services.isEmpty else {
      let hint = SourceReader.suggestion(for: match.service, among: OperationTable.services)
      return reader.problem(location, "no service is called \"\(match.service)\"; \(hint)")
    }
    let isKnown = services.contains { service in
      match.operation == "*" || ServiceModel.named(service)?.operation(match.operation) != nil
        || Self.operationNames[service, default: []].contains { fits(match.operation, $0) }
    }
    guard isKnown else {
      let known = services.flatMap { OperationTable.operations(of: $0) }
      let hint = SourceReader.suggestion(for: match.operation, among: known)
      return reader.problem(location, "no operation is called \"\(match.operation)\"; \(hint)")
    }
  }

  private func moment(_ value: SourceValue?) -> FaultRule.Moment? {
    guard let value, let text = reader.text(value) else { return nil }
    if let time = Timestamp(iso8601: text) { return .at(time) }
    if let duration = Duration(text: text) { return .after(duration) }
    reader.problem(
      value.location,
      "\"\(text)\" is no moment; expected a time such as 2026-11-23T09:00:00Z, or how long after the rules are set, "
        + "such as 15m")
    return nil
  }

  private func fault(_ kind: String, _ fields: [String: SourceValue], at location: SourceValue.Location) -> Fault? {
    func duration(_ key: String) -> Duration? {
      if fields[key] == nil { reader.problem(location, "the fault \(kind) needs \"\(key)\", such as 30s") }
      return reader.duration(fields[key])
    }
    switch kind {
    case "throttling": return .throttled
    case "server-error": return .serverError
    case "denied": return .denied(reader.text(fields["reason"]) ?? "because a fault denies it")
    case "expired-credentials": return .expiredCredentials
    case "error":
      guard let code = reader.text(fields["code"]) else {
        reader.problem(location, "the fault error needs \"code\", such as InternalError")
        return nil
      }
      return .error(
        ServiceError(
          status: reader.integer(fields["status"], in: 400...599) ?? 400, code: code,
          message: reader.text(fields["message"]) ?? ""))
    case "latency": return duration("delay").map { .delayed($0) }
    case "reset": return .reset(handled: reader.bool(fields["handled"]) ?? false)
    case "timeout": return .timedOut(handled: reader.bool(fields["handled"]) ?? false)
    case "truncated": return .truncated(to: reader.integer(fields["bytes"]) ?? 100)
    case "garbled": return .garbled
    case "stale-reads": return duration("lasts").map { .staleReads($0) }
    case "block-public-access-lag": return duration("lasts").map { .blockPublicAccessLag($0) }
    default: return actors(fields, at: location)
    }
  }

  private func actors(_ fields: [String: SourceValue], at location: SourceValue.Location) -> Fault? {
    guard let principal = reader.text(fields["as"]), let calls = fields["calls"] else {
      reader.problem(location, "the fault actor needs \"as\", the ARN of a principal, and \"calls\"")
      return nil
    }
    if ARN(principal) == nil, let place = fields["as"]?.location {
      reader.problem(place, "\"\(principal)\" is no ARN; expected for example arn:aws:iam::123456789012:role/Pipeline")
    }
    let isBefore = reader.choice(fields["when"], among: ["before", "after"]) != "after"
    let invokedBy = reader.text(fields["invokedBy"])
    return .actors(
      reader.elements(calls).compactMap { call($0, principal: principal, invokedBy: invokedBy) }, isBefore: isBefore)
  }

  private func call(_ value: SourceValue, principal: String, invokedBy: String?) -> ActorCall? {
    let fields = reader.fields(of: value, known: ["operation", "region", "parameters"])
    guard let place = fields["operation"], let text = reader.text(place) else {
      reader.problem(value.location, "an actor's call needs \"operation\", such as ec2:ModifyImageAttribute")
      return nil
    }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, OperationTable.names.contains(text) else {
      reader.problem(
        place.location,
        "\"\(text)\" is not simulated; \(SourceReader.suggestion(for: text, among: OperationTable.names))")
      return nil
    }
    return ActorCall(
      principal: principal, invokedBy: invokedBy, service: parts[0], operation: parts[1],
      region: reader.text(fields["region"]), parameters: fields["parameters"]?.document ?? .emptyObject)
  }
}
