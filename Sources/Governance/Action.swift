/// One AWS call: what is called, not who calls or where.
package struct APICall: Sendable, Equatable {
  package var service: String
  package var operation: String
  package var parameters: Document

  package init(service: String, operation: String, parameters: Document) {
    self.service = service
    self.operation = operation
    self.parameters = parameters
  }

  package var document: Document {
    ["service": Document(service), "operation": Document(operation), "parameters": parameters]
  }

  package init(document: Document) throws(DocumentError) {
    guard let service = document["service"]?.string, let operation = document["operation"]?.string else {
      throw DocumentError(reason: "a call needs \"service\" and \"operation\"")
    }
    self.init(service: service, operation: operation, parameters: document["parameters"] ?? .emptyObject)
  }
}

/// A read and what must hold for its response.
package struct Observation: Sendable, Equatable {
  package struct Expectation: Sendable, Equatable {
    package enum Comparison: String, Sendable, CaseIterable {
      case `is`, contains, lacks, absent
    }
    package var path: String
    package var comparison: Comparison
    package var value: Document

    package init(path: String, comparison: Comparison, value: Document) {
      self.path = path
      self.comparison = comparison
      self.value = value
    }

    package func holds(for response: Document) -> Bool {
      let place = response.at(path: path)
      switch comparison {
      case .is: return place == value
      case .contains: return place?.elements.contains { $0.includes(value) } ?? false
      case .lacks:
        // A list that is not there says nothing about what is in it.
        guard let place, place.kind == .array else { return false }
        return !place.elements.contains { $0.includes(value) }
      case .absent: return place.map { $0.isNull || ($0.kind == .array && $0.count == 0) } ?? true
      }
    }

    /// `LaunchPermissions contains {"Group":"all"}`
    package var text: String {
      comparison == .absent ? "\(path) is absent" : "\(path) \(comparison.rawValue) \(value.json)"
    }
  }

  package var call: APICall
  package var expectations: [Expectation]

  package init(call: APICall, expectations: [Expectation]) {
    self.call = call
    self.expectations = expectations
  }

  /// What does not hold, for a person; empty when all holds.
  package func broken(by response: Document) -> [String] {
    expectations.filter { !$0.holds(for: response) }.map {
      "expected \($0.text), found \(response.at(path: $0.path)?.json ?? "nothing there")"
    }
  }

  package var document: Document {
    call.document.setting(
      "expect",
      to: Document(
        expectations.map { expectation in
          Document(entries: [
            ("path", Document(expectation.path)),
            (expectation.comparison.rawValue, expectation.comparison == .absent ? true : expectation.value),
          ])
        }))
  }

  package init(document: Document) throws(DocumentError) {
    call = try APICall(document: document)
    expectations = []
    for element in document["expect"]?.elements ?? [] {
      let comparisons = Expectation.Comparison.allCases.filter { element[$0.rawValue] != nil }
      guard let path = element["path"]?.string, comparisons.count == 1, let comparison = comparisons.first else {
        throw DocumentError(
          reason: "an expectation needs \"path\" and one of is, contains, lacks, absent: \(element.json)")
      }
      let value = comparison == .absent ? .null : element[comparison.rawValue] ?? .null
      expectations.append(Expectation(path: path, comparison: comparison, value: value))
    }
    guard !expectations.isEmpty else {
      throw DocumentError(reason: "an observation without an expectation observes nothing")
    }
  }
}

/// A remediation before it happens.
package struct Action: Sendable, Equatable {
  package enum Risk: String, Sendable, CaseIterable { case low, medium, high }

  package var plugin: String
  package var check: String
  package var resource: ResourceKey
  package var arn: String
  package var summary: String
  package var risk: Risk
  package var call: APICall
  package var precondition: Observation
  package var undo: APICall?
  package var verification: Observation
  package var before: Document
  package var after: Document

  package init(
    plugin: String, check: String, resource: ResourceKey, arn: String, summary: String, risk: Risk, call: APICall,
    precondition: Observation, undo: APICall?, verification: Observation, before: Document, after: Document
  ) {
    self.plugin = plugin
    self.check = check
    self.resource = resource
    self.arn = arn
    self.summary = summary
    self.risk = risk
    self.call = call
    self.precondition = precondition
    self.undo = undo
    self.verification = verification
    self.before = before
    self.after = after
  }

  package var document: Document {
    Document(entries: [
      ("plugin", Document(plugin)), ("check", Document(check)),
      ("resourceType", Document(resource.type)), ("resourceId", Document(resource.id)),
      ("account", Document(resource.account)), ("region", Document(resource.region)), ("arn", Document(arn)),
      ("summary", Document(summary)), ("risk", Document(risk.rawValue)), ("call", call.document),
      ("before", before), ("after", after), ("precondition", precondition.document),
      ("verification", verification.document), ("undo", undo?.document),
    ])
  }

  package init(document: Document) throws(DocumentError) {
    func text(_ name: String) throws(DocumentError) -> String {
      guard let value = document[name]?.string else { throw DocumentError(reason: "an action needs \"\(name)\"") }
      return value
    }
    func part(_ name: String) throws(DocumentError) -> Document {
      guard let value = document[name] else { throw DocumentError(reason: "an action needs \"\(name)\"") }
      return value
    }
    guard let risk = Risk(rawValue: try text("risk")) else {
      throw DocumentError(reason: "\"risk\" is one of low, medium, high")
    }
    self.init(
      plugin: try text("plugin"), check: try text("check"),
      resource: ResourceKey(
        type: try text("resourceType"), id: try text("resourceId"), account: try text("account"),
        region: try text("region")),
      arn: try text("arn"), summary: try text("summary"), risk: risk, call: try APICall(document: part("call")),
      precondition: try Observation(document: part("precondition")), undo: nil,
      verification: try Observation(document: part("verification")), before: try part("before"),
      after: try part("after"))
    if let undo = document["undo"] { self.undo = try APICall(document: undo) }
  }
}

/// What a tagger proposes for one resource.
package struct TagOperation: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case set(value: String)
    case remove
    case rename(to: String)
  }
  /// Index in the batch.
  package var resource: Int
  package var key: String
  package var kind: Kind
  package var reason: String

  package init(resource: Int, key: String, kind: Kind, reason: String) {
    self.resource = resource
    self.key = key
    self.kind = kind
    self.reason = reason
  }
}
