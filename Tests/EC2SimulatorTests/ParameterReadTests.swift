import AWSWire
import Governance
import Testing

@testable import EC2Simulator

/// "An operation or parameter that is not there answers like AWS for an unknown one, is counted, and is named in the
/// fidelity page": of parameters, this is where it is held.
@Suite struct ParameterReadTests {
  #if DEBUG
    @Test("Every operation reads the parameters that it declares, and no other of the model's")
    func declaredIsRead() throws {
      let client = try SimulatorClient(yaml: GeneratedCalls.world, region: "us-east-1")
      for entry in OperationTable.entries {
        let operation = try #require(ServiceModel.named(entry.service)?.operation(entry.name))
        guard let input = operation.input else { continue }
        let read = try reads(entry, operation, client)
        let declared = ParameterTable.read(entry.service, entry.name)
        let unread = declared.paths.filter { !read.contains($0) }
        #expect(unread.isEmpty, "\(entry.action) declares \(unread) and does not read it")
        let undeclared = read.filter { path in
          path != "DryRun" && !declared.contains(path) && Self.shape(path.split(separator: "."), in: input) != nil
        }
        #expect(undeclared.isEmpty, "\(entry.action) reads \(undeclared.sorted()) and does not declare it")
      }
    }

    /// What a handler asks for in many calls of what the operation declares.
    private func reads(_ entry: OperationEntry, _ operation: Operation, _ client: SimulatorClient) throws -> Set<String>
    {
      var calls = GeneratedCalls(operation, seed: 1) { entry.parameters.contains($0) && $0 != "DryRun" }
      let watch = DocumentReads()
      let isAlone = entry.name == "CreateOrganization"
      func perform(_ service: String, _ name: String, _ parameters: Document) -> Result<Document, ServiceError> {
        client.simulator.perform(
          DirectCall(
            service: service, operation: name, region: "us-east-1", parameters: parameters,
            credentials: entry.needsSignature ? isAlone ? GeneratedCalls.alone : client.credentials : nil))
      }
      for round in 0..<150 {
        client.simulator.reset()
        for call in GeneratedCalls.preparations[entry.action] ?? [] {
          _ = try perform(call.service, call.operation, call.parameters).get()
        }
        let parameters = calls.next(percent: [0, 10, 30, 60, 100][round % 5])
        let answer = DocumentReads.$current.withValue(watch) { perform(entry.service, entry.name, parameters) }
        if case .failure(let error) = answer {
          #expect(error.code != "UnknownParameter", "\(entry.action)")
        }
      }
      return watch.paths
    }
  #endif

  @Test("A parameter of AWS's model that an operation does not declare is refused and counted, each of them")
  func undeclared() throws {
    let client = try SimulatorClient(yaml: GeneratedCalls.world, region: "us-east-1")
    var refused = 0
    for entry in OperationTable.entries where entry.needsSignature {
      let input = ServiceModel.named(entry.service)?.operation(entry.name)?.input
      for path in entry.refusedParameters {
        let steps = path.split(separator: ".")
        let parameters = try Self.value(steps, in: try #require(input))
        let answer = client.simulator.perform(
          DirectCall(
            service: entry.service, operation: entry.name, region: "us-east-1", parameters: parameters,
            credentials: client.credentials))
        guard case .failure(let error) = answer else {
          Issue.record("\(entry.action) took \(path)")
          continue
        }
        let codes = ["ec2": "UnknownParameter", "organizations": "InvalidInputException"]
        #expect(error.code == codes[entry.service] ?? "ValidationError", "\(entry.action) \(path): \(error)")
        #expect(error.message.contains(path), "\(entry.action) \(path): \(error)")
        #expect(client.simulator.calls.unsupported["\(entry.action):\(path.prefix(64))"] == 1)
        refused += 1
      }
    }
    #expect(refused > 40)
  }

  @Test("What the tables name is there: operations of the simulator, parameters of the model")
  func names() throws {
    let actions = Set(OperationTable.entries.map(\.action))
    #expect(ParameterTable.actions.filter { !actions.contains($0) } == [])
    for entry in OperationTable.entries {
      let declared = ParameterTable.read(entry.service, entry.name)
      let paths = declared.paths + entry.ignoredParameters.keys
      guard !paths.isEmpty else { continue }
      let input = try #require(ServiceModel.named(entry.service)?.operation(entry.name)?.input)
      for path in paths {
        #expect(Self.shape(path.split(separator: "."), in: input) != nil, "\(entry.action) has no parameter \(path)")
      }
      for path in entry.ignoredParameters.keys {
        #expect(!declared.contains(path), "\(entry.action) reads \(path), and ignores it")
      }
    }
  }

  @Test("A set holds members, members of members, and what is taken whole")
  func sets() {
    let set = ParameterSet("Name Filters{Name Values} Data*").union(ParameterSet("Filters{Kind}"))
    #expect(set.paths == ["Name", "Filters.Name", "Filters.Values", "Filters.Kind", "Data"])
    #expect(set.firstMissing(in: ["Name": "a", "Filters": [["Name": "x"], ["Kind": 1]], "Data": ["Any": [1]]]) == nil)
    #expect(set.firstMissing(in: ["Filters": [["Name": "x"], ["Other": 1]]]) == "Filters.Other")
    #expect(set.firstMissing(in: ["Other": [], "Neither": .null]) == nil)
    #expect(set.firstMissing(in: ["Other": false]) == "Other")
  }

  // MARK: Paths in shapes

  private static func shape(_ path: [Substring], in shape: Shape) -> Shape? {
    var shape = shape
    for step in path {
      while shape.kind == .list { shape = shape.element }
      guard let next = shape.member(named: String(step))?.shape else { return nil }
      shape = next
    }
    return shape
  }

  /// Parameters that hold nothing but something at a path.
  private static func value(_ path: [Substring], in shape: Shape) throws -> Document {
    switch shape.kind {
    case .structure:
      if let step = path.first {
        let member = try #require(shape.member(named: String(step)))
        return Document(entries: [(member.name, try value(Array(path.dropFirst()), in: member.shape))])
      }
      // An empty structure cannot be said in a form.
      let member = try #require(shape.members.first)
      return Document(entries: [(member.name, try value([], in: member.shape))])
    case .list: return Document([try value(path, in: shape.element)])
    case .map: return ["a": "b"]
    case .boolean: return false
    case .integer, .long: return 1
    case .float, .double: return Document(floatLiteral: 1)
    case .timestamp: return "2027-01-01T00:00:00Z"
    case .string, .blob: return "YQ=="
    }
  }
}
