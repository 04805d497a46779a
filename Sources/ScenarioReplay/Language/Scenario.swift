package import Configuration
package import EC2Simulator
package import Governance

/// A world, what happens in it, and what must be true afterwards.
package struct Scenario: Sendable, Equatable {
  /// One sentence: what is told.
  package var title: String
  package var world: ScenarioWorld
  /// How Reeve is configured in it: a `reeve.yaml` of its own.
  package var reeve: ScenarioConfiguration
  package var timeline: [ScenarioStep]
  /// At the end of the timeline.
  package var expectations: [Expectation]

  package init(
    title: String, world: ScenarioWorld, reeve: ScenarioConfiguration = .standard, timeline: [ScenarioStep],
    expectations: [Expectation]
  ) {
    self.title = title
    self.world = world
    self.reeve = reeve
    self.timeline = timeline
    self.expectations = expectations
  }

  /// Where the virtual clock starts when the world fixes no start: the same every time.
  package static let defaultStart = Timestamp(seconds: 1_795_428_000)

  package var start: Timestamp { world.world.start ?? Self.defaultStart }
}

/// The world that a scenario begins with, and how the scenario's file gives it.
package struct ScenarioWorld: Sendable, Equatable {
  package enum Writing: Sendable, Equatable {
    /// A world file; relative paths begin at the scenario's folder.
    case file(String)
    case inline(Document)
    /// Made in the program: written out in full.
    case value
  }

  package var writing: Writing
  package var world: World

  package init(_ world: World, writing: Writing = .value) {
    self.world = world
    self.writing = writing
  }

  package var document: Document {
    switch writing {
    case .file(let path): ["file": Document(path)]
    case .inline(let document): document
    case .value: world.dump(at: world.start ?? Scenario.defaultStart)
    }
  }

  /// Equal worlds, however they are written.
  package static func == (left: ScenarioWorld, right: ScenarioWorld) -> Bool {
    let now = Scenario.defaultStart
    return left.world.dump(at: left.world.start ?? now) == right.world.dump(at: right.world.start ?? now)
  }
}

/// A `reeve.yaml` that stands in a scenario.
package struct ScenarioConfiguration: Sendable, Equatable {
  package let document: Document
  package let configuration: ReeveConfiguration

  package static let standard = ScenarioConfiguration(
    document: .emptyObject, configuration: ReeveConfiguration())

  init(document: Document, configuration: ReeveConfiguration) {
    self.document = document
    self.configuration = configuration
  }

  package init(source: SourceValue) throws(SourceProblems) {
    configuration = try ReeveConfiguration.parse(source, isEmbedded: true)
    document = source.document
  }

  /// For scenarios that are made in a program.
  package init(document: Document) throws(SourceProblems) {
    try self.init(source: SourceValue(document: document, location: .init(file: "(generated)", line: 1, column: 1)))
  }

  package static func == (left: ScenarioConfiguration, right: ScenarioConfiguration) -> Bool {
    left.document == right.document
  }
}

extension SourceValue {
  /// A value that stands in no file: every place in it is the one that is given.
  package init(document: Document, location: Location) {
    func value(_ text: String) -> SourceValue { SourceValue(content: .string(text), location: location, text: text) }
    let content: Content
    var text = ""
    switch document.kind {
    case .null: content = .null
    case .boolean:
      content = .bool(document.bool ?? false)
      text = document.json
    case .integer:
      content = .integer(document.int ?? 0)
      text = document.json
    case .real:
      content = .real(document.real ?? 0)
      text = document.json
    case .string:
      text = document.string ?? ""
      content = .string(text)
    case .array: content = .sequence(document.elements.map { SourceValue(document: $0, location: location) })
    case .object:
      content = .mapping(
        document.entries.map { (value($0.name), SourceValue(document: $0.value, location: location)) })
    }
    self.init(content: content, location: location, text: text)
  }
}
