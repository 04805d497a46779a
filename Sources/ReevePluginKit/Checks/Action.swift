/// A remediation before it happens: the exact call, what must hold before it, what undoes it, and what proves it.
public struct Action: Sendable, Equatable {
  public enum Risk: UInt32, Sendable {
    case low = 1
    case medium, high
  }

  public struct Call: Sendable, Equatable {
    public var service: String
    public var operation: String
    public var parameters: Document

    public init(_ service: String, _ operation: String, _ parameters: Document) {
      self.service = service
      self.operation = operation
      self.parameters = parameters
    }

    var entries: [(name: String, value: Document)] {
      [
        (name: "service", value: .string(service)), (name: "operation", value: .string(operation)),
        (name: "parameters", value: parameters),
      ]
    }
  }

  /// A read, and what its response must look like.
  public struct Observation: Sendable, Equatable {
    public var call: Call
    /// All must hold.
    public var expect: [Expectation]

    public init(_ service: String, _ operation: String, _ parameters: Document, expect: [Expectation]) {
      call = Call(service, operation, parameters)
      self.expect = expect
    }

    var document: Document {
      .object(call.entries + [(name: "expect", value: .array(expect.map(\.document)))])
    }
  }

  /// What must hold for the value at a path of names and indexes joined by dots.
  public enum Expectation: Sendable, Equatable {
    case equals(String, Document)
    /// An element of the array has at least these entries.
    case contains(String, Document)
    /// No element has these entries.
    case lacks(String, Document)
    /// Nothing is there, or null, or an empty array.
    case absent(String)

    var document: Document {
      switch self {
      case .equals(let path, let value): ["path": .string(path), "is": value]
      case .contains(let path, let value): ["path": .string(path), "contains": value]
      case .lacks(let path, let value): ["path": .string(path), "lacks": value]
      case .absent(let path): ["path": .string(path), "absent": true]
      }
    }
  }

  /// The check whose finding this action answers.
  public var check: String
  /// One line for a person.
  public var summary: String
  public var risk: Risk
  public var call: Call
  public var precondition: Observation
  public var undo: Call
  public var verification: Observation
  /// The part of the resource that changes, as it is and as it will be.
  public var before: Document
  public var after: Document

  public init(
    check: String, summary: String, risk: Risk, call: Call, precondition: Observation, undo: Call,
    verification: Observation, before: Document, after: Document
  ) {
    self.check = check
    self.summary = summary
    self.risk = risk
    self.call = call
    self.precondition = precondition
    self.undo = undo
    self.verification = verification
    self.before = before
    self.after = after
  }
}
