package import Governance

/// What is to be changed, before it is: the exact calls, what must still be true, what undoes them.
package struct Plan: Sendable, Equatable {
  package static let version = 1

  package var createdAt: Timestamp
  package var organization: String
  /// The sweep whose findings it answers.
  package var sweep: String
  package var actions: [Action]
  /// What a person has to do, since no plugin could derive it.
  package var leftToPeople: [String]

  package init(
    createdAt: Timestamp, organization: String, sweep: String, actions: [Action], leftToPeople: [String]
  ) {
    self.createdAt = createdAt
    self.organization = organization
    self.sweep = sweep
    self.actions = actions
    self.leftToPeople = leftToPeople
  }

  private var content: Document {
    Document(entries: [
      ("planVersion", Document(Plan.version)), ("createdAt", Document(createdAt.iso8601)),
      ("organization", Document(organization)), ("sweep", Document(sweep)),
      ("actions", Document(actions.map(\.document))), ("leftToPeople", Document(strings: leftToPeople)),
    ])
  }

  /// The plan's identity: a digest of everything it says.
  package func identity(digest: ([UInt8]) -> String) -> String { digest(Array(content.canonical.json.utf8)) }

  /// The plan file. An altered file is told by its digest.
  package func file(digest: ([UInt8]) -> String) -> String {
    content.setting("sha256", to: Document(identity(digest: digest))).prettyJSON + "\n"
  }

  package enum FileError: Error, Equatable, CustomStringConvertible {
    case notAPlan(String)
    case version(Int)
    case altered

    package var description: String {
      switch self {
      case .notAPlan(let reason): "not a plan file: \(reason)"
      case .version(let found):
        "plan version \(found), this reeve reads version \(Plan.version); make a new one with `reeve plan`"
      case .altered:
        "the plan was changed after it was written (its sha256 does not match); make a new one with `reeve plan`"
      }
    }
  }

  package init(file: [UInt8], digest: ([UInt8]) -> String) throws(FileError) {
    do {
      let document = try Document(json: file)
      guard let version = document["planVersion"]?.int else { throw FileError.notAPlan("no \"planVersion\"") }
      guard version == Plan.version else { throw FileError.version(version) }
      guard let created = document["createdAt"]?.string.flatMap({ Timestamp(iso8601: $0) }),
        let organization = document["organization"]?.string, let sweep = document["sweep"]?.string,
        let actions = document["actions"], actions.kind == .array, let sha256 = document["sha256"]?.string
      else {
        throw FileError.notAPlan("\"createdAt\", \"organization\", \"sweep\", \"actions\" and \"sha256\" are needed")
      }
      self.init(
        createdAt: created, organization: organization, sweep: sweep,
        actions: try actions.elements.map { try Action(document: $0) },
        leftToPeople: document["leftToPeople"]?.elements.compactMap(\.string) ?? [])
      guard identity(digest: digest) == sha256 else { throw FileError.altered }
    } catch let error as FileError {
      throw error
    } catch {
      throw .notAPlan("\(error)")
    }
  }
}
